package io.counterweight.report;

import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Results that differ in what a test is about. */
final class Results {
  String id = "e";
  String key = "k";
  long time = 7;
  float p1 = 0.25f;
  int[] set;
  Map<String, Float> contributions = Map.of();
  Map<String, Float> shares = Map.of("uniform", 1f);

  static Results of(String id, long time) {
    Results results = new Results();
    results.id = id;
    results.time = time;
    return results;
  }

  Prediction prediction() {
    Map<String, float[]> lanes = new LinkedHashMap<>();
    shares.keySet().forEach(lane -> lanes.put(lane, new float[] {1 - p1, p1}));
    return new Prediction(
        id,
        key,
        time,
        new float[] {1 - p1, p1},
        p1 > 0.5 ? 1 : 0,
        set,
        set == null ? null : 0.9f,
        DriftState.WARNING,
        DriftKind.NOISE,
        0.5f,
        0.1f,
        contributions,
        lanes,
        shares,
        3,
        5,
        0,
        0,
        new float[] {0.5f, 0.5f},
        new float[0],
        Map.of());
  }

  SampleWeight weight(int label, float loss, float belief, boolean suspect) {
    return new SampleWeight(
        id, key, time, label, loss, 2 * belief, raw(belief), null, suspect, 4, "mixture", belief);
  }

  /** A label counts for more than it is believed: some lanes believe every one. */
  static float raw(float belief) {
    return 0.5f + belief / 2;
  }

  static DriftEvent drift(String key, long time, DriftState state) {
    return new DriftEvent(
        key,
        time,
        time - 3,
        state,
        DriftKind.CONCEPT,
        "trusted.recall.1",
        "cusum",
        2,
        1,
        4,
        List.of("class 1"));
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> maps(Object value) {
    return (List<Map<String, Object>>) value;
  }
}
