package io.counterweight.mubo;

import io.counterweight.bench.MarkdownTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What all runs of all methods reached. Not thread-safe. */
public final class MuboReport {
  private static final Map<String, ToDoubleFunction<MuboScores>> SCORES = scores();

  private static Map<String, ToDoubleFunction<MuboScores>> scores() {
    Map<String, ToDoubleFunction<MuboScores>> scores = new LinkedHashMap<>();
    scores.put("F1", MuboScores::f1);
    scores.put("F1 minority", MuboScores::rareF1);
    scores.put("F1 majority", MuboScores::frequentF1);
    scores.put("precision", MuboScores::precision);
    scores.put("precision minority", MuboScores::rarePrecision);
    scores.put("precision majority", MuboScores::frequentPrecision);
    scores.put("recall", MuboScores::recall);
    scores.put("recall minority", MuboScores::rareRecall);
    scores.put("recall majority", MuboScores::frequentRecall);
    return scores;
  }

  private final List<MuboMethod> methods;
  private final List<MuboOutput> steps = new ArrayList<>();
  private final List<MuboOutput> ends = new ArrayList<>();

  /** Nothing yet; tables are in the order of the methods. */
  public MuboReport(List<MuboMethod> methods) {
    this.methods = List.copyOf(methods);
  }

  /** Takes what a run put out. */
  public void add(MuboOutput output) {
    (output.isEnd() ? ends : steps).add(output);
  }

  /** Ends of a method's runs, in their order. */
  private List<MuboOutput> endsOf(MuboMethod method) {
    return ends.stream()
        .filter(end -> end.method().equals(method.name()))
        .sorted(Comparator.comparingInt(MuboOutput::run))
        .toList();
  }

  private List<MuboOutput> stepsOf(MuboMethod method, int run) {
    return steps.stream()
        .filter(step -> step.method().equals(method.name()) && step.run() == run)
        .sorted(Comparator.comparingInt(MuboOutput::step))
        .toList();
  }

  /** A table, one line a method: means over the runs, ± the standard deviation. */
  public String table() {
    MarkdownTable table =
        new MarkdownTable(
            "",
            "F1",
            "F1 at the data's shares",
            "F1 minority",
            "F1 majority",
            "precision",
            "recall",
            "recall minority",
            "rows",
            "steps accepted",
            "epochs",
            "seconds");
    for (MuboMethod method : methods) {
      List<MuboOutput> runs = endsOf(method);
      table.row(
          method.title(),
          spread(runs, MuboScores::f1),
          spread(runs.stream().mapToDouble(MuboOutput::f1AtShares).toArray()),
          spread(runs, MuboScores::rareF1),
          spread(runs, MuboScores::frequentF1),
          number(mean(runs, MuboScores::precision)),
          number(mean(runs, MuboScores::recall)),
          number(mean(runs, MuboScores::rareRecall)),
          MarkdownTable.number(mean(runs.stream().mapToDouble(MuboOutput::proposed).toArray()), 4),
          accepted(method, runs),
          MarkdownTable.number(mean(runs.stream().mapToDouble(MuboOutput::epochs).toArray()), 4),
          MarkdownTable.number(mean(runs.stream().mapToDouble(MuboOutput::seconds).toArray()), 2));
    }
    return table.toString();
  }

  private String accepted(MuboMethod method, List<MuboOutput> runs) {
    if (method.variant() == null) {
      return "-";
    }
    long tried = 0;
    long accepted = 0;
    for (MuboOutput run : runs) {
      List<MuboOutput> own = stepsOf(method, run.run());
      tried += own.size();
      accepted += own.stream().filter(MuboOutput::accepted).count();
    }
    int n = Math.max(1, runs.size());
    return MarkdownTable.number((double) accepted / n, 3)
        + " of "
        + MarkdownTable.number((double) tried / n, 3);
  }

  private static String spread(List<MuboOutput> runs, ToDoubleFunction<MuboScores> score) {
    return spread(values(runs, score));
  }

  private static String spread(double[] values) {
    return number(mean(values)) + " ± " + number(Math.sqrt(variance(values)));
  }

  private static double[] values(List<MuboOutput> runs, ToDoubleFunction<MuboScores> score) {
    return runs.stream().mapToDouble(run -> score.applyAsDouble(run.scores())).toArray();
  }

  private static double mean(List<MuboOutput> runs, ToDoubleFunction<MuboScores> score) {
    return mean(values(runs, score));
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value / values.length;
    }
    return values.length == 0 ? Double.NaN : sum;
  }

  /** Of a sample; NaN of fewer than two. */
  private static double variance(double[] values) {
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return values.length < 2 ? Double.NaN : squares / (values.length - 1);
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "-";
  }

  /** Lines of a CSV file: run, line of the data file, for each accepted row of a method. */
  public List<String> acceptedRows(MuboMethod method) {
    List<String> lines = new ArrayList<>();
    lines.add("run,line");
    for (MuboOutput run : endsOf(method)) {
      for (long line : run.acceptedLines()) {
        lines.add(run.run() + "," + line);
      }
    }
    return lines;
  }

  /** For any JSON writer: method to means, variances and runs with their steps. */
  public Map<String, Object> values() {
    Map<String, Object> byMethod = new LinkedHashMap<>();
    for (MuboMethod method : methods) {
      List<MuboOutput> runs = endsOf(method);
      Map<String, Object> means = new LinkedHashMap<>();
      Map<String, Object> variances = new LinkedHashMap<>();
      SCORES.forEach(
          (name, score) -> {
            means.put(name, finite(mean(runs, score)));
            variances.put(name, finite(variance(values(runs, score))));
          });
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("mean", means);
      entry.put("variance", variances);
      entry.put("runs", runs.stream().map(run -> run(method, run)).toList());
      byMethod.put(method.title(), entry);
    }
    return byMethod;
  }

  private Map<String, Object> run(MuboMethod method, MuboOutput end) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("run", end.run());
    SCORES.forEach((name, score) -> run.put(name, finite(score.applyAsDouble(end.scores()))));
    run.put("F1 at the data's shares", finite(end.f1AtShares()));
    run.put("rows", end.proposed());
    run.put("majorityRows", end.majorityRows());
    run.put("epochs", end.epochs());
    run.put("seconds", end.seconds());
    if (method.variant() != null) {
      run.put("steps", stepsOf(method, end.run()).stream().map(MuboReport::step).toList());
    }
    return run;
  }

  private static Map<String, Object> step(MuboOutput output) {
    Map<String, Object> step = new LinkedHashMap<>();
    step.put("step", output.step());
    step.put("proposed", output.proposed());
    step.put("majorityLoss", finite(output.majorityLoss()));
    step.put("bound", finite(output.bound()));
    step.put("accepted", output.accepted());
    step.put("majorityRows", output.majorityRows());
    step.put("epochs", output.epochs());
    step.put("F1", finite(output.scores().f1()));
    return step;
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
