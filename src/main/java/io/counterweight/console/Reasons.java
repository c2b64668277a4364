package io.counterweight.console;

import io.counterweight.event.Prediction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The largest contributions of a prediction, and the sum of the others.
 *
 * @param names of concepts, largest contribution first
 * @param values as many, nats
 * @param others sum of those left out, or NaN where none are
 */
record Reasons(String[] names, float[] values, float others) {
  static final int MOST = 5;

  /**
   * Of a prediction.
   *
   * @param texts hold each concept's name once
   */
  static Reasons of(Map<String, Float> contributions, Texts texts) {
    int size =
        Math.min(
            MOST, contributions.size() - (contributions.containsKey(Prediction.OTHERS) ? 1 : 0));
    String[] names = new String[size];
    float[] values = new float[size];
    int filled = 0;
    float sum = 0;
    for (Map.Entry<String, Float> entry : contributions.entrySet()) {
      float value = entry.getValue();
      sum += value;
      if (entry.getKey().equals(Prediction.OTHERS)) {
        continue;
      }
      int at = filled;
      while (at > 0 && Math.abs(values[at - 1]) < Math.abs(value)) {
        at--;
      }
      if (at == size) {
        continue;
      }
      filled = Math.min(filled + 1, size);
      System.arraycopy(names, at, names, at + 1, filled - 1 - at);
      System.arraycopy(values, at, values, at + 1, filled - 1 - at);
      names[at] = texts.same(entry.getKey());
      values[at] = value;
    }
    for (float value : values) {
      sum -= value;
    }
    return new Reasons(names, values, contributions.size() > size ? sum : Float.NaN);
  }

  /** Pairs of name and value. */
  List<List<Object>> list() {
    List<List<Object>> list = new ArrayList<>(names.length + 1);
    for (int i = 0; i < names.length; i++) {
      list.add(List.of(names[i], values[i]));
    }
    if (!Float.isNaN(others)) {
      list.add(List.of(Prediction.OTHERS, others));
    }
    return list;
  }
}
