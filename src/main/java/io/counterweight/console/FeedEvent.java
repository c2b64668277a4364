package io.counterweight.console;

import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import java.util.LinkedHashMap;
import java.util.Map;

/** An event with what was said of it so far. Mutable; guarded by the state that owns it. */
final class FeedEvent {
  /** The object, its entry in the index and its arrays, without texts of their own. */
  private static final int BYTES = 336;

  final String eventId;
  final KeyRow row;
  long seq;

  /** Null where only the weight was seen. */
  private float[] probabilities;

  private int predicted;
  private int[] set;

  /** By number of the lane. */
  private float[] shares;

  private long written;
  private DriftState driftState;
  private DriftKind driftKind;
  private Reasons reasons;
  private long eventTime;
  private int label = Event.NO_LABEL;
  private float weight;
  private Float rawWeight;
  private Float belief;
  private float loss;
  private boolean suspect;

  /** Neighbours in the feed, by seq. */
  FeedEvent older;

  FeedEvent newer;

  /** Neighbours among those of the key. */
  FeedEvent olderOfKey;

  FeedEvent newerOfKey;

  FeedEvent(String eventId, KeyRow row) {
    this.eventId = eventId;
    this.row = row;
  }

  void predicted(Prediction prediction, Reasons largest, float[] laneShares, long millis) {
    shares = laneShares;
    written = millis;
    probabilities = prediction.probabilities();
    predicted = prediction.predictedClass();
    set = prediction.predictionSet();
    driftState = prediction.driftState();
    driftKind = prediction.driftKind();
    reasons = largest;
    eventTime = prediction.eventTime();
  }

  void weighted(SampleWeight record) {
    eventTime = record.eventTime();
    label = record.label();
    weight = record.weight();
    rawWeight = record.rawWeight();
    belief = record.belief();
    loss = record.loss();
    suspect = record.suspect();
  }

  boolean isPredicted() {
    return probabilities != null;
  }

  boolean isLabelled() {
    return label != Event.NO_LABEL;
  }

  Reasons reasons() {
    return reasons;
  }

  float[] shares() {
    return shares;
  }

  /** When the prediction's record was, in milliseconds. */
  long written() {
    return written;
  }

  /** What is kept of the weight. */
  SampleWeight weight() {
    return new SampleWeight(
        eventId, row.key, eventTime, label, loss, weight, rawWeight, null, suspect, 0, null,
        belief);
  }

  /** Classes that the prediction set holds; null without one. */
  int[] predictionSet() {
    return set;
  }

  long eventTime() {
    return eventTime;
  }

  long bytes() {
    return BYTES
        + 2L * eventId.length()
        + (probabilities == null ? 0 : 16 + 4L * (probabilities.length + shares.length))
        + (set == null ? 0 : 16 + 4L * set.length)
        + (reasons == null ? 0 : 64 + 8L * reasons.names().length);
  }

  /** As the feed shows it. */
  Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("seq", seq);
    values.put("eventId", eventId);
    values.put("modelKey", row.key);
    values.put("eventTime", eventTime);
    values.put("probabilities", isPredicted() ? probabilities : null);
    values.put("predicted", isPredicted() ? predicted : null);
    values.put("label", isLabelled() ? label : null);
    values.put("weight", isLabelled() ? weight : null);
    values.put("belief", isLabelled() ? belief : null);
    values.put("suspect", isLabelled() ? suspect : null);
    values.put("loss", isLabelled() ? loss : null);
    values.put("reasons", isPredicted() ? reasons.list() : null);
    values.put("driftState", isPredicted() ? driftState : null);
    values.put("driftKind", isPredicted() ? driftKind : null);
    return values;
  }

  /** As the list of suspects shows it. */
  Map<String, Object> suspectValues() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("eventId", eventId);
    values.put("modelKey", row.key);
    values.put("eventTime", eventTime);
    values.put("label", label);
    values.put("belief", belief);
    values.put("weight", weight);
    values.put("loss", loss);
    values.put("probability", isPredicted() ? probabilities[predicted] : null);
    values.put("predicted", isPredicted() ? predicted : null);
    values.put("trueLabel", null);
    values.put("reasons", isPredicted() ? reasons.list() : null);
    return values;
  }

  /** Least believed first. */
  double doubt() {
    return belief == null ? 1 : belief;
  }
}
