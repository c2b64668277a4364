package io.counterweight.experiment;

import io.counterweight.bench.MarkdownTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The rows of an experiment, and the tables that they make. */
public final class ExperimentResults {
  /** A gain of the oracle that is smaller has no share worth telling. */
  private static final double LEAST_GAIN = 0.01;

  private final Suite suite;
  private final Set<String> notes = new LinkedHashSet<>();
  private final List<String> failures = new ArrayList<>();

  /** Stream, then row, then seed. */
  private final Map<String, Map<String, Map<Long, Row>>> rows = new LinkedHashMap<>();

  ExperimentResults(Suite suite) {
    this.suite = suite;
  }

  void note(String text) {
    notes.add(text);
  }

  void failed(String text) {
    failures.add(text);
  }

  void add(String stream, String name, long seed, Row row) {
    rows.computeIfAbsent(stream, s -> new LinkedHashMap<>())
        .computeIfAbsent(name, n -> new LinkedHashMap<>())
        .put(seed, row);
  }

  /** Cells that failed, each with its reason. */
  public List<String> failures() {
    return List.copyOf(failures);
  }

  /** The tables as Markdown. */
  public String markdown() {
    StringBuilder text = new StringBuilder();
    rows.forEach(
        (stream, table) -> {
          text.append("### ").append(stream).append("\n\n");
          text.append(table(table)).append('\n');
        });
    text.append("### All streams\n\n").append(summary()).append('\n');
    notes.forEach(note -> text.append("- ").append(note).append(".\n"));
    failures.forEach(failure -> text.append("- FAILED: ").append(failure).append(".\n"));
    return text.toString();
  }

  private String table(Map<String, Map<Long, Row>> table) {
    MarkdownTable markdown =
        new MarkdownTable(
            "",
            Row.ROC_AUC,
            Row.PR_AUC,
            "against control",
            "share of oracle's gain",
            Row.G_MEAN,
            "against control",
            "share of oracle's gain",
            "accuracy",
            "kappa no-change",
            "Brier",
            "ECE",
            "AUC wrong 0 / 1",
            Row.SPEED);
    table.forEach(
        (name, seeds) ->
            markdown.row(
                name,
                number(mean(seeds, Row.ROC_AUC)),
                number(mean(seeds, Row.PR_AUC)) + " ± " + number(spread(seeds, Row.PR_AUC)),
                signed(difference(table, name, Row.PR_AUC)),
                percent(share(table, name, Row.PR_AUC)),
                number(mean(seeds, Row.G_MEAN)) + " ± " + number(spread(seeds, Row.G_MEAN)),
                signed(difference(table, name, Row.G_MEAN)),
                percent(share(table, name, Row.G_MEAN)),
                number(mean(seeds, "accuracy")),
                number(mean(seeds, "kappa no-change")),
                number(mean(seeds, "Brier")),
                number(mean(seeds, "ECE")),
                number(mean(seeds, Row.WRONG_0)) + " / " + number(mean(seeds, Row.WRONG_1)),
                MarkdownTable.number(mean(seeds, Row.SPEED), 3)));
    return markdown.toString();
  }

  /** One line a row: means over the streams that have it. */
  private String summary() {
    Set<String> names = new LinkedHashSet<>();
    rows.values().forEach(table -> names.addAll(table.keySet()));
    MarkdownTable markdown =
        new MarkdownTable(
            "",
            "streams",
            Row.PR_AUC + " against control",
            "worst",
            "share of oracle's gain",
            "pooled",
            Row.G_MEAN + " against control",
            "worst",
            "share of oracle's gain",
            "pooled");
    for (String name : names) {
      List<String> cells = new ArrayList<>();
      cells.add(name);
      cells.add(String.valueOf(rows.values().stream().filter(t -> t.containsKey(name)).count()));
      cells.addAll(overStreams(name, Row.PR_AUC));
      cells.addAll(overStreams(name, Row.G_MEAN));
      markdown.row(cells.toArray(String[]::new));
    }
    return markdown.toString();
  }

  /**
   * Of the streams that have a number: mean and worst difference; mean share of the oracle's gain,
   * and the gains' sums' share.
   */
  private List<String> overStreams(String name, String metric) {
    double sum = 0;
    double worst = Double.POSITIVE_INFINITY;
    String worstStream = "";
    int streams = 0;
    double shares = 0;
    double gains = 0;
    double oracleGains = 0;
    int shared = 0;
    for (Map.Entry<String, Map<String, Map<Long, Row>>> entry : rows.entrySet()) {
      Map<String, Map<Long, Row>> table = entry.getValue();
      if (!table.containsKey(name)) {
        continue;
      }
      double difference = difference(table, name, metric);
      if (Double.isNaN(difference)) {
        continue;
      }
      sum += difference;
      streams++;
      if (difference < worst) {
        worst = difference;
        worstStream = " (" + entry.getKey() + ")";
      }
      double share = share(table, name, metric);
      if (Double.isFinite(share)) {
        shares += share;
        gains += difference;
        oracleGains += difference(table, Suite.ORACLE, metric);
        shared++;
      }
    }
    return List.of(
        signed(sum / streams),
        signed(worst) + worstStream,
        percent(shares / shared) + " of " + shared,
        percent(gains / oracleGains));
  }

  private static double mean(Map<Long, Row> seeds, String metric) {
    return seeds.values().stream().mapToDouble(row -> row.get(metric)).average().orElse(Double.NaN);
  }

  private static double spread(Map<Long, Row> seeds, String metric) {
    double mean = mean(seeds, metric);
    double squares =
        seeds.values().stream().mapToDouble(row -> Math.pow(row.get(metric) - mean, 2)).sum();
    return seeds.size() < 2 ? Double.NaN : Math.sqrt(squares / (seeds.size() - 1));
  }

  /** Mean over the seeds that both have of what a row has more than the control. */
  private static double difference(Map<String, Map<Long, Row>> table, String name, String metric) {
    Map<Long, Row> control = table.get(Suite.CONTROL);
    if (control == null) {
      return Double.NaN;
    }
    return table.get(name).entrySet().stream()
        .filter(entry -> control.containsKey(entry.getKey()))
        .mapToDouble(
            entry -> entry.getValue().get(metric) - control.get(entry.getKey()).get(metric))
        .average()
        .orElse(Double.NaN);
  }

  private static double share(Map<String, Map<Long, Row>> table, String name, String metric) {
    if (!table.containsKey(Suite.ORACLE)) {
      return Double.NaN;
    }
    double gain = difference(table, Suite.ORACLE, metric);
    return gain > LEAST_GAIN ? difference(table, name, metric) / gain : Double.NaN;
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "-";
  }

  private static String signed(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%+.3f", value) : "-";
  }

  private static String percent(double value) {
    return MarkdownTable.percent(value);
  }

  /** For any JSON writer: stream, row, seed, metric; NaN is null. */
  public Map<String, Object> values() {
    Map<String, Object> streams = new LinkedHashMap<>();
    rows.forEach(
        (stream, table) -> {
          Map<String, Object> byName = new LinkedHashMap<>();
          table.forEach(
              (name, seeds) -> {
                Map<String, Object> bySeed = new LinkedHashMap<>();
                seeds.forEach((seed, row) -> bySeed.put(String.valueOf(seed), finite(row)));
                byName.put(name, bySeed);
              });
          streams.put(stream, byName);
        });
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("half", suite.half());
    values.put("streams", streams);
    values.put("notes", List.copyOf(notes));
    values.put("failures", failures());
    return values;
  }

  private static Map<String, Object> finite(Row row) {
    Map<String, Object> values = new LinkedHashMap<>();
    row.values().forEach((k, v) -> values.put(k, Double.isFinite(v) ? v : null));
    return values;
  }
}
