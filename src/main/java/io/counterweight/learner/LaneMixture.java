package io.counterweight.learner;

import java.util.Arrays;

/**
 * Weights of the lanes by Hedge with fixed share (Freund and Schapire 1997; Herbster and Warmuth
 * 1998) on the log-loss of trusted events. The lanes' logits are averaged with these weights, so
 * that reason codes of the mixture are the same average of the lanes' reason codes.
 */
final class LaneMixture {
  private static final double LARGEST_CLASS_WEIGHT = 5;

  private final MixtureSettings settings;

  LaneMixture(MixtureSettings settings) {
    this.settings = settings;
  }

  static double[] equalWeights(int lanes) {
    double[] weights = new double[lanes];
    Arrays.fill(weights, 1.0 / lanes);
    return weights;
  }

  /**
   * Judges the lanes by one trusted event. Changes {@code weights} and {@code trustedCounts}.
   *
   * @param weights {@code [lanes]}, sum to 1
   * @param losses log-loss of each lane on the event, in nats
   * @param label its class
   * @param trustedCounts trusted events seen of each class; a rare class counts more, up to five
   *     times
   */
  void judge(double[] weights, double[] losses, int label, long[] trustedCounts) {
    trustedCounts[label]++;
    if (weights.length == 1) {
      return;
    }
    long total = Arrays.stream(trustedCounts).sum();
    double classWeight =
        Math.min(
            LARGEST_CLASS_WEIGHT, (double) total / (trustedCounts.length * trustedCounts[label]));
    double smallest = settings.lossCap();
    for (double loss : losses) {
      smallest = Math.min(smallest, capped(loss));
    }
    double sum = 0;
    for (int l = 0; l < weights.length; l++) {
      // Only differences count, and no weight becomes 0: all together, they would sum to 0.
      double regret = capped(losses[l]) - smallest;
      double discount = Math.exp(-settings.rate() * classWeight * regret);
      weights[l] = Math.max(weights[l] * discount, Double.MIN_NORMAL);
      sum += weights[l];
    }
    double share = settings.share(); // in float, the shares would sum to 1 + 3e-8
    for (int l = 0; l < weights.length; l++) {
      weights[l] = (1 - share) * weights[l] / sum + share / weights.length;
    }
  }

  /** A loss that is not a number is as bad as can be. */
  private double capped(double loss) {
    return loss < settings.lossCap() ? loss : settings.lossCap();
  }
}
