package io.counterweight.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Several runs of the same with different seeds: means and how far runs spread around them.
 *
 * @param runs at least one, with the same lanes
 */
public record RunSummary(List<RunReport> runs) {

  public RunSummary {
    runs = List.copyOf(runs);
    if (runs.isEmpty()) {
      throw new IllegalArgumentException("There is no run to sum up");
    }
  }

  /** Mean and sample standard deviation; NaN where a run's value is. */
  private record Spread(double mean, double deviation) {
    static Spread of(double[] values) {
      double mean = 0;
      for (double value : values) {
        mean += value / values.length;
      }
      double squares = 0;
      for (double value : values) {
        squares += (value - mean) * (value - mean);
      }
      return new Spread(mean, values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)));
    }

    String text() {
      return Double.isNaN(mean) ? "-" : String.format(Locale.ROOT, "%.4f ±%.4f", mean, deviation);
    }

    Map<String, Object> values() {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("mean", Double.isFinite(mean) ? mean : null);
      values.put("standardDeviation", Double.isFinite(deviation) ? deviation : null);
      return values;
    }
  }

  private Spread spread(ToDoubleFunction<RunReport> value) {
    return Spread.of(runs.stream().mapToDouble(value).toArray());
  }

  private Set<String> lanes() {
    return runs.get(0).lanes().keySet();
  }

  /** As {@link RunReport#values}: the runs, then {@code summary} of their metrics. */
  public Map<String, Object> values() {
    Map<String, Object> lanes = new LinkedHashMap<>();
    for (String lane : lanes()) {
      Map<String, Object> metrics = new LinkedHashMap<>();
      for (String metric : runs.get(0).lanes().get(lane).values().keySet()) {
        metrics.put(metric, spread(run -> run.value(lane, metric)).values());
      }
      lanes.put(lane, metrics);
    }
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("lanes", lanes);
    if (runs.get(0).hasWrongLabels()) {
      Map<String, Object> areas = new LinkedHashMap<>();
      for (String label : runs.get(0).wrongLabelAuc().keySet()) {
        areas.put(label, wrongLabelAuc(label).values());
      }
      summary.put("wrongLabelAuc", areas);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("runs", runs.stream().map(RunReport::values).toList());
    values.put("summary", summary);
    return values;
  }

  private Spread wrongLabelAuc(String label) {
    return spread(run -> run.wrongLabelAuc().getOrDefault(label, Double.NaN));
  }

  /** The summary for people, in lines that end with a line feed. */
  public String text() {
    RunReport first = runs.get(0);
    StringBuilder text = new StringBuilder(RunReport.heading(first.about()));
    text.append("runs: ").append(runs.size()).append(", seeds ");
    text.append(first.seed()).append(" to ").append(runs.get(runs.size() - 1).seed());
    text.append("; mean ± standard deviation\n\n");
    text.append(
        ReportText.lanes(
            lanes(),
            first.hasWrongLabels(),
            (lane, metric) -> spread(run -> run.value(lane, metric)).text()));
    if (first.hasWrongLabels()) {
      List<String> areas = new ArrayList<>();
      for (String label : first.wrongLabelAuc().keySet()) {
        areas.add("observed " + label + " " + wrongLabelAuc(label).text());
      }
      text.append("\nWrong labels found by a low weight (AUC; 1 is always, 0.5 is chance): ");
      text.append(String.join(", ", areas)).append('\n');
    }
    text.append(
        String.format(
            Locale.ROOT,
            "\n%s events a run, %,.0f events/s\n",
            ReportText.count(first.counts().eventsRead()),
            spread(run -> run.timing().eventsPerSecond()).mean()));
    return text.toString();
  }
}
