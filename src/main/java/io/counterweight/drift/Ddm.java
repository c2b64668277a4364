package io.counterweight.drift;

/**
 * Drift Detection Method (Gama, Medas, Castillo and Rodrigues 2004): the error rate against its
 * smallest value so far, in standard deviations. Values are errors, 0 or 1.
 *
 * @param leastValues before anything is called, at least 1
 * @param warning standard deviations of a warning
 * @param drift standard deviations of a drift
 */
public record Ddm(int leastValues, double warning, double drift) implements DriftDetector {
  private static final int COUNT = COMMON;
  private static final int RATE = COMMON + 1;
  private static final int BEST_RATE = COMMON + 2;
  private static final int BEST_DEVIATION = COMMON + 3;
  private static final int SINCE_BEST = COMMON + 4;

  /** With the customary constants. */
  public Ddm() {
    this(30, 2, 3);
  }

  @Override
  public String name() {
    return "ddm";
  }

  @Override
  public double[] fresh() {
    double[] state = new double[COMMON + 5];
    state[COUNT] = 1;
    state[RATE] = 1;
    state[BEST_RATE] = Double.MAX_VALUE / 4;
    state[BEST_DEVIATION] = Double.MAX_VALUE / 4;
    return state;
  }

  @Override
  public Level update(double[] state, double error) {
    state[RATE] += (error - state[RATE]) / state[COUNT];
    double deviation = Math.sqrt(state[RATE] * (1 - state[RATE]) / state[COUNT]);
    state[COUNT]++;
    if (state[COUNT] < leastValues) {
      return Level.STABLE;
    }
    double sum = state[RATE] + deviation;
    state[SINCE_BEST]++;
    if (sum <= state[BEST_RATE] + state[BEST_DEVIATION]) {
      state[BEST_RATE] = state[RATE];
      state[BEST_DEVIATION] = deviation;
      state[SINCE_BEST] = 0;
    }
    double threshold = state[BEST_RATE] + drift * state[BEST_DEVIATION];
    DriftDetector.note(state, sum, threshold, state[SINCE_BEST]);
    if (state[COUNT] > leastValues && sum > threshold) {
      restart(state);
      return Level.DRIFT;
    }
    boolean warns = sum > state[BEST_RATE] + warning * state[BEST_DEVIATION];
    return warns ? Level.WARNING : Level.STABLE;
  }
}
