package io.counterweight.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Means whose value does not depend on the order in which numbers came: sums are whole multiples of
 * 2^−24, and whole numbers add up without rounding. Numbers beyond ±10,000 count as that, those
 * that are NaN do not count. Not thread-safe.
 */
final class ExactMeans {
  private static final double SCALE = 1L << 24;
  private static final double FARTHEST = 1e4;

  private final long[] sums;
  private final long[] counts;

  ExactMeans(int size) {
    sums = new long[size];
    counts = new long[size];
  }

  void add(int at, double value) {
    if (!Double.isNaN(value)) {
      sums[at] += Math.round(Math.max(-FARTHEST, Math.min(FARTHEST, value)) * SCALE);
      counts[at]++;
    }
  }

  long count(int at) {
    return counts[at];
  }

  /** NaN without a number. */
  double mean(int at) {
    return sums[at] / SCALE / counts[at];
  }

  /** Mean over a given number of events, of which those that added nothing count as 0. */
  double meanOver(int at, long events) {
    return sums[at] / SCALE / events;
  }

  List<Double> means() {
    List<Double> means = new ArrayList<>(sums.length);
    for (int i = 0; i < sums.length; i++) {
      means.add(Numbers.rounded(mean(i)));
    }
    return means;
  }

  List<Long> counts() {
    return Numbers.list(counts);
  }
}
