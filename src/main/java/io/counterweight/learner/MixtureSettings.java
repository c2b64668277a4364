package io.counterweight.learner;

import java.io.Serializable;

/**
 * Mixture of the lanes' log-odds by exponentially weighted averaging on trusted events (SPEC,
 * Lanes).
 *
 * @param rate η, learning rate of the weights, at least 0; 0 keeps them as they start
 * @param share fraction of the weight that returns to the start after each event, in [0, 1), so
 *     that a lane can come back
 * @param lossCap largest log-loss that one event counts, in nats, positive
 * @param successionRate the rate between present lanes and a challenger's, at least 0
 */
public record MixtureSettings(float rate, float share, float lossCap, float successionRate)
    implements Serializable {
  /** Smallest share of the present lanes and of a challenger while both run. */
  static final double FLOOR = 0.01;

  public MixtureSettings {
    require(rate >= 0, "rate", rate, "at least 0");
    require(share >= 0 && share < 1, "share", share, "in [0, 1)");
    require(lossCap > 0, "lossCap", lossCap, "positive");
    require(successionRate >= 0, "successionRate", successionRate, "at least 0");
  }

  private static void require(boolean condition, String name, float value, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + rule);
    }
  }
}
