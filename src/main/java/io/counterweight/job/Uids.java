package io.counterweight.job;

/**
 * Name and uid of every operator. The uid is what a savepoint finds its state by: never change one,
 * never reuse one.
 *
 * @param name shown in the dashboard and in metrics
 * @param uid stable identity
 */
record Uids(String name, String uid) {
  static final Uids EVENTS_SOURCE = new Uids("events", "events-source");
  static final Uids EVENTS_DECODED = new Uids("decode events", "events-decoded");
  static final Uids TRUSTED_SOURCE = new Uids("trusted", "trusted-source");
  static final Uids TRUSTED_DECODED = new Uids("decode trusted", "trusted-decoded");
  static final Uids LABELS_SOURCE = new Uids("labels", "labels-source");
  static final Uids LABELS_DECODED = new Uids("decode labels", "labels-decoded");
  static final Uids LABEL_JOIN = new Uids("label join", "label-join");
  static final Uids PARENT_SOURCE = new Uids("parent's models", "parent-source");
  static final Uids PARENT_EVENTS = new Uids("copy events for the parent", "parent-events");
  static final Uids PARENT_TRUSTED = new Uids("copy trusted for the parent", "parent-trusted");
  static final Uids LEARNER = new Uids("bilevel learner", "bilevel-learner");
  static final Uids LATE_EVENTS = new Uids("reject late events", "late-events");
  static final Uids LATE_TRUSTED = new Uids("reject late trusted", "late-trusted");
  static final Uids MODELS_SOURCE = new Uids("published models", "models-source");
  static final Uids MODEL_GATE = new Uids("model gate", "model-gate");
  static final Uids SCORER = new Uids("scorer", "scorer");
  static final Uids WITHOUT_MODEL = new Uids("reject events without model", "without-model");
  static final Uids UNSCORED_KEYS = new Uids("reject events beyond the key limit", "unscored-keys");
  static final Uids SCORES_SINK = new Uids("scores", "scores-sink");
  static final Uids REFUSED_EVENTS = new Uids("reject events of new keys", "refused-events");
  static final Uids REFUSED_TRUSTED = new Uids("reject trusted of new keys", "refused-trusted");
  static final Uids PREDICTIONS_SINK = new Uids("predictions", "predictions-sink");
  static final Uids WEIGHTS_SINK = new Uids("weights", "weights-sink");
  static final Uids MODELS_SINK = new Uids("models", "models-sink");
  static final Uids DRIFT_SINK = new Uids("drift", "drift-sink");
  static final Uids REJECTS_SINK = new Uids("rejects", "rejects-sink");
}
