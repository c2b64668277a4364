package io.counterweight.report;

import java.util.Arrays;

/**
 * The range over which a function is drawn: where nearly all of a sample lies, so that a few far
 * values do not squeeze the rest.
 *
 * @param from lower end
 * @param to upper end, larger
 */
record Axis(double from, double to) {
  private static final double LEFT_OUT = 0.005;
  private static final double SMALLEST = 1e-6;

  /** Where the values lie, in any order; around {@code centre} without any. */
  static Axis of(double[] values, double centre, double radius) {
    double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    if (sorted.length == 0) {
      return new Axis(centre - radius, centre + radius);
    }
    int left = (int) (LEFT_OUT * sorted.length);
    double low = sorted[left];
    double high = sorted[sorted.length - 1 - left];
    double least = SMALLEST * Math.max(1, Math.abs(low));
    return high - low > least ? new Axis(low, high) : new Axis(low - radius, high + radius);
  }

  /** So many values at equal distances, both ends among them. */
  double[] grid(int points) {
    double[] grid = new double[points];
    for (int i = 0; i < points; i++) {
      grid[i] = from + (to - from) * i / (points - 1);
    }
    return grid;
  }

  /** How many values lie in each of so many bins; those beyond the ends are left out. */
  long[] density(double[] values, int bins) {
    long[] counts = new long[bins];
    for (double value : values) {
      if (value >= from && value <= to) {
        counts[(int) Math.min(bins - 1, (value - from) / (to - from) * bins)]++;
      }
    }
    return counts;
  }
}
