package io.counterweight.cli;

import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.learner.LearnerState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A stored learner in a line.
 *
 * @param key of the model
 * @param predicted events
 * @param version of the model: mini-batches trained on
 * @param trainedUntil event time, or {@link Long#MIN_VALUE}
 * @param bytes of it in state
 * @param lanes share of the mixture by name, of a challenger's lanes too
 * @param trusted events seen by class
 * @param drift state of the monitor, and its kind unless that is none
 * @param pending labelled events that wait for their mini-batch
 * @param driftState of the monitor
 * @param driftKind of the monitor
 */
record LearnerSummary(
    String key,
    long predicted,
    long version,
    long trainedUntil,
    long bytes,
    Map<String, Double> lanes,
    List<Long> trusted,
    String drift,
    int pending,
    DriftState driftState,
    DriftKind driftKind) {

  static LearnerSummary of(LearnerState state, long bytes) {
    Map<String, Double> lanes = new LinkedHashMap<>();
    List<String> names = state.modelNames();
    double[] shares = state.modelShares();
    for (int m = 0; m < shares.length; m++) {
      lanes.put(names.get(m), shares[m]);
    }
    List<Long> trusted = new ArrayList<>();
    for (long count : state.trustedCounts) {
      trusted.add(count);
    }
    return new LearnerSummary(
        state.modelKey,
        state.predicted,
        state.version,
        state.trainedUntil,
        bytes,
        lanes,
        trusted,
        drift(state),
        state.pending.size(),
        state.drift.state(),
        state.drift.kind());
  }

  private static String drift(LearnerState state) {
    String name = state.drift.state().name().toLowerCase(Locale.ROOT);
    String kind = state.drift.kind().name().toLowerCase(Locale.ROOT);
    return kind.equals("none") ? name : name + " of " + kind;
  }

  /** The same as fields of JSON; times that are not there as null. */
  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("key", key);
    json.put("predicted", predicted);
    json.put("version", version);
    json.put("trainedUntil", trainedUntil == Long.MIN_VALUE ? null : trainedUntil);
    json.put("bytes", bytes);
    json.put("lanes", lanes);
    json.put("trusted", trusted);
    json.put("drift", drift);
    json.put("pending", pending);
    return json;
  }
}
