package io.counterweight.learner;

import java.io.Serializable;

/**
 * Cadence of the upper level (SPEC 4.3).
 *
 * @param every mini-batches from one upper step to the next, at least 1
 * @param pool newest labelled events that an upper step looks at, at least 1
 */
public record UpperSettings(int every, int pool) implements Serializable {
  public UpperSettings {
    if (every < 1 || pool < 1) {
      throw new IllegalArgumentException(
          "every is " + every + " and pool " + pool + ", expected both at least 1");
    }
  }
}
