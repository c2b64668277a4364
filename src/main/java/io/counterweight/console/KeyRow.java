package io.counterweight.console;

import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the list of keys says of one key. Mutable; guarded by the state that owns it. */
final class KeyRow {
  /** Without the key's text: the object, its entry in the table, its place on the models topic. */
  static final int BYTES = 256;

  final String key;
  long events;
  long labelled;
  long suspects;
  double weights;
  long drifts;
  DriftState driftState;
  DriftKind driftKind;
  long version;
  long lastTime = Long.MIN_VALUE;

  /** Where its newest snapshot lies, or null. */
  ModelPlace model;

  /** Present for the busiest keys and those looked at. */
  KeyDetail detail;

  /** Ends of its events in the feed. */
  FeedEvent newest;

  FeedEvent oldest;

  KeyRow(String key) {
    this.key = key;
  }

  /** Mean of how far its labels were believed; NaN without any. */
  double meanWeight() {
    return weights / labelled;
  }

  Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("key", key);
    values.put("events", events);
    values.put("labelled", labelled);
    values.put("suspects", suspects);
    values.put("meanWeight", meanWeight());
    values.put("drifts", drifts);
    values.put("driftState", driftState);
    values.put("driftKind", driftKind);
    values.put("version", version);
    values.put("lastTime", Json.time(lastTime));
    return values;
  }
}
