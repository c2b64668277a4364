package io.counterweight.sampling;

import io.counterweight.model.SeededRandom;
import java.util.Arrays;

/** Indices of rows: counted, shuffled, put together. */
public final class Indices {
  private Indices() {}

  /** 0 to n - 1. */
  public static int[] range(int n) {
    int[] range = new int[n];
    Arrays.setAll(range, i -> i);
    return range;
  }

  /** Fisher and Yates' shuffle, in place. */
  public static void shuffle(int[] values, SeededRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int moved = values[i];
      values[i] = values[j];
      values[j] = moved;
    }
  }

  /** One after the other. */
  public static int[] joined(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
