package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private static final Path RESULT = Path.of("target", "cluster-faults.md");

  @TempDir Path directory;
  private final FaultTable table = new FaultTable();
  private LocalCluster cluster;
  private ClusterRun run;

  @Test
  void nothingIsLostOrDoubled() throws Exception {
    cluster = new LocalCluster(directory);
    try (LocalCluster open = cluster) {
      try {
        run =
            new ClusterRun(
                open, directory, directory.resolve("checkpoints"), EVENTS_PER_KEY, table);
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
    try (Traffic traffic = run.traffic().paced(EVENTS_PER_SECOND)) {
      traffic.start();
      at(0.07, "TaskManager killed (`kill -9`), another started", () -> run.loseTaskManager(1));
      at(0.22, "stopped with a savepoint, restored with 1 slot", () -> run.rescale(1));
      at(0.34, "stopped with a savepoint, restored with 2 slots", () -> run.rescale(2));
      at(0.46, "broker killed (`kill -9`), started again after 3 s", run::loseBroker);
      at(0.60, "JobManager killed (`kill -9`), started again", run::loseJobManager);
      at(0.74, "checkpoints cannot be written, then mended", this::loseCheckpoints);

      FaultCounts counts = run.count();
      table.write(RESULT, counts);
      int sent = traffic.labelled();
      assertThat(counts).isEqualTo(new FaultCounts(sent, sent, sent, 0, 0, 0));
    }
  }

  /** Hits when that share of the events is predicted. */
  private void at(double share, String name, ClusterRun.Fault fault) throws Exception {
    run.traffic().awaitShare(share);
    run.hit(name, fault);
  }

  /** A file in the place of the folder: also the superuser cannot write then. */
  private void loseCheckpoints() throws Exception {
    Path folder = directory.resolve("checkpoints");
    Path away = directory.resolve("checkpoints-away");
    int failed = cluster.failedCheckpoints(run.job());
    int failures = cluster.failures(run.job()).size();
    assertThat(cluster.completedCheckpoints(run.job())).isPositive();

    Files.move(folder, away);
    Files.createFile(folder);
    ClusterRun.await("a checkpoint fails", () -> cluster.failedCheckpoints(run.job()) > failed);
    ClusterRun.await("the job has failed", () -> cluster.failures(run.job()).size() > failures);
    assertThat(cluster.failures(run.job()))
        .anyMatch(
            trace ->
                trace.contains(
                    CheckpointFailureManager.EXCEEDED_CHECKPOINT_TOLERABLE_FAILURE_MESSAGE));

    Files.delete(folder);
    Files.move(away, folder);
    int completed = cluster.completedCheckpoints(run.job());
    ClusterRun.await(
        "checkpoints succeed", () -> cluster.completedCheckpoints(run.job()) > completed);
  }
}
