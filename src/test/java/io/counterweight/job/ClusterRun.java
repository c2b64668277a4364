package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.SampleWeight;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TopicReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The job jar on a {@link LocalCluster}, hit while labelled events come, and the count of what came
 * of them: predictions by distinct id, weights read committed and compared with a plain loop.
 */
final class ClusterRun {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int MINI_BATCH = 8;
  private static final int SNAPSHOT_EVERY = 47;

  /**
   * Of events of one key, after which every event has a weight and the newest model is published.
   */
  static final int WHOLE = MINI_BATCH * SNAPSHOT_EVERY;

  private static final Duration BROKER_AWAY = Duration.ofSeconds(3);

  private final LocalCluster cluster;
  private final Path jobFile;
  private final EngineConfig config;
  private final Traffic traffic;
  private final int eventsPerKey;
  private final FaultTable table;
  private volatile String job;

  /** Something that goes wrong, and what is done about it. */
  interface Fault {
    void hit() throws Exception;
  }

  /** What a test waits for. */
  interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Starts the cluster and the job, with two slots; sends nothing yet.
   *
   * @param directory of the cluster
   * @param checkpoints as the processes of the cluster see it
   * @param eventsPerKey of the traffic; a multiple of {@link #WHOLE}
   */
  ClusterRun(
      LocalCluster cluster, Path directory, Path checkpoints, int eventsPerKey, FaultTable table)
      throws Exception {
    this.cluster = cluster;
    this.eventsPerKey = eventsPerKey;
    this.table = table;
    jobFile = Files.write(directory.resolve("job.yaml"), yaml(checkpoints));
    config = EngineConfig.load(jobFile, List.of());
    assertThat(eventsPerKey % WHOLE).isZero();
    cluster.call("start");
    KafkaTopics.create(config, PATIENCE);
    submit(2);
    traffic =
        new Traffic(
            cluster.bootstrapServers(),
            eventsPerKey,
            9,
            new Traffic.Topics(
                config.topics().events(),
                config.topics().trusted(),
                config.topics().predictions()));
  }

  /** The events; whoever takes them closes them. */
  Traffic traffic() {
    return traffic;
  }

  /** The id of the job that runs. */
  String job() {
    return job;
  }

  /** Hits, waits until the job has caught up, and adds a line to the table. */
  void hit(String name, Fault fault) throws Exception {
    int sent = traffic.sent();
    int predicted = traffic.predicted();
    assertThat(sent).as("events sent before: %s", name).isLessThan(traffic.labelled());
    String before = job;
    int failures = cluster.failures(job).size();
    long start = System.nanoTime();
    fault.hit();
    traffic.awaitCaughtUp(traffic.sent());
    Duration caughtUp = Duration.ofNanos(System.nanoTime() - start);
    int after = cluster.failures(job).size();
    // The history begins anew with a job and with a JobManager.
    boolean anew = !job.equals(before) || after < failures;
    table.add(name, sent, predicted, anew ? after : after - failures, caughtUp);
  }

  /** Kills it and starts another in its place, when the job has felt it. */
  void loseTaskManager(int number) throws Exception {
    assertThat(cluster.freeSlots()).isZero();
    int failures = cluster.failures(job).size();
    cluster.call("kill-taskmanager", Integer.toString(number));
    await("the job has failed", () -> cluster.failures(job).size() > failures);
    cluster.call("start-taskmanager", Integer.toString(number));
  }

  /** Kills it and starts it again; the job goes on under its id. */
  void loseJobManager() throws Exception {
    cluster.call("kill-jobmanager");
    cluster.call("start-jobmanager");
    await("the job is there again", () -> cluster.isRunning(job));
  }

  /** Kills it and starts it again on its folder. */
  void loseBroker() throws Exception {
    cluster.call("kill-broker");
    Thread.sleep(BROKER_AWAY.toMillis());
    cluster.call("start-broker");
  }

  /** Stops all processes without a savepoint, and goes on from the newest checkpoint. */
  void loseAll(Path checkpoints) throws Exception {
    cluster.call("stop");
    cluster.call("start");
    submit(2, "--from", cluster.call("newest", checkpoints.toString()));
  }

  /** Stops with a savepoint and goes on from it. */
  void rescale(int parallelism) throws Exception {
    await("all tasks run", () -> cluster.isRunning(job));
    String savepoint = cluster.call("savepoint");
    submit(parallelism, "--from", savepoint);
    assertThat(cluster.parallelism(job)).isEqualTo(parallelism);
  }

  /** Submits the job jar. */
  void submit(int parallelism, String... more) throws Exception {
    List<String> call =
        new ArrayList<>(
            List.of("submit", jobFile.toString(), "--set", "job.parallelism=" + parallelism));
    call.addAll(List.of(more));
    job = cluster.call(call.toArray(String[]::new));
  }

  /**
   * Waits for predictions and weights of all events, stops the job with a savepoint, and counts.
   */
  FaultCounts count() throws Exception {
    traffic.awaitSent();
    PlainRun expected = new PlainRun(config.learner(), traffic.records());
    assertThat(expected.weights).hasSize(traffic.labelled());
    Set<String> predicted = traffic.awaitPredictions(PATIENCE);
    try (TopicReader<SampleWeight> weights =
        reader(config.topics().weights(), RecordType.SAMPLE_WEIGHT)) {
      weights.await(PATIENCE, all -> all.size() >= traffic.labelled());
      await("all tasks run", () -> cluster.isRunning(job));
      // What is still in a transaction is committed or aborted then.
      cluster.call("savepoint");
      compareModels(expected.learners);
      return FaultCounts.of(expected.weights, predicted, weights.drain());
    }
  }

  private void compareModels(Map<String, byte[]> learners) {
    long last = eventsPerKey / config.learner().miniBatch();
    try (TopicReader<ModelSnapshot> models =
        reader(config.topics().models(), RecordType.MODEL_SNAPSHOT)) {
      List<ModelSnapshot> newest =
          models.drain().stream().filter(model -> model.modelVersion() == last).toList();
      assertThat(newest).hasSizeGreaterThanOrEqualTo(Traffic.KEYS);
      for (ModelSnapshot model : newest) {
        assertThat(model.learner()).isEqualTo(learners.get(model.modelKey()));
      }
    }
  }

  private <T> TopicReader<T> reader(String topic, RecordType<T> type) {
    return new TopicReader<>(cluster.bootstrapServers(), topic, type);
  }

  /** Waits for some minutes. */
  static void await(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("until %s", what).isLessThan(deadline);
      Thread.sleep(200);
    }
  }

  private List<String> yaml(Path checkpoints) {
    return List.of(
        "kafka.bootstrap-servers: " + cluster.bootstrapServers(),
        "topics.partitions: " + Traffic.KEYS,
        "model.features: " + Traffic.FEATURES,
        "model.concepts: {a: [0, 1], b: [2, 3]}",
        "model.hidden: [6, 4]",
        "learner.ordering: event-time",
        "learner.max-latency: 1 d",
        "learner.mini-batch: " + MINI_BATCH,
        "learner.snapshot-every: " + SNAPSHOT_EVERY,
        "watermarks.out-of-orderness: 0 s",
        "watermarks.idleness: 10 min",
        "state.checkpoint-interval: 1 s",
        "state.checkpoint-directory: " + checkpoints,
        "state.cache-bytes: 1 MiB");
  }
}
