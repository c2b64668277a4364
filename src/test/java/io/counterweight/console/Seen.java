package io.counterweight.console;

import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import java.util.List;
import java.util.Map;

/** Records of a job with the lanes {@code uniform} and {@code posterior}, two classes. */
final class Seen {
  static final long START = 1_700_000_000_000L;

  private Seen() {}

  static JobNames names() {
    return new JobNames(
        "payments",
        List.of("uniform", "posterior"),
        Map.of("place", List.of("distance", "country")));
  }

  static ConsoleState state(ConsoleState.Bounds bounds, long[] clock) {
    return new ConsoleState(2, names(), bounds, () -> clock[0]);
  }

  static Prediction prediction(String id, String key, long eventTime) {
    return new Prediction(
        id,
        key,
        eventTime,
        new float[] {0.25f, 0.75f},
        1,
        new int[] {1},
        0.9f,
        DriftState.STABLE,
        DriftKind.NONE,
        0.5f,
        0.1f,
        Map.of("place", 0.5f, "amount", -0.25f, "(others)", 0.125f),
        Map.of("uniform", new float[] {0.25f, 0.75f}),
        Map.of("uniform", 0.5f, "posterior", 0.25f, "uniform-challenger", 0.25f),
        7,
        eventTime - 1,
        0,
        0,
        new float[] {0.9f, 0.1f},
        new float[] {0.9f, 0.9f},
        Map.of());
  }

  static SampleWeight weight(String id, String key, int label, float belief, boolean suspect) {
    return new SampleWeight(
        id, key, START, label, 0.7f, 1.1f, belief, null, suspect, 8, "mixture", belief);
  }

  static DriftEvent drift(String key, long eventTime, DriftState state) {
    return new DriftEvent(
        key,
        eventTime,
        eventTime - 10,
        state,
        DriftKind.CONCEPT,
        "trusted.recall.1",
        "page-hinkley",
        12.5,
        10,
        7,
        List.of("class 1"));
  }
}
