package io.counterweight.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;

/** What reports of one run and of several have in common as text. */
final class ReportText {
  /** Metrics that the table shows, by their headings. */
  private static final Map<String, String> COLUMNS = new LinkedHashMap<>();

  static {
    COLUMNS.put("prAuc", "PR-AUC");
    COLUMNS.put("rocAuc", "ROC-AUC");
    COLUMNS.put("gMean", "G-mean");
    COLUMNS.put("macroF1", "macro-F1");
    COLUMNS.put("kappa", "kappa");
    COLUMNS.put("accuracy", "accuracy");
    COLUMNS.put("brier", "Brier");
    COLUMNS.put("logLoss", "log-loss");
  }

  private ReportText() {}

  /** A table of lanes by metrics; {@code cell} is asked for lane and metric. */
  static String lanes(
      Iterable<String> lanes, boolean truthKnown, BiFunction<String, String, String> cell) {
    TextTable table = new TextTable();
    List<String> header = new ArrayList<>(List.of("lane"));
    header.addAll(COLUMNS.values());
    table.row(header);
    for (String lane : lanes) {
      List<String> row = new ArrayList<>(List.of(lane));
      COLUMNS.keySet().forEach(metric -> row.add(cell.apply(lane, metric)));
      table.row(row);
    }
    return "Predictions, each made before its event was trained on, against the "
        + (truthKnown ? "true labels\n" : "labels as given\n")
        + table
        + "  Higher is better, except Brier and log-loss. The mixture is what is emitted.\n";
  }

  static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
  }

  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  static String share(long part, long whole) {
    return whole == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole);
  }
}
