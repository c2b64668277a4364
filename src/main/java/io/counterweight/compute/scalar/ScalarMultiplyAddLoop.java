package io.counterweight.compute.scalar;

import io.counterweight.compute.MultiplyAddLoop;

/**
 * A short array whose entries each take several multiply-adds in a row, in a form that the JIT
 * compiler turns into vectors where it can.
 */
public final class ScalarMultiplyAddLoop implements MultiplyAddLoop {
  private static final int ENTRIES = 256;
  private static final int CHAIN = 8;
  private static final float FACTOR = 0.5f;
  private static final float SUMMAND = 0.25f;

  private final float[] values = new float[ENTRIES];

  @Override
  public long operationsPerRound() {
    return 2L * CHAIN * ENTRIES;
  }

  @Override
  public float run(int rounds) {
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < ENTRIES; i++) {
        float v = values[i];
        v = Math.fma(v, FACTOR, SUMMAND);
        v = Math.fma(v, FACTOR, SUMMAND);
        v = Math.fma(v, FACTOR, SUMMAND);
        v = Math.fma(v, FACTOR, SUMMAND);
        v = Math.fma(v, FACTOR, SUMMAND);
        v = Math.fma(v, FACTOR, SUMMAND);
        v = Math.fma(v, FACTOR, SUMMAND);
        v = Math.fma(v, FACTOR, SUMMAND);
        values[i] = v;
      }
    }
    float sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  @Override
  public String toString() {
    return "plain Java";
  }
}
