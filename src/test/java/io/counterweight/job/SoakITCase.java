package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job jar on a cluster of separate processes for some twenty minutes, at a steady rate, with a
 * process killed every three minutes. Nothing may be lost or doubled, and nothing may grow: heap
 * after garbage collection, native memory, classes, open files, threads, state, checkpoints,
 * transactional ids. Writes {@code target/soak.md} and the samples beside it.
 */
@Tag("soak")
class SoakITCase {
  private static final int MINUTES = Integer.getInteger("counterweight.soak.minutes", 21);
  private static final int EVENTS_PER_SECOND =
      Integer.getInteger("counterweight.soak.events-per-second", 150);
  private static final Duration BETWEEN_KILLS =
      Duration.ofSeconds(Integer.getInteger("counterweight.soak.seconds-between-kills", 180));
  private static final Path RESULTS = Path.of("target");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final FaultTable table = new FaultTable();

  @Test
  void nothingIsLostAndNothingGrows() throws Exception {
    LocalCluster cluster =
        new LocalCluster(directory, List.of(), "-XX:NativeMemoryTracking=summary");
    try (LocalCluster open = cluster) {
      try {
        soak(open);
      } catch (Exception | AssertionError e) {
        e.addSuppressed(open.state());
        throw e;
      }
    }
  }

  private void soak(LocalCluster cluster) throws Exception {
    int events = MINUTES * 60 * EVENTS_PER_SECOND / Traffic.KEYS;
    ClusterRun run =
        new ClusterRun(
            cluster,
            directory,
            directory.resolve("checkpoints"),
            events / ClusterRun.WHOLE * ClusterRun.WHOLE,
            table);
    SoakProbe probe = new SoakProbe(cluster, directory, run::job);
    FaultCounts counts = null;
    try (Traffic traffic = run.traffic().steady(EVENTS_PER_SECOND);
        probe) {
      traffic.start();
      killAgainAndAgain(run, probe);
      traffic.awaitSent(Duration.ofMinutes(MINUTES));
      traffic.awaitCaughtUp(traffic.labelled());
      probe.close();
      counts = run.count();
    } finally {
      probe.close();
      write(probe, counts);
    }
    SoakReport report = new SoakReport(probe.processes(), probe.states());
    int sent = counts.sent();
    assertThat(counts).isEqualTo(new FaultCounts(sent, sent, sent, 0, 0, 0));
    assertThat(report.grown()).isEmpty();
  }

  /** Also what a soak that failed has seen. */
  private void write(SoakProbe probe, FaultCounts counts) throws IOException {
    SoakReport.write(RESULTS, probe.processes(), probe.states());
    List<String> lines =
        new ArrayList<>(
            counts == null ? List.of("It failed before the end.") : table.lines(counts));
    lines.add("");
    lines.addAll(new SoakReport(probe.processes(), probe.states()).lines());
    Files.write(RESULTS.resolve("soak.md"), lines);
  }

  private void killAgainAndAgain(ClusterRun run, SoakProbe probe) throws Exception {
    double end = MINUTES * 60.0;
    for (int i = 1; i * BETWEEN_KILLS.toSeconds() < end; i++) {
      double due = i * BETWEEN_KILLS.toSeconds();
      while (probe.seconds() < due) {
        Thread.sleep(100);
      }
      String minute = "minute " + Math.round(due / 60) + ": ";
      int taskManager = 1 + (i - 1) / 3 % 2;
      switch (i % 3) {
        case 1 ->
            run.hit(
                minute + "TaskManager " + taskManager + " killed, another started",
                () -> run.loseTaskManager(taskManager));
        case 2 -> run.hit(minute + "broker killed, started again after 3 s", run::loseBroker);
        default -> run.hit(minute + "JobManager killed, started again", run::loseJobManager);
      }
    }
  }
}
