package io.counterweight.experiment;

import io.counterweight.event.Event;

/** A learner that the engine is compared with: test, then train. */
public interface Contestant {
  /**
   * Predicts.
   *
   * @return {@code [classes]}, sum to 1
   */
  float[] predict(Event event);

  /** Learns a labelled event; a trusted one is learned as an ordinary one with its true label. */
  void learn(Event event);
}
