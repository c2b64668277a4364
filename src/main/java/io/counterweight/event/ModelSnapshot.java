package io.counterweight.event;

import java.util.Map;

/**
 * One version of a key's model, complete enough to predict with.
 *
 * @param modelKey the learner
 * @param modelVersion mini-batches trained on; grows with time within a key
 * @param trainedUntil latest event time trained on, milliseconds since the epoch
 * @param architecture the model's specification as canonical text
 * @param learner the learner's versioned bytes, as {@code codec.LearnerStateCodec} writes them
 * @param metrics name to value at the time of the snapshot
 */
public record ModelSnapshot(
    String modelKey,
    long modelVersion,
    long trainedUntil,
    String architecture,
    byte[] learner,
    Map<String, Double> metrics) {

  /**
   * Whether it came after another one of its key: by version; a learner that has begun anew counts
   * its versions from 0 and is newer by what it was trained on.
   */
  public boolean isNewerThan(ModelSnapshot other) {
    return modelVersion > other.modelVersion || trainedUntil > other.trainedUntil;
  }
}
