package io.counterweight.report;

import io.counterweight.evaluation.Truth;
import io.counterweight.event.Prediction;
import io.counterweight.metric.Quality;
import io.counterweight.metric.ScoredEvents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a run went, window by window: event times, true classes, the lanes' shares of the mixture,
 * and of {@link ScoredEvents} their quality in each window. Memory does not grow with the run. Not
 * thread-safe.
 */
public final class Timeline {
  /** Under which name the lanes of challengers are added up. */
  public static final String CHALLENGER = "challenger";

  private static final int MOST_LANES = 64;

  private final Windows windows;
  private final long[][] byClass;
  private final long[] firstTime;
  private final long[] lastTime;
  private final Map<String, ExactMeans> shares = new LinkedHashMap<>();

  /** Nothing seen yet. */
  public Timeline(Windows windows, int classes) {
    this.windows = windows;
    byClass = new long[windows.count()][classes];
    firstTime = new long[windows.count()];
    lastTime = new long[windows.count()];
    Arrays.fill(firstTime, Long.MAX_VALUE);
    Arrays.fill(lastTime, Long.MIN_VALUE);
  }

  /** Takes one prediction. */
  public void predicted(Truth truth, Prediction prediction) {
    int window = windows.of(truth.index());
    byClass[window][truth.trueLabel()]++;
    firstTime[window] = Math.min(firstTime[window], prediction.eventTime());
    lastTime[window] = Math.max(lastTime[window], prediction.eventTime());
    double challenger = 0;
    for (Map.Entry<String, Float> lane : prediction.laneWeights().entrySet()) {
      if (lane.getKey().endsWith(Prediction.CHALLENGER)) {
        challenger += lane.getValue();
      } else {
        addShare(lane.getKey(), window, lane.getValue());
      }
    }
    if (challenger > 0) {
      addShare(CHALLENGER, window, challenger);
    }
  }

  private void addShare(String lane, int window, double share) {
    ExactMeans means = shares.get(lane);
    if (means == null) {
      if (shares.size() >= MOST_LANES) {
        return;
      }
      means = new ExactMeans(windows.count());
      shares.put(lane, means);
    }
    means.add(window, share);
  }

  private long events(int window) {
    return Arrays.stream(byClass[window]).sum();
  }

  /**
   * The section {@code timeline}.
   *
   * @param lanes lane to what it said of each event, the mixture last
   */
  public Map<String, Object> values(Map<String, ScoredEvents> lanes, String truth) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("unit", "event");
    values.put("windows", windowValues());
    Map<String, Object> prAuc = new LinkedHashMap<>();
    Map<String, Object> gMean = new LinkedHashMap<>();
    lanes.forEach(
        (lane, scored) -> {
          List<Double> areas = new ArrayList<>();
          List<Double> means = new ArrayList<>();
          for (int w = 0; w < windows.count(); w++) {
            Quality quality =
                scored.quality(
                    Math.toIntExact(windows.from(w)), Math.toIntExact(windows.from(w + 1)));
            areas.add(Numbers.rounded(quality.prAuc()));
            means.add(Numbers.rounded(quality.gMean()));
          }
          prAuc.put(lane, areas);
          gMean.put(lane, means);
        });
    values.put("prAuc", prAuc);
    values.put("gMean", gMean);
    values.put("share", shareValues(lanes.keySet()));
    values.put("truth", truth);
    return values;
  }

  private List<Map<String, Object>> windowValues() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int w = 0; w < windows.count(); w++) {
      Map<String, Object> window = new LinkedHashMap<>();
      long events = events(w);
      window.put("from", windows.from(w));
      window.put("to", windows.from(w + 1));
      window.put("firstTime", events == 0 ? null : firstTime[w]);
      window.put("lastTime", events == 0 ? null : lastTime[w]);
      window.put("events", events);
      window.put("byClass", Numbers.list(byClass[w]));
      all.add(window);
    }
    return all;
  }

  /** In the order of the lanes, the challengers last; a lane that was away for a while has 0. */
  private Map<String, Object> shareValues(Set<String> lanes) {
    Set<String> order = new LinkedHashSet<>(lanes);
    order.addAll(shares.keySet());
    order.remove(CHALLENGER);
    order.add(CHALLENGER);
    Map<String, Object> values = new LinkedHashMap<>();
    for (String lane : order) {
      ExactMeans means = shares.get(lane);
      if (means != null) {
        List<Double> line = new ArrayList<>();
        for (int w = 0; w < windows.count(); w++) {
          line.add(Numbers.rounded(means.meanOver(w, events(w))));
        }
        values.put(lane, line);
      }
    }
    return values;
  }
}
