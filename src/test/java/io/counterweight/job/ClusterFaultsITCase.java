package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.CheckpointFailureManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job jar on a cluster of separate processes, hit while events come: a TaskManager killed, the
 * job stopped and restored at another parallelism, the broker killed, the JobManager killed,
 * checkpoints that cannot be written, their disk full. The weights topic, read committed, must hold
 * every labelled event once, with the bits of a plain loop over the records. The counts are written
 * to {@code target/cluster-faults.md}.
 */
@Tag("cluster")
class ClusterFaultsITCase {
  private static final int EVENTS_PER_KEY = 6 * ClusterRun.WHOLE;
  private static final int EVENTS_PER_SECOND = 100;
  private static final int DISK_MEBIBYTES = 48;
  private static final Path RESULT = Path.of("target", "cluster-faults.md");

  @TempDir Path directory;
  private final FaultTable table = new FaultTable();
  private LocalCluster cluster;
  private ClusterRun run;

  /** Null where the system gives none. */
  private SmallDisk disk;

  /** As seen from here. */
  private Path checkpoints;

  @Test
  void nothingIsLostOrDoubled() throws Exception {
    Path mount = Files.createDirectory(directory.resolve("disk"));
    Optional<SmallDisk> mounted = SmallDisk.at(mount, DISK_MEBIBYTES);
    try (SmallDisk open = mounted.orElse(null)) {
      disk = open;
      cluster = new LocalCluster(directory, open == null ? List.of() : open.inside(), "");
      checkpoints = (open == null ? mount : open.fromOutside()).resolve("checkpoints");
      hitWhileEventsCome(mount.resolve("checkpoints"));
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

  private void hitWhileEventsCome(Path inside) throws Exception {
    try (LocalCluster open = cluster) {
      try {
        run = new ClusterRun(open, directory, inside, EVENTS_PER_KEY, table);
        hitAgainAndAgain(inside);
      } catch (Exception | AssertionError e) {
        e.addSuppressed(open.state());
        throw e;
      }
    }
  }

  private void hitAgainAndAgain(Path inside) throws Exception {
    try (Traffic traffic = run.traffic().paced(EVENTS_PER_SECOND)) {
      traffic.start();
      at(0.06, "TaskManager killed (`kill -9`), another started", () -> run.loseTaskManager(1));
      at(0.19, "stopped with a savepoint, restored with 1 slot", () -> run.rescale(1));
      at(0.30, "stopped with a savepoint, restored with 2 slots", () -> run.rescale(2));
      at(0.40, "broker killed (`kill -9`), started again after 3 s", run::loseBroker);
      at(0.52, "JobManager killed (`kill -9`), started again", run::loseJobManager);
      at(
          0.64,
          "all stopped without a savepoint, the newest checkpoint restored",
          () -> run.loseAll(inside));
      at(0.76, "checkpoints cannot be written, then mended", this::loseCheckpoints);
      String full = "disk of the checkpoints full, then with room again";
      if (disk != null) {
        at(0.86, full, this::fillDisk);
      } else {
        table.addSkipped(full, "no mount namespaces here");
      }

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
    Path away = checkpoints.resolveSibling("away");
    checkpointsFail(
        () -> {
          Files.move(checkpoints, away);
          Files.createFile(checkpoints);
        },
        () -> {
          Files.delete(checkpoints);
          Files.move(away, checkpoints);
        });
  }

  private void fillDisk() throws Exception {
    checkpointsFail(disk::fill, disk::free);
    assertThat(cluster.logs()).contains("No space left on device");
  }

  private void checkpointsFail(ClusterRun.Fault fault, ClusterRun.Fault mend) throws Exception {
    String job = run.job();
    int failed = cluster.failedCheckpoints(job);
    int failures = cluster.failures(job).size();
    ClusterRun.await("a checkpoint is complete", () -> cluster.completedCheckpoints(job) > 0);

    fault.hit();
    ClusterRun.await("a checkpoint fails", () -> cluster.failedCheckpoints(job) > failed);
    ClusterRun.await("the job has failed", () -> cluster.failures(job).size() > failures);
    assertThat(cluster.failures(job))
        .anyMatch(
            trace ->
                trace.contains(
                    CheckpointFailureManager.EXCEEDED_CHECKPOINT_TOLERABLE_FAILURE_MESSAGE));

    mend.hit();
    int completed = cluster.completedCheckpoints(job);
    ClusterRun.await("checkpoints succeed", () -> cluster.completedCheckpoints(job) > completed);
  }
}
