package io.counterweight.console;

import java.util.Arrays;

/** What happened to a key in a stretch of time. Arrays grow with what is added. */
final class KeyWindow {
  private static final int BYTES = 160;

  long events;
  long firstTime = Long.MAX_VALUE;
  long lastTime = Long.MIN_VALUE;

  /** By label as received. */
  long[] byClass = new long[0];

  /** By label: events whose set held it, and those that had a set. */
  long[] held = new long[0];

  long[] of = new long[0];
  long sets;
  long setSizes;

  /** By lane: sums of its share of the mixture. */
  double[] shares = new double[0];

  /** By concept: sums of the sizes of its contributions, nats. */
  double[] importance = new double[0];

  void add(KeyWindow other) {
    events += other.events;
    firstTime = Math.min(firstTime, other.firstTime);
    lastTime = Math.max(lastTime, other.lastTime);
    byClass = sum(byClass, other.byClass);
    held = sum(held, other.held);
    of = sum(of, other.of);
    sets += other.sets;
    setSizes += other.setSizes;
    shares = sum(shares, other.shares);
    importance = sum(importance, other.importance);
  }

  private static long[] sum(long[] a, long[] b) {
    long[] sum = Arrays.copyOf(a, Math.max(a.length, b.length));
    for (int i = 0; i < b.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = Arrays.copyOf(a, Math.max(a.length, b.length));
    for (int i = 0; i < b.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  /** Adds to one of many; the array, or a longer one. */
  static double[] plus(double[] sums, int index, double value) {
    double[] longer = index < sums.length ? sums : Arrays.copyOf(sums, index + 1);
    longer[index] += value;
    return longer;
  }

  static long[] plus(long[] counts, int index, long value) {
    long[] longer = index < counts.length ? counts : Arrays.copyOf(counts, index + 1);
    longer[index] += value;
    return longer;
  }

  static long at(long[] counts, int index) {
    return index < counts.length ? counts[index] : 0;
  }

  static double at(double[] sums, int index) {
    return index < sums.length ? sums[index] : 0;
  }

  long bytes() {
    return BYTES
        + 8L * (byClass.length + held.length + of.length + shares.length + importance.length);
  }
}
