package io.counterweight.bench;

import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import java.util.LinkedHashMap;
import java.util.Map;

/** Output records as large as the engine's of default lanes, with nothing computed. */
public final class TrivialRecords {
  private static final Map<String, float[]> LANE_PROBABILITIES = new LinkedHashMap<>();
  private static final Map<String, Float> LANE_WEIGHTS = new LinkedHashMap<>();

  static {
    LANE_PROBABILITIES.put("uniform", new float[] {0.96f, 0.04f});
    LANE_PROBABILITIES.put("bilevel", new float[] {0.94f, 0.06f});
    LANE_WEIGHTS.put("uniform", 0.45f);
    LANE_WEIGHTS.put("bilevel", 0.55f);
  }

  private TrivialRecords() {}

  /** A prediction of that event. */
  public static Prediction prediction(Event event, Map<String, Float> contributions) {
    return new Prediction(
        event.eventId(),
        event.modelKey(),
        event.eventTime(),
        new float[] {0.95f, 0.05f},
        0,
        null,
        null,
        null,
        null,
        0.29f,
        -2.5f,
        contributions,
        LANE_PROBABILITIES,
        LANE_WEIGHTS,
        12_345,
        event.eventTime(),
        0,
        0,
        new float[] {0.95f, 0.05f},
        new float[0],
        Map.of());
  }

  /** A weight of that event, which is labelled. */
  public static SampleWeight weight(Event event) {
    return new SampleWeight(
        event.eventId(),
        event.modelKey(),
        event.eventTime(),
        event.label(),
        0.1f,
        1.02f,
        0.51f,
        0.003f,
        false,
        12_346,
        "bilevel",
        0.51f);
  }
}
