package io.counterweight.bench;

import java.util.Arrays;

/**
 * How long one call takes, over several blocks of calls.
 *
 * @param seconds of one call, the median of the blocks
 * @param fastest block's seconds of one call
 * @param slowest block's seconds of one call
 */
public record Timing(double seconds, double fastest, double slowest) {

  /** Of the blocks' seconds of one call; at least one. */
  static Timing of(double[] blocks) {
    double[] sorted = blocks.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Timing(median, sorted[0], sorted[sorted.length - 1]);
  }
}
