package io.counterweight.operator;

import java.io.Serializable;

/**
 * What the operator needs to know beside the learner's own settings.
 *
 * @param ordering of the two inputs
 * @param maxLatency milliseconds after which a mini-batch is cut although it is not full:
 *     processing time with {@code ARRIVAL}, event time with {@code EVENT_TIME}; positive
 * @param cacheBytes heap for live learners per subtask, positive
 * @param maxKeys learners per subtask; events of further keys are refused; 0 for any number
 * @param snapshotEvery mini-batches between model snapshots of a key; 0 for none
 * @param backend name of the compute backend
 * @param labelsLater whether labelled events are those whose labels came later: they were predicted
 *     before, and are only learned from
 * @param modelsAtEnd keys, those with most predictions, whose model is published at the end of a
 *     bounded input
 */
public record LearnerOptions(
    Ordering ordering,
    long maxLatency,
    long cacheBytes,
    long maxKeys,
    long snapshotEvery,
    String backend,
    boolean labelsLater,
    int modelsAtEnd)
    implements Serializable {

  public LearnerOptions {
    if (maxLatency < 1 || cacheBytes < 1 || maxKeys < 0 || snapshotEvery < 0) {
      throw new IllegalArgumentException(
          "maxLatency is "
              + maxLatency
              + " ms, cacheBytes "
              + cacheBytes
              + ", maxKeys "
              + maxKeys
              + ", snapshotEvery "
              + snapshotEvery
              + "; expected positive, positive, at least 0, and at least 0");
    }
  }

  /** Options without models at the end of the input. */
  public LearnerOptions(
      Ordering ordering,
      long maxLatency,
      long cacheBytes,
      long maxKeys,
      long snapshotEvery,
      String backend,
      boolean labelsLater) {
    this(ordering, maxLatency, cacheBytes, maxKeys, snapshotEvery, backend, labelsLater, 0);
  }

  /** The same with the models of so many keys at the end of the input. */
  public LearnerOptions withModelsAtEnd(int keys) {
    return new LearnerOptions(
        ordering, maxLatency, cacheBytes, maxKeys, snapshotEvery, backend, labelsLater, keys);
  }
}
