package io.counterweight.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table of docs/operations.md: a line for each fault, then what came of all events. */
final class FaultTable {
  private final List<String> lines = new ArrayList<>();

  FaultTable() {
    lines.add("| fault | sent before | predicted before | failures of the job | caught up after |");
    lines.add("|---|---:|---:|---:|---:|");
  }

  /**
   * Adds a fault.
   *
   * @param sent events that were sent when it hit
   * @param predicted events that were predicted when it hit
   * @param failures of the job that it brought about, each a restart from the newest checkpoint
   * @param caughtUp until all that was sent before it was mended was predicted
   */
  void add(String fault, int sent, int predicted, int failures, Duration caughtUp) {
    lines.add(
        String.format(
            Locale.ROOT,
            "| %s | %,d | %,d | %d | %.1f s |",
            fault,
            sent,
            predicted,
            failures,
            caughtUp.toMillis() / 1000.0));
  }

  /** Adds a fault that this machine cannot bring about. */
  void addSkipped(String fault, String reason) {
    lines.add("| " + fault + " | not tried: " + reason + " | | | |");
  }

  /** Writes the table with the counts of the end. */
  void write(Path file, FaultCounts counts) throws IOException {
    Files.write(file, lines(counts));
  }

  /** The table with the counts of the end. */
  List<String> lines(FaultCounts counts) {
    List<String> all = new ArrayList<>(lines);
    all.add("");
    all.add("| sent | predicted | weights | lost | doubled | unlike the plain loop |");
    all.add("|---:|---:|---:|---:|---:|---:|");
    all.add(
        String.format(
            Locale.ROOT,
            "| %,d | %,d | %,d | %,d | %,d | %,d |",
            counts.sent(),
            counts.predicted(),
            counts.weights(),
            counts.lost(),
            counts.doubled(),
            counts.different()));
    return all;
  }
}
