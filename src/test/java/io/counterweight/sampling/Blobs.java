package io.counterweight.sampling;

import java.util.Random;

/** Two overlapping clouds of points, the rare one to the right. */
final class Blobs {
  private Blobs() {}

  static LabelledRows of(int frequent, int rare, double distance, long seed) {
    Random random = new Random(seed);
    float[][] x = new float[frequent + rare][3];
    int[] y = new int[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = i < frequent ? LabelledRows.MAJORITY : LabelledRows.MINORITY;
      for (int f = 0; f < 3; f++) {
        double shift = f == 0 && i >= frequent ? distance : 0;
        x[i][f] = (float) (random.nextGaussian() + shift);
      }
    }
    return new LabelledRows(x, y);
  }
}
