package io.counterweight.metric;

import java.util.Arrays;

/**
 * Events ranked by a score, each positive or negative. Equal scores are one step of the threshold:
 * the order in which events were added never matters. 8 bytes an event; sorted when asked. Not
 * thread-safe.
 */
public final class Ranking {
  private long[] scored;
  private int size;
  private long positives;
  private boolean sorted = true;
  private boolean undefined;

  /**
   * Nothing ranked yet.
   *
   * @param expected events to make room for, at least 0; more may be added
   */
  public Ranking(int expected) {
    scored = new long[Math.max(16, expected)];
  }

  /** Adds one event. A score that is NaN has no rank and makes every area NaN. */
  public void add(float score, boolean positive) {
    if (size == scored.length) {
      scored = Arrays.copyOf(scored, 2 * size);
    }
    undefined |= Float.isNaN(score);
    int bits = Float.floatToIntBits(score + 0f); // −0 and 0 are the same score
    long ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    scored[size++] = ordered << 1 | (positive ? 1 : 0);
    positives += positive ? 1 : 0;
    sorted = false;
  }

  /** Whether a score was NaN, so that nothing can be said of ranks. */
  public boolean isUndefined() {
    return undefined;
  }

  /** Events that are positive. */
  public long positives() {
    return positives;
  }

  /** Events that are not. */
  public long negatives() {
    return size - positives;
  }

  private boolean isDefined() {
    if (undefined || positives == 0 || positives == size) {
      return false;
    }
    sort();
    return true;
  }

  private void sort() {
    if (!sorted) {
      Arrays.sort(scored, 0, size);
      sorted = true;
    }
  }

  /**
   * Average precision, the area under the precision-recall curve without interpolation: the sum of
   * precision times gain in recall over the steps of the threshold. In [0, 1]; NaN unless both
   * kinds of events are there.
   */
  public double averagePrecision() {
    if (!isDefined()) {
      return Double.NaN;
    }
    double area = 0;
    long hits = 0;
    for (int i = size - 1; i >= 0; ) {
      long score = scored[i] >> 1;
      long before = hits;
      for (; i >= 0 && scored[i] >> 1 == score; i--) {
        hits += scored[i] & 1;
      }
      double precision = (double) hits / (size - 1 - i);
      area += precision * (hits - before) / positives;
    }
    return area;
  }

  /**
   * Area under the ROC curve: how often a positive event scores above a negative one, ties counted
   * half. In [0, 1]; NaN unless both kinds of events are there.
   */
  public double rocAuc() {
    if (!isDefined()) {
      return Double.NaN;
    }
    double pairs = 0;
    long below = 0;
    for (int i = 0; i < size; ) {
      long score = scored[i] >> 1;
      int from = i;
      long hits = 0;
      for (; i < size && scored[i] >> 1 == score; i++) {
        hits += scored[i] & 1;
      }
      long misses = i - from - hits;
      pairs += hits * (below + misses / 2.0);
      below += misses;
    }
    return pairs / ((double) positives * (size - positives));
  }

  /**
   * What is found among the events that score highest.
   *
   * @param events how many of them, the tied ones at the end among them
   * @param hits positive ones of these
   * @param threshold the least of their scores
   */
  public record Top(long events, long hits, float threshold) {}

  /**
   * The highest scores, so many events at least; a tie is not cut.
   *
   * @param atLeast events wanted, at least 1
   * @throws IllegalStateException without events, or if a score is NaN
   */
  public Top top(long atLeast) {
    if (size == 0 || undefined) {
      throw new IllegalStateException(
          size == 0 ? "There are no events to rank" : "A score is NaN and has no rank");
    }
    sort();
    long hits = 0;
    int i = size - 1;
    long score = scored[i] >> 1;
    for (; i >= 0 && (size - 1 - i < atLeast || scored[i] >> 1 == score); i--) {
      score = scored[i] >> 1;
      hits += scored[i] & 1;
    }
    int ordered = (int) score;
    return new Top(
        size - 1L - i, hits, Float.intBitsToFloat(ordered ^ ((ordered >> 31) & Integer.MAX_VALUE)));
  }
}
