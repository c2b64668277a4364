package io.counterweight.embedded;

import java.util.Random;

/**
 * Random numbers addressed by a counter: the value at an index depends on the seed, the purpose and
 * the index only, never on what was drawn before (the finaliser of SplitMix64, Steele et al. 2014).
 *
 * @param stream mixed seed and purpose
 */
record CounterRandom(long stream) {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  /** Independent numbers for each purpose under one seed. */
  static CounterRandom of(long seed, String purpose) {
    return new CounterRandom(mix(mix(seed + GOLDEN_GAMMA) ^ (GOLDEN_GAMMA * purpose.hashCode())));
  }

  /** 64 random bits. */
  long bits(long index) {
    return mix(stream + (index + 1) * GOLDEN_GAMMA);
  }

  /** Uniform in [0, 1). */
  double uniform(long index) {
    return (bits(index) >>> 11) * 0x1.0p-53;
  }

  /** Uniform in 0 to {@code bound - 1}. */
  int below(int bound, long index) {
    return (int) (uniform(index) * bound);
  }

  /** A sequential generator of its own for each index. */
  Random generator(long index) {
    return new Random(bits(index));
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
