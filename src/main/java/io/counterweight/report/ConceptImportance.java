package io.counterweight.report;

import io.counterweight.event.Prediction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How much each concept moved the predictions: the mean size of its contribution, in nats, window
 * by window. A concept that a prediction does not name counts as 0 there; what predictions tell of
 * the others together is told under {@link Prediction#OTHERS}. Not thread-safe.
 */
public final class ConceptImportance {
  /** Concepts that are shown, those of the largest contributions. */
  private static final int MOST = 200;

  private final Map<String, Integer> places = new LinkedHashMap<>();
  private final List<List<String>> features;
  private final ExactMeans[] sizes;
  private final long[] events;

  /**
   * Nothing seen yet.
   *
   * @param concepts name to names of its features, in order
   * @param windows at least 1
   */
  public ConceptImportance(Map<String, List<String>> concepts, int windows) {
    concepts.keySet().forEach(name -> places.put(name, places.size()));
    features = List.copyOf(concepts.values());
    places.putIfAbsent(Prediction.OTHERS, places.size());
    sizes = new ExactMeans[places.size()];
    Arrays.setAll(sizes, c -> new ExactMeans(windows));
    events = new long[windows];
  }

  /** Takes one prediction; contributions of unknown names do not count. */
  public void predicted(int window, Prediction prediction) {
    events[window]++;
    for (Map.Entry<String, Float> one : prediction.contributions().entrySet()) {
      Integer concept = places.get(one.getKey());
      if (concept != null) {
        sizes[concept].add(window, Math.abs(one.getValue()));
      }
    }
  }

  private double total(int concept) {
    double sum = 0;
    for (int w = 0; w < events.length; w++) {
      double mean = sizes[concept].meanOver(w, events[w]);
      sum += Double.isNaN(mean) ? 0 : mean * events[w];
    }
    return sum;
  }

  /** Of the concepts that are shown the smallest sum of contributions. */
  private double leastShown() {
    double[] totals = IntStream.range(0, sizes.length).mapToDouble(this::total).sorted().toArray();
    return totals[Math.max(0, totals.length - MOST)];
  }

  /** The section {@code concepts}. */
  public Map<String, Object> values() {
    List<String> names = new ArrayList<>();
    List<List<String>> of = new ArrayList<>();
    List<List<Double>> importance = new ArrayList<>();
    double least = leastShown();
    places.forEach(
        (name, c) -> {
          boolean unused = c >= features.size() && sizes[c].counts().stream().allMatch(n -> n == 0);
          if (unused || total(c) < least || names.size() == MOST) {
            return;
          }
          names.add(name);
          of.add(c < features.size() ? features.get(c) : List.of());
          List<Double> line = new ArrayList<>();
          for (int w = 0; w < events.length; w++) {
            line.add(Numbers.rounded(sizes[c].meanOver(w, events[w])));
          }
          importance.add(line);
        });
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("names", names);
    values.put("features", of);
    values.put("importance", importance);
    values.put("unit", "nats");
    values.put("of", features.size());
    return values;
  }
}
