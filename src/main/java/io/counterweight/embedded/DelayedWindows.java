package io.counterweight.embedded;

import java.util.Arrays;

/**
 * Counts and sums over sliding windows that end a fixed delay before now: a window of length w at
 * time t covers (t − delay − w, t − delay].
 *
 * <p>Entries are whole numbers, so that sums are exact whatever was added and removed before. Holds
 * the entries younger than delay + the longest window, and no others.
 */
final class DelayedWindows {
  private final long delay;
  private final long[] lengths;
  private final int[] counts;
  private final long[] sums;

  // Positions count all entries ever added; a position's slot is its remainder by the capacity.
  private final long[] firstInside;
  private long[] times = new long[8];
  private int[] values = new int[8];
  private long firstTooYoung;
  private long end;

  /**
   * @param delay milliseconds, at least 0
   * @param lengths of the windows in milliseconds, ascending; shared, not changed
   */
  DelayedWindows(long delay, long[] lengths) {
    this.delay = delay;
    this.lengths = lengths;
    counts = new int[lengths.length];
    sums = new long[lengths.length];
    firstInside = new long[lengths.length];
  }

  /** Adds an entry; time, in milliseconds, must not be before that of the last entry or advance. */
  void add(long time, int value) {
    if (end - firstInside[lengths.length - 1] == times.length) {
      grow();
    }
    times[slot(end)] = time;
    values[slot(end)] = value;
    end++;
  }

  /** Moves the windows to the time, in milliseconds; never backwards. */
  void advance(long now) {
    for (; firstTooYoung < end && times[slot(firstTooYoung)] <= now - delay; firstTooYoung++) {
      for (int w = 0; w < lengths.length; w++) {
        counts[w]++;
        sums[w] += values[slot(firstTooYoung)];
      }
    }
    for (int w = 0; w < lengths.length; w++) {
      long horizon = now - delay - lengths[w];
      for (;
          firstInside[w] < firstTooYoung && times[slot(firstInside[w])] <= horizon;
          firstInside[w]++) {
        counts[w]--;
        sums[w] -= values[slot(firstInside[w])];
      }
    }
  }

  /** Entries in window {@code w} at the time of the last {@link #advance}. */
  int count(int w) {
    return counts[w];
  }

  /** Sum of the entries in window {@code w} at the time of the last {@link #advance}. */
  long sum(int w) {
    return sums[w];
  }

  /** Mean of the entries in window {@code w}, or 0 if it is empty. */
  double mean(int w) {
    return counts[w] == 0 ? 0 : (double) sums[w] / counts[w];
  }

  /** Entries held in memory. */
  int held() {
    return (int) (end - firstInside[lengths.length - 1]);
  }

  private void grow() {
    long first = firstInside[lengths.length - 1];
    long[] olderTimes = times;
    int[] olderValues = values;
    times = Arrays.copyOf(times, 2 * times.length);
    values = Arrays.copyOf(values, 2 * values.length);
    for (long position = first; position < end; position++) {
      int old = (int) (position & (olderTimes.length - 1));
      times[slot(position)] = olderTimes[old];
      values[slot(position)] = olderValues[old];
    }
  }

  private int slot(long position) {
    return (int) (position & (times.length - 1));
  }
}
