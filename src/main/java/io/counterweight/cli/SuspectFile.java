package io.counterweight.cli;

import io.counterweight.evaluation.Truth;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.report.Suspects;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * All suspect labels of a run as a CSV file, those that counted least first: a list to work
 * through.
 */
final class SuspectFile {
  private static final int WAITING = 50_000;
  private static final int FIRST = 100;
  private static final List<String> COLUMNS =
      List.of(
          "eventId",
          "modelKey",
          "label",
          "belief",
          "rawWeight",
          "weight",
          "loss",
          "predicted",
          "probability",
          "reasons");

  private final Path file;
  private final boolean labelsWereFlipped;
  private final Suspects suspects = new Suspects(Integer.MAX_VALUE, WAITING);

  /**
   * Nothing suspect yet.
   *
   * @param labelsWereFlipped whether labels were made wrong on purpose, so that it is known which
   */
  SuspectFile(Path file, boolean labelsWereFlipped) {
    this.file = file;
    this.labelsWereFlipped = labelsWereFlipped;
  }

  void predicted(Prediction prediction) {
    suspects.predicted(prediction);
  }

  void weighted(Truth truth, SampleWeight weight) {
    suspects.weighted(truth.trueLabel(), weight);
  }

  /** Writes the file; returns a sentence about it. */
  String write() {
    List<Map<String, Object>> rows = suspects.values();
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write("rank," + String.join(",", COLUMNS) + (labelsWereFlipped ? ",flipped\n" : "\n"));
      int rank = 0;
      for (Map<String, Object> row : rows) {
        out.write(Integer.toString(++rank));
        for (String column : COLUMNS) {
          out.write("," + quoted(text(row.get(column))));
        }
        out.write(labelsWereFlipped ? (isWrong(row) ? ",yes\n" : ",no\n") : "\n");
      }
    } catch (IOException e) {
      throw new CommandFailure(file + " cannot be written: " + e.getMessage(), e);
    }
    return summary(rows);
  }

  private String summary(List<Map<String, Object>> rows) {
    String text = rows.size() + " suspect labels, least raw weight first: " + file;
    if (!labelsWereFlipped) {
      return text;
    }
    List<Map<String, Object>> first = rows.subList(0, Math.min(FIRST, rows.size()));
    long wrong = first.stream().filter(SuspectFile::isWrong).count();
    return text + "; of the first " + first.size() + ", " + wrong + " were flipped";
  }

  private static boolean isWrong(Map<String, Object> row) {
    return !row.get("label").equals(row.get("trueLabel"));
  }

  private static String text(Object value) {
    if (value instanceof List<?> reasons) {
      return reasons.stream()
          .map(reason -> ((List<?>) reason).get(0) + " " + ((List<?>) reason).get(1))
          .collect(Collectors.joining("; "));
    }
    return value == null ? "" : value.toString();
  }

  private static String quoted(String text) {
    return text.matches("[^\",\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
