package io.counterweight.console;

import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.report.WeightCurves;
import io.counterweight.report.Windows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What the page of one key shows, since it is looked at. Not thread-safe. */
final class KeyDetail {
  private static final int WINDOWS = 60;
  private static final long FIRST_WIDTH_MILLIS = 2_000;
  private static final int SUSPECTS = 200;

  /** Of curves and histograms, by label, and of the rest. */
  private static final long BYTES = 6_000;

  private static final long BYTES_OF_SUSPECT = 40;

  /** When somebody last looked, in milliseconds; 0 for never. */
  long lookedAt;

  private final JobNames names;
  private final Merging<KeyWindow> windows =
      new Merging<>(WINDOWS, FIRST_WIDTH_MILLIS, KeyWindow::new, KeyWindow::add);
  private final WeightCurves curves = new WeightCurves(new Windows(1, 1));
  private final Deque<FeedEvent> suspects = new ArrayDeque<>();
  private Float level;

  KeyDetail(JobNames names) {
    this.names = names;
  }

  void predicted(Prediction prediction, long millis) {
    KeyWindow window = windows.at(millis);
    window.events++;
    window.firstTime = Math.min(window.firstTime, prediction.eventTime());
    window.lastTime = Math.max(window.lastTime, prediction.eventTime());
    for (Map.Entry<String, Float> lane : prediction.laneWeights().entrySet()) {
      int number = names.lane(lane.getKey());
      if (number >= 0) {
        window.shares = KeyWindow.plus(window.shares, number, lane.getValue());
      }
    }
    for (Map.Entry<String, Float> concept : prediction.contributions().entrySet()) {
      int number = names.concepts().number(concept.getKey());
      if (number >= 0) {
        window.importance = KeyWindow.plus(window.importance, number, Math.abs(concept.getValue()));
      }
    }
    if (prediction.predictionSet() != null) {
      level = prediction.setLevel();
      window.sets++;
      window.setSizes += prediction.predictionSet().length;
    }
  }

  /** Takes what the feed still holds of an event. */
  void replayed(FeedEvent event, long millis) {
    if (event.isPredicted()) {
      KeyWindow window = windows.at(event.written());
      window.events++;
      window.firstTime = Math.min(window.firstTime, event.eventTime());
      window.lastTime = Math.max(window.lastTime, event.eventTime());
      for (int lane = 0; lane < event.shares().length; lane++) {
        window.shares = KeyWindow.plus(window.shares, lane, event.shares()[lane]);
      }
      for (List<Object> reason : event.reasons().list()) {
        int number = names.concepts().number((String) reason.get(0));
        if (number >= 0) {
          window.importance =
              KeyWindow.plus(window.importance, number, Math.abs((float) reason.get(1)));
        }
      }
    }
    if (event.isLabelled()) {
      weighted(event.weight(), event, event.isPredicted() ? event.written() : millis);
    }
  }

  /**
   * Takes a weight.
   *
   * @param event that it belongs to, which has it already
   */
  void weighted(SampleWeight weight, FeedEvent event, long millis) {
    KeyWindow window = windows.at(millis);
    int label = weight.label();
    window.byClass = KeyWindow.plus(window.byClass, label, 1);
    if (event.predictionSet() != null) {
      window.of = KeyWindow.plus(window.of, label, 1);
      for (int member : event.predictionSet()) {
        window.held = KeyWindow.plus(window.held, label, member == label ? 1 : 0);
      }
    }
    curves.weighted(0, WeightCurves.UNKNOWN, weight);
    if (weight.suspect()) {
      suspects.addLast(event);
      if (suspects.size() > SUSPECTS) {
        suspects.removeFirst();
      }
    }
  }

  long bytes() {
    long bytes = BYTES + suspects.size() * BYTES_OF_SUSPECT;
    for (FeedEvent suspect : suspects) {
      bytes += suspect.bytes(); // at worst none of them is in the feed any more
    }
    for (Merging.Stretch<KeyWindow> stretch : windows.stretches()) {
      bytes += stretch.sums().bytes();
    }
    return bytes;
  }

  /** Adds the sections of the report that are drawn from topics. */
  void addTo(Map<String, Object> report, int classes) {
    List<KeyWindow> all = withEvents();
    report.put("timeline", timeline(all, classes));
    Map<String, Object> weights = curves.values();
    weights.put("periods", null); // there is one, all that was seen
    report.put("weights", weights);
    report.put("coverage", level == null ? null : coverage(all, classes));
    report.put("concepts", concepts(all));
    report.put(
        "suspects",
        suspects.stream()
            .sorted(Comparator.comparingDouble(FeedEvent::doubt))
            .map(FeedEvent::suspectValues)
            .toList());
  }

  /** A window without events, where labels came late, is part of the one before, or after it. */
  private List<KeyWindow> withEvents() {
    List<KeyWindow> joined = new ArrayList<>();
    for (Merging.Stretch<KeyWindow> stretch : windows.stretches()) {
      KeyWindow last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last == null || last.events > 0 && stretch.sums().events > 0) {
        last = new KeyWindow();
        joined.add(last);
      }
      last.add(stretch.sums());
    }
    joined.removeIf(window -> window.events == 0); // labels only: there is nothing to divide by
    return joined;
  }

  private Map<String, Object> timeline(List<KeyWindow> all, int classes) {
    List<Map<String, Object>> shown = new ArrayList<>();
    long from = 0;
    for (KeyWindow window : all) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("from", from);
      from += window.events;
      one.put("to", from);
      one.put("firstTime", window.firstTime);
      one.put("lastTime", window.lastTime);
      one.put("events", window.events);
      List<Long> byClass = new ArrayList<>();
      for (int k = 0; k < classes; k++) {
        byClass.add(KeyWindow.at(window.byClass, k));
      }
      one.put("byClass", byClass);
      shown.add(one);
    }
    Map<String, Object> share = new LinkedHashMap<>();
    List<String> lanes = names.lanes();
    for (int l = 0; l < lanes.size(); l++) {
      int lane = l;
      if (all.stream().anyMatch(window -> KeyWindow.at(window.shares, lane) > 0)) {
        share.put(
            lanes.get(l), line(all, window -> KeyWindow.at(window.shares, lane) / window.events));
      }
    }
    Map<String, Object> timeline = new LinkedHashMap<>();
    timeline.put("unit", "time");
    timeline.put("windows", shown);
    timeline.put("share", share);
    timeline.put("truth", ConsoleState.TRUTH);
    return timeline;
  }

  private static double[] line(List<KeyWindow> all, ToDoubleFunction<KeyWindow> value) {
    return all.stream().mapToDouble(value).toArray();
  }

  private static Map<String, Object> coverageOf(int label, List<KeyWindow> all) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("label", label);
    one.put("held", all.stream().mapToLong(window -> KeyWindow.at(window.held, label)).toArray());
    one.put("of", all.stream().mapToLong(window -> KeyWindow.at(window.of, label)).toArray());
    return one;
  }

  private Map<String, Object> coverage(List<KeyWindow> all, int classes) {
    List<Map<String, Object>> byClass = new ArrayList<>();
    for (int k = 0; k < classes; k++) {
      byClass.add(coverageOf(k, all));
    }
    Map<String, Object> coverage = new LinkedHashMap<>();
    coverage.put("level", level);
    coverage.put("byClass", byClass);
    coverage.put("setSize", line(all, window -> (double) window.setSizes / window.sets));
    return coverage;
  }

  private Map<String, Object> concepts(List<KeyWindow> all) {
    List<String> shown = new ArrayList<>();
    List<List<String>> features = new ArrayList<>();
    List<double[]> importance = new ArrayList<>();
    List<String> concepts = names.concepts().all();
    for (int c = 0; c < concepts.size(); c++) {
      int concept = c;
      List<String> of = names.featuresOf(concepts.get(c));
      if (!of.isEmpty()
          || all.stream().anyMatch(window -> KeyWindow.at(window.importance, concept) > 0)) {
        shown.add(concepts.get(c));
        features.add(of);
        importance.add(
            line(all, window -> KeyWindow.at(window.importance, concept) / window.events));
      }
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("names", shown);
    values.put("features", features);
    values.put("importance", importance);
    values.put("unit", "nats");
    return values;
  }
}
