package io.counterweight.learner;

import java.util.Arrays;
import java.util.List;

/**
 * Weights of the lanes by Hedge with fixed share (Freund and Schapire 1997; Herbster and Warmuth
 * 1998) on the log-loss of trusted events. The lanes' logits are averaged with these weights, so
 * that reason codes of the mixture are the same average of the lanes' reason codes.
 */
final class LaneMixture {
  private static final double LARGEST_CLASS_WEIGHT = 5;

  private final MixtureSettings settings;
  private final double[] start;

  LaneMixture(MixtureSettings settings, List<LaneSettings> lanes) {
    this.settings = settings;
    start = lanes.stream().mapToDouble(LaneSettings::share).toArray();
    double sum = Arrays.stream(start).sum();
    for (int l = 0; l < start.length; l++) {
      start[l] /= sum;
    }
  }

  /** Before any event. */
  double[] startingWeights() {
    return start.clone();
  }

  /**
   * How much an event of a class counts: a rare class more, up to five times.
   *
   * @param counts events seen of each class, or their shares
   */
  static double classWeight(double[] counts, int label) {
    double total = Arrays.stream(counts).sum();
    return Math.min(LARGEST_CLASS_WEIGHT, total / (counts.length * counts[label]));
  }

  /**
   * Judges the lanes by one event. Changes {@code weights}.
   *
   * @param weights {@code [lanes]}, sum to 1
   * @param losses log-loss of each lane on the event, in nats, {@code [lanes]} from {@code from}
   * @param from where this generation's losses begin
   * @param classWeight of {@link #classWeight}
   */
  void judge(double[] weights, double[] losses, int from, double classWeight) {
    if (weights.length == 1) {
      return;
    }
    double smallest = settings.lossCap();
    for (int l = 0; l < weights.length; l++) {
      smallest = Math.min(smallest, capped(losses[from + l]));
    }
    double sum = 0;
    for (int l = 0; l < weights.length; l++) {
      // Only differences count, and no weight becomes 0: all together, they would sum to 0.
      double regret = capped(losses[from + l]) - smallest;
      double discount = Math.exp(-settings.rate() * classWeight * regret);
      weights[l] = Math.max(weights[l] * discount, Double.MIN_NORMAL);
      sum += weights[l];
    }
    double share = settings.share(); // in float, the shares would sum to 1 + 3e-8
    for (int l = 0; l < weights.length; l++) {
      weights[l] = (1 - share) * weights[l] / sum + share * start[l];
    }
  }

  /**
   * Judges a challenger against the present lanes; returns its new share.
   *
   * @param share of the challenger before
   * @param challenger log-loss of its mixture, in nats
   * @param present log-loss of the present lanes' mixture, in nats
   */
  double judge(double share, double challenger, double present, double classWeight) {
    double rate = settings.successionRate() * classWeight;
    double odds = share / (1 - share) * Math.exp(rate * (capped(present) - capped(challenger)));
    double floor = MixtureSettings.FLOOR;
    return Math.max(floor, Math.min(1 - floor, odds / (1 + odds)));
  }

  /** A loss that is not a number is as bad as can be. */
  private double capped(double loss) {
    return loss < settings.lossCap() ? loss : settings.lossCap();
  }
}
