package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.config.EngineConfig;
import io.counterweight.embedded.EmbeddedKafka;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.SampleWeight;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TestBroker;
import io.counterweight.support.TestTopics;
import io.counterweight.support.TopicReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointStatsCounts;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.util.TestStreamEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole job on a real broker and RocksDB, hit while it works. The weights topic, read
 * committed, must hold every labelled event once, and, because the order is that of event time, the
 * same bits as a plain loop over the records.
 */
class RecoveryITCase {
  private static final int EVENTS_PER_KEY = 1_504;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Lines of a log that a failure shows. */
  private static final int TAIL = 80;

  @TempDir static Path directory;
  private static final EmbeddedKafka KAFKA = TestBroker.shared();

  @Test
  void faultsOfAClusterLoseAndDoubleNothing() throws Exception {
    List<String> yaml = yaml("cluster");
    EngineConfig two = config(yaml, 2);
    EngineConfig one = config(yaml, 1);
    KafkaTopics.create(two, PATIENCE);
    String savepoints = directory.resolve("savepoints").toUri().toString();

    MiniCluster cluster = cluster();
    cluster.start();
    try (Traffic traffic = traffic(two, 7)) {
      JobClient job = submit(cluster, two, Optional.empty());
      traffic.start();

      traffic.awaitShare(0.15);
      cluster.terminateTaskManager(0).get();
      cluster.startTaskManager();

      traffic.awaitShare(0.35);
      cancel(job);
      Optional<String> retained = RetainedCheckpoints.newest(two.checkpoints());
      assertThat(retained).isPresent();
      job = submit(cluster, two, retained);

      traffic.awaitShare(0.55);
      String narrow = job.stopWithSavepoint(false, savepoints, SavepointFormatType.NATIVE).get();
      job = submit(cluster, one, Optional.of(narrow));

      traffic.awaitShare(0.75);
      String wide = job.stopWithSavepoint(false, savepoints, SavepointFormatType.CANONICAL).get();
      job = submit(cluster, two, Optional.of(wide));

      traffic.awaitSent();
      verify(two, traffic);
      cancel(job);
    } catch (Exception | AssertionError e) {
      e.addSuppressed(stateOf(cluster));
      throw e;
    } finally {
      cluster.close();
    }
  }

  @Test
  void killingTheProcessLosesAndDoublesNothing() throws Exception {
    List<String> yaml = yaml("process");
    EngineConfig config = config(yaml, 2);
    Path file = directory.resolve("process.yaml");
    Files.write(file, yaml);
    KafkaTopics.create(config, PATIENCE);

    Process run = runInOwnProcess(file);
    try (Traffic traffic = traffic(config, 8)) {
      traffic.start();
      for (double share : new double[] {0.3, 0.6}) {
        traffic.awaitShare(share);
        assertThat(run.isAlive()).isTrue();
        run.destroyForcibly().waitFor();
        run = runInOwnProcess(file);
      }
      traffic.awaitSent();
      verify(config, traffic);
      run.destroy();
      assertThat(run.waitFor(1, TimeUnit.MINUTES)).isTrue();
    } catch (Exception | AssertionError e) {
      e.addSuppressed(stateOf(run));
      throw e;
    } finally {
      run.destroyForcibly();
    }
  }

  private static void verify(EngineConfig config, Traffic traffic) {
    PlainRun expected = new PlainRun(config.learner(), traffic.records());
    assertThat(expected.weights).hasSize(traffic.labelled());
    traffic.awaitPredictions(PATIENCE);

    try (TopicReader<SampleWeight> reader =
        new TopicReader<>(
            KAFKA.bootstrapServers(), config.topics().weights(), RecordType.SAMPLE_WEIGHT)) {
      reader.await(PATIENCE, all -> all.size() >= traffic.labelled());
      Map<String, SampleWeight> weights = new HashMap<>();
      for (SampleWeight weight : reader.drain()) {
        assertThat(weights.put(weight.eventId(), weight)).as(weight.eventId()).isNull();
      }
      assertThat(weights).isEqualTo(expected.weights);
    }

    try (TopicReader<ModelSnapshot> reader =
        new TopicReader<>(
            KAFKA.bootstrapServers(), config.topics().models(), RecordType.MODEL_SNAPSHOT)) {
      long last = EVENTS_PER_KEY / config.learner().miniBatch();
      reader.await(
          PATIENCE,
          all -> all.stream().filter(m -> m.modelVersion() == last).count() >= Traffic.KEYS);
      for (ModelSnapshot model : reader.drain()) {
        if (model.modelVersion() == last) {
          assertThat(model.learner()).isEqualTo(expected.learners.get(model.modelKey()));
        }
      }
    }
  }

  private static Traffic traffic(EngineConfig config, long seed) {
    return new Traffic(
        KAFKA.bootstrapServers(),
        EVENTS_PER_KEY,
        seed,
        new Traffic.Topics(
            config.topics().events(), config.topics().trusted(), config.topics().predictions()));
  }

  private static List<String> yaml(String name) {
    List<String> lines = new ArrayList<>();
    lines.add("kafka.bootstrap-servers: " + KAFKA.bootstrapServers());
    lines.add("kafka.group-id: " + name);
    lines.addAll(TestTopics.lines(name));
    lines.add("topics.partitions: " + Traffic.KEYS);
    lines.add("sinks.transactional-id-prefix: " + name);
    lines.add("model.features: " + Traffic.FEATURES);
    lines.add("model.concepts: {a: [0, 1], b: [2, 3]}");
    lines.add("model.hidden: [6, 4]");
    lines.add("learner.ordering: event-time");
    lines.add("learner.max-latency: 1 d");
    lines.add("learner.mini-batch: 8");
    lines.add("learner.snapshot-every: 47");
    lines.add("watermarks.out-of-orderness: 0 s");
    lines.add("watermarks.idleness: 10 min");
    lines.add("state.checkpoint-interval: 500 ms");
    lines.add("state.checkpoint-directory: " + directory.resolve(name + "-checkpoints"));
    lines.add("state.cache-bytes: 1 MiB");
    lines.add("job.parallelism: 2");
    return lines;
  }

  private static EngineConfig config(List<String> yaml, int parallelism) {
    return EngineConfig.parse(String.join("\n", yaml), "job.parallelism=" + parallelism);
  }

  private static MiniCluster cluster() {
    Configuration flink = new Configuration();
    flink.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(64));
    return new MiniCluster(
        new MiniClusterConfiguration.Builder()
            .setConfiguration(flink)
            .setNumTaskManagers(2)
            .setNumSlotsPerTaskManager(1)
            .build());
  }

  private static JobClient submit(
      MiniCluster cluster, EngineConfig config, Optional<String> restoreFrom) throws Exception {
    Configuration flink = JobEnvironment.job(config, restoreFrom);
    TestStreamEnvironment env =
        new TestStreamEnvironment(cluster, flink, config.job().parallelism(), List.of(), List.of());
    ReweightJob.addTo(env, config);
    return env.executeAsync(config.job().name());
  }

  private static void cancel(JobClient job) throws Exception {
    job.cancel().get();
    job.getJobExecutionResult().handle((result, failure) -> null).get();
    assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.CANCELED);
  }

  private static Process runInOwnProcess(Path config) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx700m",
            "-XX:+UseSerialGC",
            // The same kernels as in this JVM: bits are compared.
            "--add-modules=jdk.incubator.vector",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-Dlog4j2.configurationFile=classpath:log4j2.properties",
            "-Dcounterweight.log=" + directory.resolve("run.log"),
            "-cp",
            System.getProperty("java.class.path"),
            "io.counterweight.cli.Counterweight",
            "run",
            "--config",
            config.toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("run.out").toFile()))
        .start();
  }

  /** What a failed test wants to know of the cluster's jobs. */
  private static Throwable stateOf(MiniCluster cluster) {
    StringBuilder text = new StringBuilder();
    try {
      for (JobStatusMessage job : cluster.listJobs().get()) {
        AccessExecutionGraph graph = cluster.getExecutionGraph(job.getJobId()).get();
        CheckpointStatsCounts checkpoints = graph.getCheckpointStatsSnapshot().getCounts();
        text.append("%n%s %s, %s".formatted(job.getJobId(), graph.getState(), checkpoints));
        for (AccessExecutionVertex task : graph.getAllExecutionVertices()) {
          String name = task.getTaskNameWithSubtaskIndex();
          text.append("%n  %s %s".formatted(task.getExecutionState(), name));
        }
        if (graph.getFailureInfo() != null) {
          text.append("%n%s".formatted(graph.getFailureInfo().getExceptionAsString()));
        }
      }
    } catch (Exception e) {
      return new AssertionError("The cluster does not answer; so far: " + text, e);
    }
    return new AssertionError("The cluster's jobs: " + text);
  }

  /** What a failed test wants to know of the other process. */
  private static Throwable stateOf(Process run) {
    String state = run.isAlive() ? "runs" : "ended with status " + run.exitValue();
    return new AssertionError("The process " + state + tail("run.out") + tail("run.log"));
  }

  private static String tail(String name) {
    List<String> lines;
    try {
      lines = Files.readAllLines(directory.resolve(name));
    } catch (IOException e) {
      lines = List.of(e.toString());
    }
    List<String> last = lines.subList(Math.max(0, lines.size() - TAIL), lines.size());
    return "%n%s:%n%s".formatted(name, String.join(System.lineSeparator(), last));
  }
}
