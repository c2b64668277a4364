package io.counterweight.bench;

import java.util.function.LongSupplier;

/**
 * Times a call: warms it up for a fixed part of the time, because the JIT compiler's stages look
 * stable for seconds before the last one, then takes blocks of many calls. A median of blocks
 * forgives what else the machine did in some of them.
 */
public final class BlockTimer {
  private static final int BLOCKS = 7;

  /** Of the time; the rest is for blocks that count. */
  private static final double WARM_UP = 0.4;

  private static final double NANOS = 1e-9;

  private final LongSupplier clock;

  /** On the machine's clock. */
  public BlockTimer() {
    this(System::nanoTime);
  }

  /** On a clock of nanoseconds. */
  BlockTimer(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * Times.
   *
   * @param seconds to spend, about; a call that takes longer than a block makes it longer
   */
  public Timing time(Runnable call, double seconds) {
    double blockSeconds = seconds * (1 - WARM_UP) / BLOCKS;
    long calls = callsInBlock(call, seconds, blockSeconds);
    double[] blocks = new double[BLOCKS];
    for (int b = 0; b < BLOCKS; b++) {
      blocks[b] = block(call, calls);
    }
    return Timing.of(blocks);
  }

  /** Warms up; returns how many calls make a block. */
  private long callsInBlock(Runnable call, double seconds, double blockSeconds) {
    long began = clock.getAsLong();
    long calls = 1;
    double last;
    do {
      last = block(call, calls);
      calls = fitting(blockSeconds / 2, last);
    } while ((clock.getAsLong() - began) * NANOS < WARM_UP * seconds);
    return fitting(blockSeconds, last);
  }

  private static long fitting(double blockSeconds, double callSeconds) {
    return Math.max(1, Math.round(blockSeconds / Math.max(callSeconds, NANOS)));
  }

  private double block(Runnable call, long calls) {
    long began = clock.getAsLong();
    for (long i = 0; i < calls; i++) {
      call.run();
    }
    return (clock.getAsLong() - began) * NANOS / calls;
  }
}
