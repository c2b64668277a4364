package io.counterweight.learner;

import java.io.Serializable;

/**
 * Mixture of the lanes' log-odds by exponentially weighted averaging on trusted events (SPEC,
 * Lanes).
 *
 * @param rate η, learning rate of the weights, at least 0; 0 keeps them equal
 * @param share fraction of the weight that is shared out evenly after each trusted event, in [0,
 *     1), so that a lane can come back
 * @param lossCap largest log-loss that one trusted event counts, in nats, positive
 */
public record MixtureSettings(float rate, float share, float lossCap) implements Serializable {
  public MixtureSettings {
    require(rate >= 0, "rate", rate, "at least 0");
    require(share >= 0 && share < 1, "share", share, "in [0, 1)");
    require(lossCap > 0, "lossCap", lossCap, "positive");
  }

  private static void require(boolean condition, String name, float value, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + rule);
    }
  }
}
