package io.counterweight.drift;

import io.counterweight.model.SeededRandom;
import java.util.Arrays;

/**
 * KSWIN (Raab, Heusinger and Schleif 2020): the newest values against as many drawn from the rest
 * of a window, by the Kolmogorov-Smirnov statistic. Sees any change of the distribution, a fall
 * too.
 *
 * @param alpha probability of a false drift at one test, in (0, 1)
 * @param window values in the window
 * @param newest of them that are tested, less than half
 */
public record Kswin(double alpha, int window, int newest) implements DriftDetector {
  private static final int RANDOM_HIGH = COMMON;
  private static final int RANDOM_LOW = COMMON + 1;
  private static final int SIZE = COMMON + 2;
  private static final int NEXT = COMMON + 3;
  private static final int VALUES = COMMON + 4;

  public Kswin {
    if (newest < 2 || newest > window / 2) {
      throw new IllegalArgumentException(
          "newest is " + newest + ", expected 2 to half of the window of " + window);
    }
  }

  /** With the customary constants. */
  public Kswin() {
    this(0.005, 100, 30);
  }

  @Override
  public String name() {
    return "kswin";
  }

  @Override
  public double[] fresh() {
    return new double[VALUES + window];
  }

  @Override
  public Level update(double[] state, double value) {
    int next = (int) state[NEXT];
    state[VALUES + next] = value;
    state[NEXT] = (next + 1) % window;
    state[SIZE] = Math.min(window, state[SIZE] + 1);
    if (state[SIZE] < window) {
      return Level.STABLE;
    }
    double[] ordered = new double[window];
    for (int i = 0; i < window; i++) {
      ordered[i] = state[VALUES + ((int) state[NEXT] + i) % window];
    }
    double[] late = Arrays.copyOfRange(ordered, window - newest, window);
    double[] early = sample(state, Arrays.copyOf(ordered, window - newest));
    double statistic = statistic(early, late);
    double threshold = Math.sqrt(-Math.log(alpha / 2) / newest);
    DriftDetector.note(state, statistic, threshold, newest);
    if (statistic <= threshold) {
      return Level.STABLE;
    }
    Arrays.fill(state, SIZE, state.length, 0);
    for (double kept : late) {
      state[VALUES + (int) state[SIZE]] = kept;
      state[SIZE]++;
    }
    state[NEXT] = state[SIZE];
    return Level.DRIFT;
  }

  /** As many as are newest, without replacement; the random source is part of the state. */
  private double[] sample(double[] state, double[] from) {
    long bits = (long) state[RANDOM_HIGH] << 32 | (long) state[RANDOM_LOW];
    SeededRandom random = new SeededRandom(bits);
    for (int i = 0; i < newest; i++) {
      int other = i + random.nextInt(from.length - i);
      double swapped = from[i];
      from[i] = from[other];
      from[other] = swapped;
    }
    long after = random.state();
    state[RANDOM_HIGH] = after >> 32;
    state[RANDOM_LOW] = after & 0xffffffffL;
    return Arrays.copyOf(from, newest);
  }

  /** Largest distance of the two distribution functions. */
  static double statistic(double[] first, double[] second) {
    double[] a = first.clone();
    double[] b = second.clone();
    Arrays.sort(a);
    Arrays.sort(b);
    int i = 0;
    int j = 0;
    double largest = 0;
    while (i < a.length && j < b.length) {
      double value = Math.min(a[i], b[j]);
      while (i < a.length && a[i] == value) {
        i++;
      }
      while (j < b.length && b[j] == value) {
        j++;
      }
      largest = Math.max(largest, Math.abs((double) i / a.length - (double) j / b.length));
    }
    return largest;
  }
}
