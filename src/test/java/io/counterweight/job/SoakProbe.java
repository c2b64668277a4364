package io.counterweight.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * Samples the processes of a cluster, and what the job keeps, in a thread of its own. What does not
 * answer, because it was just killed, is left out of the sample.
 */
final class SoakProbe implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(15);

  /** Of the samples, those that ask the JVMs, each after a full garbage collection. */
  private static final int JVM_EVERY = 3;

  private static final int KAFKA_SECONDS = 5;

  private final LocalCluster cluster;
  private final Path directory;
  private final Supplier<String> job;
  private final Path commands;
  private final Admin admin;
  private final List<ProcessSample> processes = new ArrayList<>();
  private final List<StateSample> states = new ArrayList<>();
  private final long begin = System.nanoTime();
  private final Thread thread = new Thread(this::run, "soak-probe");
  private volatile boolean closed;

  /**
   * Begins to sample.
   *
   * @param directory of the cluster
   * @param job gives the id of the job that runs
   */
  SoakProbe(LocalCluster cluster, Path directory, Supplier<String> job) throws IOException {
    this.cluster = cluster;
    this.directory = directory;
    this.job = job;
    commands = Files.writeString(directory.resolve("jcmd"), ProcessSample.COMMANDS);
    admin =
        Admin.create(
            Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrapServers()));
    thread.start();
  }

  /** Since the first sample. */
  double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }

  private void run() {
    for (int i = 0; !closed; i++) {
      try {
        sample(i % JVM_EVERY == 0);
        while (!closed && seconds() < (i + 1) * EVERY.toSeconds()) {
          Thread.sleep(200);
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void sample(boolean withJvm) throws InterruptedException {
    try {
      for (Map.Entry<String, Long> process : cluster.processes().entrySet()) {
        try {
          processes.add(
              ProcessSample.take(
                  seconds(), process.getKey(), process.getValue(), withJvm ? commands : null));
        } catch (IOException e) {
          // It was killed.
        }
      }
      List<Long> checkpoints = StateSample.sizes(directory.resolve("checkpoints"));
      List<Long> local = StateSample.sizes(directory.resolve("tmp"));
      states.add(
          new StateSample(
              seconds(),
              cluster.stateBytes(job.get()),
              checkpoints.stream().mapToLong(Long::longValue).sum(),
              checkpoints.size(),
              local.stream().mapToLong(Long::longValue).sum(),
              admin.listTransactions().all().get(KAFKA_SECONDS, TimeUnit.SECONDS).size()));
    } catch (IOException | ExecutionException | TimeoutException e) {
      // The broker or the JobManager was killed, or a checkpoint was deleted meanwhile.
    }
  }

  /** Of processes; after {@link #close}. */
  List<ProcessSample> processes() {
    return processes;
  }

  /** Of what the job keeps; after {@link #close}. */
  List<StateSample> states() {
    return states;
  }

  /** Ends sampling. */
  @Override
  public void close() throws IOException {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    admin.close(Duration.ofSeconds(KAFKA_SECONDS));
  }
}
