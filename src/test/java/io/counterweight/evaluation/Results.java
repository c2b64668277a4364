package io.counterweight.evaluation;

import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import java.util.LinkedHashMap;
import java.util.Map;

/** Predictions and weights of which only what matters is given. */
final class Results {
  private Results() {}

  static Prediction prediction(String id, String key, float p1, float laneP1) {
    Map<String, float[]> lanes = new LinkedHashMap<>();
    lanes.put("uniform", new float[] {1 - laneP1, laneP1});
    return new Prediction(
        id,
        key,
        7,
        new float[] {1 - p1, p1},
        p1 > 0.5 ? 1 : 0,
        null,
        null,
        null,
        null,
        0.5f,
        0.1f,
        Map.of("age", 0.25f),
        lanes,
        Map.of("uniform", 1f),
        3,
        5,
        0,
        0,
        new float[] {0.5f, 0.5f},
        new float[0],
        Map.of());
  }

  static SampleWeight weight(String id, String key, int label, float weight, boolean suspect) {
    return new SampleWeight(
        id, key, 7, label, 0.3f, weight, null, null, suspect, 4, "uniform", null);
  }
}
