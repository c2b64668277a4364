package io.counterweight.bench;

import io.counterweight.compute.MultiplyAddLoop;

/**
 * The most multiply-adds that one thread of this JVM does on this machine.
 *
 * @param flops floating point operations per second, of the fastest block
 * @param how what the loop ran on
 */
public record MultiplyAddPeak(double flops, String how) {
  private static final int ROUNDS = 100_000;

  /** Measures for about as many seconds. */
  public static MultiplyAddPeak measure(double seconds) {
    MultiplyAddLoop loop = MultiplyAddLoop.fastest();
    float[] sink = new float[1];
    Timing timing = new BlockTimer().time(() -> sink[0] += loop.run(ROUNDS), seconds);
    if (!Float.isFinite(sink[0])) {
      throw new IllegalStateException("The loop's result is " + sink[0]);
    }
    return new MultiplyAddPeak(
        (double) ROUNDS * loop.operationsPerRound() / timing.fastest(), loop.toString());
  }
}
