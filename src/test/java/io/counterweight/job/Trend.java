package io.counterweight.job;

import java.util.Arrays;
import java.util.List;

/**
 * How a measured level moves with time. Medians throughout: a sample that was taken in the middle
 * of a restart does not count for more than any other.
 *
 * @param first median of the first third of the samples
 * @param last median of the last third
 * @param perHour the median slope between two samples (Theil and Sen)
 */
record Trend(double first, double last, double perHour) {

  /** A level at a time. */
  record Point(double seconds, double level) {}

  /**
   * The trend of a series.
   *
   * @param points three or more, in order of time
   */
  static Trend of(List<Point> points) {
    int count = points.size();
    if (count < 3) {
      throw new IllegalArgumentException("A trend needs three points, there are " + count);
    }
    double[] slopes = new double[count * (count - 1) / 2];
    int next = 0;
    for (int i = 0; i < count; i++) {
      for (int j = i + 1; j < count; j++) {
        Point a = points.get(i);
        Point b = points.get(j);
        slopes[next++] = (b.level - a.level) / (b.seconds - a.seconds) * 3600;
      }
    }
    int third = count / 3;
    return new Trend(
        median(levels(points.subList(0, third))),
        median(levels(points.subList(count - third, count))),
        median(slopes));
  }

  /** From the first third to the last. */
  double growth() {
    return last - first;
  }

  private static double[] levels(List<Point> points) {
    return points.stream().mapToDouble(Point::level).toArray();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
