package io.counterweight.metric;

/**
 * Expected calibration error over bins of equal width: how far the frequency of an outcome is from
 * the probability that was given for it, on average over the events. Not thread-safe.
 */
final class CalibrationError {
  private static final int BINS = 15;

  private final long[] events = new long[BINS];
  private final long[] outcomes = new long[BINS];
  private final double[] probabilities = new double[BINS];
  private long total;

  void add(double probability, boolean outcome) {
    int bin = (int) Math.max(0, Math.min(BINS - 1, probability * BINS));
    events[bin]++;
    outcomes[bin] += outcome ? 1 : 0;
    probabilities[bin] += probability;
    total++;
  }

  /** In [0, 1]; NaN without events. */
  double value() {
    double sum = 0;
    for (int b = 0; b < BINS; b++) {
      sum += Math.abs(outcomes[b] - probabilities[b]);
    }
    return sum / total;
  }
}
