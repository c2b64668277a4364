package io.counterweight.report;

import io.counterweight.event.Prediction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How often prediction sets held the right class, and how large they were. Not thread-safe. */
public final class Coverage {
  private final long[][] held;
  private final long[][] of;
  private final ExactMeans sizes;
  private Float level;

  /**
   * Nothing seen yet.
   *
   * @param classes at least 2
   * @param windows at least 1
   */
  public Coverage(int classes, int windows) {
    held = new long[classes][windows];
    of = new long[classes][windows];
    sizes = new ExactMeans(windows);
  }

  /**
   * Takes one prediction; one without a set does not count.
   *
   * @param window in which the event is, from 0
   * @param label the class that the set should hold
   */
  public void predicted(int window, int label, Prediction prediction) {
    int[] set = prediction.predictionSet();
    if (set == null) {
      return;
    }
    level = prediction.setLevel();
    sizes.add(window, set.length);
    of[label][window]++;
    for (int member : set) {
      held[label][window] += member == label ? 1 : 0;
    }
  }

  /** The section {@code coverage}; null where no prediction has a set. */
  public Map<String, Object> values() {
    if (level == null) {
      return null;
    }
    List<Map<String, Object>> byClass = new ArrayList<>();
    for (int k = 0; k < held.length; k++) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("label", k);
      one.put("held", Numbers.list(held[k]));
      one.put("of", Numbers.list(of[k]));
      byClass.add(one);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("level", Numbers.rounded(level));
    values.put("byClass", byClass);
    values.put("setSize", sizes.means());
    return values;
  }
}
