package io.counterweight.evaluation;

import io.counterweight.event.SampleWeight;
import io.counterweight.metric.Ranking;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Weights by the index of their event, 9 bytes an event. */
final class WeightedEvents {
  private static final short ABSENT = -1;

  private short[] observed = new short[0];
  private short[] truth = new short[0];
  private float[] weights = new float[0];
  private boolean[] suspect = new boolean[0];
  private int end;
  private int size;

  void set(int index, SampleWeight weight, int trueLabel) {
    makeRoom(index);
    size += observed[index] == ABSENT ? 1 : 0;
    observed[index] = (short) weight.label();
    truth[index] = (short) trueLabel;
    weights[index] = weight.rawWeight() == null ? weight.weight() : weight.rawWeight();
    suspect[index] = weight.suspect();
    end = Math.max(end, index + 1);
  }

  private void makeRoom(int index) {
    if (index >= observed.length) {
      int before = observed.length;
      int capacity = Math.max(index + 1, Math.max(1024, before + before / 2));
      observed = Arrays.copyOf(observed, capacity);
      Arrays.fill(observed, before, capacity, ABSENT);
      truth = Arrays.copyOf(truth, capacity);
      weights = Arrays.copyOf(weights, capacity);
      suspect = Arrays.copyOf(suspect, capacity);
    }
  }

  int size() {
    return size;
  }

  WeightQuality quality() {
    long wrong = 0;
    long suspects = 0;
    long wrongSuspects = 0;
    double sumOfWrong = 0;
    double sumOfRight = 0;
    for (int i = 0; i < end; i++) {
      if (observed[i] == ABSENT) {
        continue;
      }
      suspects += suspect[i] ? 1 : 0;
      if (isWrong(i)) {
        wrong++;
        wrongSuspects += suspect[i] ? 1 : 0;
        sumOfWrong += weights[i];
      } else {
        sumOfRight += weights[i];
      }
    }
    long right = size - wrong;
    return new WeightQuality(
        wrong,
        right,
        sumOfWrong / wrong,
        sumOfRight / right,
        suspects,
        wrongSuspects,
        wrong == 0 ? Map.of() : wrongLabelAuc());
  }

  private boolean isWrong(int index) {
    return observed[index] != truth[index];
  }

  private Map<Integer, Double> wrongLabelAuc() {
    Map<Integer, Ranking> rankings = new TreeMap<>();
    for (int i = 0; i < end; i++) {
      if (observed[i] != ABSENT) {
        rankings
            .computeIfAbsent((int) observed[i], label -> new Ranking(0))
            .add(-weights[i], isWrong(i));
      }
    }
    Map<Integer, Double> areas = new LinkedHashMap<>();
    rankings.forEach((label, ranking) -> areas.put(label, ranking.rocAuc()));
    return areas;
  }
}
