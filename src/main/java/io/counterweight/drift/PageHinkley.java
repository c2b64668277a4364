package io.counterweight.drift;

/**
 * Page-Hinkley (Page 1954): adds up how far values lie above their running mean, and calls a drift
 * when the sum is large. Floored at 0 it is the sum above its smallest value so far, as in the
 * textbook; without the floor, as MOA has it, a long calm delays the alarm.
 *
 * @param leastValues before a drift may be called, at least 1
 * @param delta tolerated distance above the mean
 * @param lambda threshold of the sum, positive
 * @param alpha factor by which the sum fades, in (0, 1]
 * @param floored whether the sum stays at 0 at least
 */
public record PageHinkley(
    int leastValues, double delta, double lambda, double alpha, boolean floored)
    implements DriftDetector {
  private static final int COUNT = COMMON;
  private static final int MEAN = COMMON + 1;
  private static final int SUM = COMMON + 2;
  private static final int SINCE_ZERO = COMMON + 3;

  /** With the customary constants. */
  public PageHinkley() {
    this(30, 0.005, 50, 1 - 0.0001, false);
  }

  @Override
  public String name() {
    return "page-hinkley";
  }

  @Override
  public double[] fresh() {
    double[] state = new double[COMMON + 4];
    state[COUNT] = 1;
    return state;
  }

  @Override
  public Level update(double[] state, double value) {
    state[MEAN] += (value - state[MEAN]) / state[COUNT];
    state[SUM] = alpha * state[SUM] + (value - state[MEAN] - delta);
    if (floored) {
      state[SUM] = Math.max(0, state[SUM]);
    }
    state[COUNT]++;
    state[SINCE_ZERO] = state[SUM] > 0 ? state[SINCE_ZERO] + 1 : 0;
    DriftDetector.note(state, state[SUM], lambda, state[SINCE_ZERO]);
    if (state[COUNT] < leastValues) {
      return Level.STABLE;
    }
    if (state[SUM] > lambda) {
      restart(state);
      return Level.DRIFT;
    }
    return state[SUM] > lambda / 2 ? Level.WARNING : Level.STABLE;
  }
}
