package io.counterweight.model;

/**
 * SplitMix64 (Steele, Lea and Flood 2014) whose whole state is one long, so that a learner can
 * store it and continue the same run after a restore. Not for cryptography, not thread-safe.
 */
public final class SeededRandom {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final float FLOAT_UNIT = 0x1.0p-24f;
  private static final double DOUBLE_UNIT = 0x1.0p-53;

  private long state;

  /** Continues from a {@link #state()}, or starts from a seed. */
  public SeededRandom(long state) {
    this.state = state;
  }

  /**
   * A generator of its own for a key: the same seed and key give the same numbers wherever the key
   * is placed.
   */
  public static SeededRandom forKey(long seed, String key) {
    long hash = seed;
    for (int i = 0; i < key.length(); i++) {
      hash = mix(hash + GOLDEN_GAMMA) ^ key.charAt(i);
    }
    return new SeededRandom(mix(hash + GOLDEN_GAMMA));
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Everything that is needed to continue. */
  public long state() {
    return state;
  }

  public long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** Uniform in [0, bound); {@code bound} is positive. The bias of 2^-32 · bound is accepted. */
  public int nextInt(int bound) {
    return (int) (((nextLong() >>> 32) * bound) >>> 32);
  }

  /** Uniform in [0, 1). */
  public float nextFloat() {
    return (nextLong() >>> 40) * FLOAT_UNIT;
  }

  /** Uniform in [0, 1). */
  public double nextDouble() {
    return (nextLong() >>> 11) * DOUBLE_UNIT;
  }

  /** Standard normal (Box and Muller 1958; one of the pair). */
  public double nextGaussian() {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * nextDouble());
  }
}
