package io.counterweight.sampling;

import io.counterweight.model.SeededRandom;

/** Fisher and Yates' shuffle. */
final class Shuffle {
  private Shuffle() {}

  static void shuffle(int[] values, SeededRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int moved = values[i];
      values[i] = values[j];
      values[j] = moved;
    }
  }
}
