package io.counterweight.embedded;

import java.time.Duration;

/**
 * Chooses the events that an investigator settles: a share F of all events, as many of each class.
 *
 * <p>An event of class k with prior π_k is chosen with probability F / (K π_k). Where a class is
 * rarer than F / K, all of its events are chosen, and the others share what it leaves. The draw for
 * an event depends on the seed and the event's index only.
 */
final class TrustedSelection {
  private final double fraction;
  private final long delay;
  private final CounterRandom draws;

  /**
   * @param fraction F in [0, 1]
   * @param delay from the event to its trusted copy, not negative
   * @param seed of the draws
   */
  TrustedSelection(double fraction, Duration delay, long seed) {
    this.fraction = fraction;
    this.delay = delay.toMillis();
    draws = CounterRandom.of(seed, "trusted selection");
  }

  /**
   * Event time of the trusted copy in milliseconds, or {@link FeedEvent#NOT_TRUSTED}.
   *
   * @param index of the event
   * @param eventTime milliseconds since the epoch
   * @param label true class
   * @param priors share of each class, {@code [classes]}
   */
  long trustedTime(long index, long eventTime, int label, double[] priors) {
    return draws.uniform(index) < probability(label, priors)
        ? eventTime + delay
        : FeedEvent.NOT_TRUSTED;
  }

  /** Probability that an event of the class is chosen. */
  double probability(int label, double[] priors) {
    double perClass = fraction / priors.length;
    for (int round = 0; round < priors.length; round++) {
      double taken = 0;
      int larger = 0;
      for (double prior : priors) {
        taken += prior <= perClass ? prior : 0;
        larger += prior <= perClass ? 0 : 1;
      }
      if (larger == 0) {
        return 1;
      }
      perClass = (fraction - taken) / larger;
    }
    return Math.min(1, perClass / priors[label]);
  }

  /** Refuses what the constructor expects not to get, naming the option. */
  static void validate(double fraction, Duration delay) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException(
          "trustedFraction is " + fraction + ", expected a number in [0, 1]");
    }
    if (delay.isNegative()) {
      throw new IllegalArgumentException(
          "trustedDelay is " + delay + ", expected none or a positive duration");
    }
  }
}
