package io.counterweight.metric;

import java.util.ArrayList;
import java.util.List;

/**
 * Expected calibration error over bins of equal width: how far the frequency of an outcome is from
 * the probability that was given for it, on average over the events. Not thread-safe.
 */
public final class CalibrationError {
  private static final int BINS = 15;

  /**
   * Events whose probabilities lie close together.
   *
   * @param from lower end of the probabilities
   * @param to upper end
   * @param count events
   * @param predicted their mean probability; NaN without events
   * @param observed share of them with the outcome; NaN without events
   */
  public record Bin(double from, double to, long count, double predicted, double observed) {}

  private final long[] events = new long[BINS];
  private final long[] outcomes = new long[BINS];
  private final double[] probabilities = new double[BINS];
  private long total;

  /** Adds one event. */
  public void add(double probability, boolean outcome) {
    int bin = (int) Math.max(0, Math.min(BINS - 1, probability * BINS));
    events[bin]++;
    outcomes[bin] += outcome ? 1 : 0;
    probabilities[bin] += probability;
    total++;
  }

  /** In [0, 1]; NaN without events. */
  public double value() {
    double sum = 0;
    for (int b = 0; b < BINS; b++) {
      sum += Math.abs(outcomes[b] - probabilities[b]);
    }
    return sum / total;
  }

  /** From the smallest probabilities to the largest. */
  public List<Bin> bins() {
    List<Bin> bins = new ArrayList<>();
    for (int b = 0; b < BINS; b++) {
      bins.add(
          new Bin(
              (double) b / BINS,
              (b + 1.0) / BINS,
              events[b],
              probabilities[b] / events[b],
              (double) outcomes[b] / events[b]));
    }
    return bins;
  }
}
