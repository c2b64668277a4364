package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.SampleWeight;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TopicReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.flink.runtime.checkpoint.CheckpointFailureManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job jar on a cluster of separate processes, hit while events come: a TaskManager killed, the
 * job stopped and restored at another parallelism, the broker killed, checkpoints that cannot be
 * written. The weights topic, read committed, must hold every labelled event once, with the bits of
 * a plain loop over the records. The counts are written to {@code target/cluster-faults.md}.
 */
@Tag("cluster")
class ClusterFaultsITCase {
  private static final int EVENTS_PER_KEY = 1_504;
  private static final int EVENTS_PER_SECOND = 100;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration BROKER_AWAY = Duration.ofSeconds(3);
  private static final Path RESULT = Path.of("target", "cluster-faults.md");

  @TempDir Path directory;
  private final FaultTable table = new FaultTable();
  private LocalCluster cluster;
  private Path jobFile;
  private EngineConfig config;
  private String job;

  /** Something that goes wrong, and what is done about it. */
  private interface Fault {
    void hit() throws Exception;
  }

  @Test
  void nothingIsLostOrDoubled() throws Exception {
    cluster = new LocalCluster(directory);
    jobFile = Files.write(directory.resolve("job.yaml"), yaml());
    config = EngineConfig.load(jobFile, List.of());
    try (LocalCluster open = cluster) {
      try {
        open.call("start");
        KafkaTopics.create(config, PATIENCE);
        job = submit(2);
        hitWhileEventsCome();
      } catch (Exception | AssertionError e) {
        e.addSuppressed(open.state());
        throw e;
      }
    }
  }

  @Test
  void aPortThatIsTakenIsRefused() throws Exception {
    cluster = new LocalCluster(directory);
    int port = cluster.dashboard().getPort();
    try (LocalCluster open = cluster;
        ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> open.call("start"))
          .hasMessageContaining("port " + taken.getLocalPort() + " is taken")
          .hasMessageContaining("REST_PORT");
      assertThat(open.call("status")).isEmpty();
    }
  }

  private void hitWhileEventsCome() throws Exception {
    try (Traffic traffic = traffic().paced(EVENTS_PER_SECOND)) {
      traffic.start();
      at(0.08, traffic, "TaskManager killed (`kill -9`), another started", this::loseTaskManager);
      at(0.26, traffic, "stopped with a savepoint, restored with 1 slot", () -> rescale(1));
      at(0.40, traffic, "stopped with a savepoint, restored with 2 slots", () -> rescale(2));
      at(0.54, traffic, "broker killed (`kill -9`), started again after 3 s", this::loseBroker);
      at(0.74, traffic, "checkpoints cannot be written, then mended", this::loseCheckpoints);
      traffic.awaitSent();

      FaultCounts counts = count(traffic);
      table.write(RESULT, counts);
      int sent = traffic.labelled();
      assertThat(counts).isEqualTo(new FaultCounts(sent, sent, sent, 0, 0, 0));
    }
  }

  /** Hits when that share of the events is predicted, and waits until the job has caught up. */
  private void at(double share, Traffic traffic, String name, Fault fault) throws Exception {
    traffic.awaitShare(share);
    int sent = traffic.sent();
    int predicted = traffic.predicted();
    assertThat(sent).as("events sent before: %s", name).isLessThan(traffic.labelled());
    String before = job;
    int failures = cluster.failures(job).size();
    long start = System.nanoTime();
    fault.hit();
    traffic.awaitPredicted(traffic.sent());
    Duration caughtUp = Duration.ofNanos(System.nanoTime() - start);
    int fresh = cluster.failures(job).size() - (job.equals(before) ? failures : 0);
    table.add(name, sent, predicted, fresh, caughtUp);
  }

  private void loseTaskManager() throws Exception {
    assertThat(cluster.freeSlots()).isZero();
    cluster.call("kill-taskmanager", "1");
    await("the job has failed", () -> !cluster.failures(job).isEmpty());
    cluster.call("start-taskmanager", "1");
  }

  private void rescale(int parallelism) throws Exception {
    String savepoint = cluster.call("savepoint");
    job = submit(parallelism, "--from", savepoint);
    assertThat(cluster.parallelism(job)).isEqualTo(parallelism);
  }

  private void loseBroker() throws Exception {
    cluster.call("kill-broker");
    Thread.sleep(BROKER_AWAY.toMillis());
    cluster.call("start-broker");
  }

  /** A file in the place of the folder: also the superuser cannot write then. */
  private void loseCheckpoints() throws Exception {
    Path folder = directory.resolve("checkpoints");
    Path away = directory.resolve("checkpoints-away");
    int failed = cluster.failedCheckpoints(job);
    int failures = cluster.failures(job).size();
    assertThat(cluster.completedCheckpoints(job)).isPositive();

    Files.move(folder, away);
    Files.createFile(folder);
    await("a checkpoint fails", () -> cluster.failedCheckpoints(job) > failed);
    await("the job has failed", () -> cluster.failures(job).size() > failures);
    assertThat(cluster.failures(job))
        .anyMatch(
            trace ->
                trace.contains(
                    CheckpointFailureManager.EXCEEDED_CHECKPOINT_TOLERABLE_FAILURE_MESSAGE));

    Files.delete(folder);
    Files.move(away, folder);
    int completed = cluster.completedCheckpoints(job);
    await("checkpoints succeed", () -> cluster.completedCheckpoints(job) > completed);
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(String what, Condition condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("until %s", what).isLessThan(deadline);
      Thread.sleep(200);
    }
  }

  private FaultCounts count(Traffic traffic) throws Exception {
    PlainRun expected = new PlainRun(config.learner(), traffic.records());
    assertThat(expected.weights).hasSize(traffic.labelled());
    Set<String> predicted = traffic.awaitPredictions(PATIENCE);
    try (TopicReader<SampleWeight> weights =
        reader(config.topics().weights(), RecordType.SAMPLE_WEIGHT)) {
      weights.await(PATIENCE, all -> all.size() >= traffic.labelled());
      // What is still in a transaction is committed or aborted then.
      cluster.call("savepoint");
      compareModels(expected);
      return FaultCounts.of(expected.weights, predicted, weights.drain());
    }
  }

  private void compareModels(PlainRun expected) {
    long last = EVENTS_PER_KEY / config.learner().miniBatch();
    try (TopicReader<ModelSnapshot> models =
        reader(config.topics().models(), RecordType.MODEL_SNAPSHOT)) {
      List<ModelSnapshot> newest =
          models.drain().stream().filter(model -> model.modelVersion() == last).toList();
      assertThat(newest).hasSizeGreaterThanOrEqualTo(Traffic.KEYS);
      for (ModelSnapshot model : newest) {
        assertThat(model.learner()).isEqualTo(expected.learners.get(model.modelKey()));
      }
    }
  }

  private <T> TopicReader<T> reader(String topic, RecordType<T> type) {
    return new TopicReader<>(cluster.bootstrapServers(), topic, type);
  }

  private Traffic traffic() {
    return new Traffic(
        cluster.bootstrapServers(),
        EVENTS_PER_KEY,
        9,
        new Traffic.Topics(
            config.topics().events(), config.topics().trusted(), config.topics().predictions()));
  }

  private String submit(int parallelism, String... more) throws Exception {
    List<String> call =
        new ArrayList<>(
            List.of("submit", jobFile.toString(), "--set", "job.parallelism=" + parallelism));
    call.addAll(List.of(more));
    return cluster.call(call.toArray(String[]::new));
  }

  private List<String> yaml() {
    return List.of(
        "kafka.bootstrap-servers: " + cluster.bootstrapServers(),
        "topics.partitions: " + Traffic.KEYS,
        "model.features: " + Traffic.FEATURES,
        "model.concepts: {a: [0, 1], b: [2, 3]}",
        "model.hidden: [6, 4]",
        "learner.ordering: event-time",
        "learner.max-latency: 1 d",
        "learner.mini-batch: 8",
        "learner.snapshot-every: 47",
        "watermarks.out-of-orderness: 0 s",
        "watermarks.idleness: 10 min",
        "state.checkpoint-interval: 1 s",
        "state.checkpoint-directory: " + directory.resolve("checkpoints"),
        "state.cache-bytes: 1 MiB");
  }
}
