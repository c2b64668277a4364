package io.counterweight.evaluation;

import io.counterweight.metric.Quality;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The outcome of one run: the only place that knows its form, as text for people and as values for
 * JSON.
 *
 * @param about what was run, name to text; the first lines of the report
 * @param counts how much went in and came out
 * @param lanes lane to its quality on the true labels, {@link Evaluation#MIXTURE} last
 * @param weights how well weights tell wrong labels from right ones
 * @param seed of every random number
 * @param digest of everything that came out, see {@link RunDigest}; or null where it is not
 *     repeatable
 * @param timing how long it took; the only part that differs between two runs of one seed
 */
public record RunReport(
    Map<String, String> about,
    Counts counts,
    Map<String, Quality> lanes,
    WeightQuality weights,
    long seed,
    String digest,
    Timing timing) {

  /**
   * How much went in and came out.
   *
   * @param eventsRead events that entered
   * @param trustedRead trusted events that entered beside them
   * @param predictions events of which a prediction came
   * @param weights events of which a weight came
   * @param rejects records that could not be used
   */
  public record Counts(
      long eventsRead, long trustedRead, long predictions, long weights, long rejects) {}

  /**
   * How long it took.
   *
   * @param eventsPerSecond from the first result to the last
   * @param wallSeconds of the whole run, start-up included
   */
  public record Timing(double eventsPerSecond, double wallSeconds) {}

  public RunReport {
    about = copy(about);
    lanes = copy(lanes);
    Objects.requireNonNull(counts, "counts");
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(timing, "timing");
  }

  private static <V> Map<String, V> copy(Map<String, V> ordered) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(ordered));
  }

  /**
   * The report's values: maps, texts, whole numbers, doubles, and null where a number is not
   * defined. For any JSON writer, in the order in which they are best read.
   */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>(about);
    values.put("seed", seed);
    values.put("eventsRead", counts.eventsRead());
    values.put("trustedRead", counts.trustedRead());
    values.put("predictions", counts.predictions());
    values.put("weights", counts.weights());
    values.put("rejects", counts.rejects());
    Map<String, Object> qualities = new LinkedHashMap<>();
    lanes.forEach((lane, quality) -> qualities.put(lane, defined(quality.values())));
    values.put("lanes", qualities);
    values.put("suspects", weights.suspects());
    if (hasWrongLabels()) {
      values.put("wrongLabels", weights.wrongLabels());
      values.put("wrongSuspects", weights.wrongSuspects());
      Map<String, Double> means = new LinkedHashMap<>();
      means.put("wrong", weights.meanWeightOfWrong());
      means.put("right", weights.meanWeightOfRight());
      values.put("meanWeight", defined(means));
      values.put("wrongLabelAuc", defined(wrongLabelAuc()));
    }
    if (digest != null) {
      values.put("digest", digest);
    }
    values.put("eventsPerSecond", defined(timing.eventsPerSecond()));
    values.put("wallSeconds", timing.wallSeconds());
    return values;
  }

  boolean hasWrongLabels() {
    return weights.wrongLabels() > 0;
  }

  /** By the observed label as text. */
  Map<String, Double> wrongLabelAuc() {
    Map<String, Double> areas = new LinkedHashMap<>();
    weights.wrongLabelAuc().forEach((label, area) -> areas.put(label.toString(), area));
    return areas;
  }

  private static Map<String, Object> defined(Map<String, Double> numbers) {
    Map<String, Object> values = new LinkedHashMap<>();
    numbers.forEach((name, number) -> values.put(name, defined(number)));
    return values;
  }

  private static Double defined(double number) {
    return Double.isFinite(number) ? number : null;
  }

  /** The report for people, in lines that end with a line feed. */
  public String text() {
    return heading(about)
        + "\n"
        + ReportText.lanes(
            lanes.keySet(),
            hasWrongLabels(),
            (lane, metric) -> ReportText.number(value(lane, metric)))
        + "\n"
        + labels()
        + outcome();
  }

  static String heading(Map<String, String> about) {
    return about.entrySet().stream()
        .map(entry -> entry.getKey() + ": " + entry.getValue() + "\n")
        .collect(Collectors.joining());
  }

  double value(String lane, String metric) {
    return lanes.get(lane).values().get(metric);
  }

  private String labels() {
    if (!hasWrongLabels()) {
      return "Labels: none known to be wrong; "
          + ReportText.count(weights.suspects())
          + " marked as suspect"
          + (counts.trustedRead() == 0
              ? ": without trusted labels nothing is doubted (--trusted-fraction)\n"
              : "\n");
    }
    long events = weights.wrongLabels() + weights.rightLabels();
    return String.format(
            Locale.ROOT,
            "Labels: %s of %s are wrong (%s)\n",
            ReportText.count(weights.wrongLabels()),
            ReportText.count(events),
            ReportText.share(weights.wrongLabels(), events))
        + String.format(
            Locale.ROOT,
            "  mean weight %.3f where wrong, %.3f where right\n",
            weights.meanWeightOfWrong(),
            weights.meanWeightOfRight())
        + "  found by a low weight (AUC; 1 is always, 0.5 is chance): "
        + wrongLabelAuc().entrySet().stream()
            .map(e -> "observed " + e.getKey() + " " + ReportText.number(e.getValue()))
            .collect(Collectors.joining(", "))
        + "\n"
        + String.format(
            Locale.ROOT,
            "  marked as suspect: %s, of which wrong %s (%s); that is %s of the wrong ones\n",
            ReportText.count(weights.suspects()),
            ReportText.count(weights.wrongSuspects()),
            ReportText.share(weights.wrongSuspects(), weights.suspects()),
            ReportText.share(weights.wrongSuspects(), weights.wrongLabels()));
  }

  private String outcome() {
    List<String> parts =
        List.of(
            ReportText.count(counts.eventsRead()) + " events",
            ReportText.count(counts.trustedRead()) + " trusted",
            ReportText.count(counts.predictions()) + " predictions",
            ReportText.count(counts.weights()) + " weights",
            ReportText.count(counts.rejects()) + " rejects");
    return String.format(
        Locale.ROOT,
        "Counts: %s\n%.1f s in all, %,.0f events/s; seed %d%s\n",
        String.join(", ", parts),
        timing.wallSeconds(),
        timing.eventsPerSecond(),
        seed,
        digest == null ? "" : ", digest " + digest.substring(0, 16));
  }
}
