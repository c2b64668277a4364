package io.counterweight.operator;

import java.io.Serializable;

/**
 * What the scorer needs to know beside the learner's settings.
 *
 * @param tolerance by how much, in nats, the class-balanced log-loss of a new model on its trusted
 *     events may be above that of the running one; not negative
 * @param patience milliseconds for which an event waits for the first model of its key, not
 *     negative
 * @param mostWaiting events of a subtask that wait at most, at least 0
 * @param cacheBytes heap of a subtask for decoded models, at least 0
 * @param maxKeys keys with a model at most, at least 0; 0 for any number
 * @param backend name of the compute backend
 */
public record ScorerOptions(
    double tolerance, long patience, int mostWaiting, long cacheBytes, int maxKeys, String backend)
    implements Serializable {

  public ScorerOptions {
    if (!(tolerance >= 0) || patience < 0 || mostWaiting < 0 || cacheBytes < 0 || maxKeys < 0) {
      throw new IllegalArgumentException(
          "tolerance is "
              + tolerance
              + ", patience "
              + patience
              + " ms, mostWaiting "
              + mostWaiting
              + ", cacheBytes "
              + cacheBytes
              + ", maxKeys "
              + maxKeys
              + "; expected none below 0");
    }
  }
}
