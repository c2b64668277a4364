package io.counterweight.drift;

import java.util.Arrays;

/**
 * ADWIN (Bifet and Gavaldà 2007, ADWIN2): a window of variable length over an exponential histogram
 * that is cut where the means of two parts differ. A drift is a cut after which the mean is higher.
 * At most {@value #LEVELS} rows of {@value #PER_LEVEL} buckets are kept, enough for 2^31 values.
 *
 * @param delta confidence, in (0, 1)
 */
public record Adwin(double delta) implements DriftDetector {
  private static final int PER_LEVEL = 5;
  private static final int LEVELS = 30;
  private static final int CHECK_EVERY = 32;
  private static final int LEAST_WIDTH = 10;
  private static final int LEAST_PART = 5;

  private static final int TIME = COMMON;
  private static final int WIDTH = COMMON + 1;
  private static final int TOTAL = COMMON + 2;
  private static final int VARIANCE = COMMON + 3;
  private static final int ROWS = COMMON + 4;
  private static final int SIZES = COMMON + 5;

  /** Sum and variance of each bucket, oldest of a row first. */
  private static final int BUCKETS = SIZES + LEVELS;

  private static final int ROOM = PER_LEVEL + 1;

  /** With the customary confidence. */
  public Adwin() {
    this(0.002);
  }

  @Override
  public String name() {
    return "adwin";
  }

  @Override
  public double[] fresh() {
    double[] state = new double[BUCKETS + 2 * LEVELS * ROOM];
    state[ROWS] = 1;
    return state;
  }

  @Override
  public Level update(double[] state, double value) {
    double before = mean(state);
    insert(state, value);
    state[TIME]++;
    double width = state[WIDTH];
    boolean cut = state[TIME] % CHECK_EVERY == 0 && width > LEAST_WIDTH && shrink(state);
    if (cut) {
      state[ONSET] = state[WIDTH];
    }
    return cut && mean(state) > before ? Level.DRIFT : Level.STABLE;
  }

  private static double mean(double[] state) {
    return state[WIDTH] == 0 ? 0 : state[TOTAL] / state[WIDTH];
  }

  private static int bucket(int row, int place) {
    return BUCKETS + 2 * (row * ROOM + place);
  }

  private static void insert(double[] state, double value) {
    state[WIDTH]++;
    add(state, 0, value, 0);
    if (state[WIDTH] > 1) {
      double others = state[WIDTH] - 1;
      double distance = value - state[TOTAL] / others;
      state[VARIANCE] += others * distance * distance / state[WIDTH];
    }
    state[TOTAL] += value;
    compress(state);
  }

  private static void add(double[] state, int row, double sum, double variance) {
    int at = bucket(row, (int) state[SIZES + row]++);
    state[at] = sum;
    state[at + 1] = variance;
  }

  /** Two full buckets of a row become one of the next. */
  private static void compress(double[] state) {
    for (int row = 0; row < state[ROWS]; row++) {
      if (state[SIZES + row] < ROOM) {
        break;
      }
      if (row == LEVELS - 1) {
        dropOldest(state);
        break;
      }
      if (row + 1 == state[ROWS]) {
        state[ROWS]++;
      }
      int first = bucket(row, 0);
      double size = Math.pow(2, row);
      double distance = state[first] / size - state[first + 2] / size;
      double variance =
          state[first + 1] + state[first + 3] + size * size * distance * distance / (2 * size);
      double sum = state[first] + state[first + 2];
      removeFirst(state, row, 2);
      add(state, row + 1, sum, variance);
    }
  }

  private static void removeFirst(double[] state, int row, int count) {
    int first = bucket(row, 0);
    int end = bucket(row, (int) state[SIZES + row]);
    System.arraycopy(state, first + 2 * count, state, first, end - first - 2 * count);
    Arrays.fill(state, end - 2 * count, end, 0);
    state[SIZES + row] -= count;
  }

  private static void dropOldest(double[] state) {
    int row = (int) state[ROWS] - 1;
    int first = bucket(row, 0);
    double size = Math.pow(2, row);
    state[WIDTH] -= size;
    state[TOTAL] -= state[first];
    double distance = state[first] / size - state[TOTAL] / state[WIDTH];
    state[VARIANCE] -=
        state[first + 1] + size * state[WIDTH] * distance * distance / (size + state[WIDTH]);
    removeFirst(state, row, 1);
    if (state[SIZES + row] == 0 && row > 0) {
      state[ROWS]--;
    }
  }

  private boolean shrink(double[] state) {
    boolean cut = false;
    while (state[WIDTH] > 0 && hasCut(state)) {
      dropOldest(state);
      cut = true;
    }
    return cut;
  }

  /** Whether some split of the window, from the oldest bucket on, has means that differ. */
  private boolean hasCut(double[] state) {
    double olderCount = 0;
    double olderSum = 0;
    double newerCount = state[WIDTH];
    double newerSum = state[TOTAL];
    for (int row = (int) state[ROWS] - 1; row >= 0; row--) {
      double size = Math.pow(2, row);
      for (int place = 0; place < state[SIZES + row]; place++) {
        if (row == 0 && place == state[SIZES + row] - 1) {
          return false;
        }
        double sum = state[bucket(row, place)];
        olderCount += size;
        olderSum += sum;
        newerCount -= size;
        newerSum -= sum;
        if (olderCount > LEAST_PART + 1 && newerCount > LEAST_PART + 1) {
          double difference = Math.abs(olderSum / olderCount - newerSum / newerCount);
          double bound = bound(state, olderCount, newerCount);
          if (difference > bound) {
            state[STATISTIC] = difference;
            state[THRESHOLD] = bound;
            return true;
          }
        }
      }
    }
    return false;
  }

  private double bound(double[] state, double older, double newer) {
    double width = state[WIDTH];
    double logarithm = Math.log(2 * Math.log(width) / delta);
    double m = 1 / (older - LEAST_PART + 1) + 1 / (newer - LEAST_PART + 1);
    double variance = state[VARIANCE] / width;
    return Math.sqrt(2 * m * variance * logarithm) + 2.0 / 3 * logarithm * m;
  }
}
