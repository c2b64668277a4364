package io.counterweight.report;

import io.counterweight.evaluation.Evaluation;
import io.counterweight.evaluation.Truth;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.metric.ScoredEvents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Everything that the report tells of one run, from its results as they come, in any order. Beside
 * what {@link Evaluation} keeps it holds an event's time, 8 bytes an event, and otherwise no more
 * than its windows, 100,000 keys, 200 suspects and the reasons of the newest 50,000 events that
 * wait for their weights. Not thread-safe.
 */
public final class RunSections {
  private static final int LEAST_WINDOWS = 12;
  private static final int MOST_WINDOWS = 60;

  /** Of a window where there are enough; the quality of fewer says little. */
  private static final int EVENTS = 400;

  private static final int PERIODS = 4;
  private static final int SUSPECTS = 200;
  private static final int WAITING = 50_000;
  private static final int KEYS = 100_000;
  private static final int KEY_ROWS = 3_000;
  private static final int DRIFTS = 500;

  private final boolean truthKnown;
  private final Windows windows;
  private final Timeline timeline;
  private final WeightCurves weights;
  private final Coverage coverage;
  private final ConceptImportance importance;
  private final Suspects suspects = new Suspects(SUSPECTS, WAITING);
  private final KeyTable keys = new KeyTable(KEYS);
  private final DriftList drifts = new DriftList(DRIFTS);
  private long[] times = new long[0];
  private int end;

  /**
   * Nothing seen yet.
   *
   * @param events of the run, at least 1
   * @param classes at least 2
   * @param concepts name to names of its features, in the model's order
   * @param truthKnown whether it is known which labels are wrong; otherwise all are taken as given
   */
  public RunSections(
      long events, int classes, Map<String, List<String>> concepts, boolean truthKnown) {
    this.truthKnown = truthKnown;
    windows = Windows.atMost(windows(events), events);
    timeline = new Timeline(windows, classes);
    weights = new WeightCurves(Windows.atMost(PERIODS, events));
    coverage = new Coverage(classes, windows.count());
    importance = new ConceptImportance(concepts, windows.count());
  }

  private static int windows(long events) {
    return (int) Math.max(LEAST_WINDOWS, Math.min(MOST_WINDOWS, events / EVENTS));
  }

  /** Takes what was said of an event before it was trained on. */
  public void predicted(Truth truth, Prediction prediction) {
    int window = windows.of(truth.index());
    keepTime(truth.index(), prediction.eventTime());
    timeline.predicted(truth, prediction);
    coverage.predicted(window, truth.trueLabel(), prediction);
    importance.predicted(window, prediction);
    suspects.predicted(prediction);
    keys.predicted(prediction);
  }

  private void keepTime(int index, long time) {
    if (index >= times.length) {
      int before = times.length;
      times = Arrays.copyOf(times, Math.max(index + 1, Math.max(1024, before + before / 2)));
      Arrays.fill(times, before, times.length, Long.MAX_VALUE);
    }
    times[index] = time;
    end = Math.max(end, index + 1);
  }

  /** Takes how much an event counted. */
  public void weighted(Truth truth, SampleWeight weight) {
    int trueLabel = truthKnown ? truth.trueLabel() : WeightCurves.UNKNOWN;
    weights.weighted(truth.index(), trueLabel, weight);
    suspects.weighted(trueLabel, weight);
    keys.weighted(weight);
  }

  /** Takes a change of a key's drift state. */
  public void drifted(DriftEvent drift) {
    keys.drifted(drift);
    drifts.drifted(drift);
  }

  /** Keys, most events first. */
  public List<String> busiestKeys(int atMost) {
    return keys.busiest(atMost);
  }

  /**
   * The sections of the run, from {@code classes} to {@code keys}.
   *
   * @param evaluation of the same results
   */
  public Map<String, Object> values(Evaluation evaluation) {
    Map<String, ScoredEvents> scored = evaluation.scored();
    ScoredEvents mixture = scored.get(Evaluation.MIXTURE);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("classes", classNames(mixture.classes()));
    values.put("lanes", new ArrayList<>(scored.keySet()));
    values.put("timeline", timeline.values(scored, truthKnown ? "true labels" : "labels as given"));
    values.put("drift", drifts.values(this::indexAt));
    values.put("driftTotals", drifts.totals());
    values.put("weights", weights.values());
    values.put("calibration", Calibration.values(mixture.calibration(), mixture.classes()));
    values.put("coverage", coverage.values());
    values.put("alerts", AlertBudgets.values(mixture));
    values.put("confusion", Numbers.lists(mixture.confusion().counts()));
    values.put("concepts", importance.values());
    values.put("suspects", suspects.values());
    values.put("keys", keys.values(KEY_ROWS));
    return values;
  }

  static List<String> classNames(int classes) {
    return IntStream.range(0, classes).mapToObj(String::valueOf).toList();
  }

  /** The last event up to that time; streams are in the order of event time. */
  private Integer indexAt(long time) {
    int at = Arrays.binarySearch(times, 0, end, time);
    int after = at < 0 ? -at - 1 : at + 1;
    while (after < end && times[after] <= time) {
      after++;
    }
    return after == 0 ? null : after - 1;
  }
}
