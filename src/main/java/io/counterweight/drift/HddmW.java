package io.counterweight.drift;

/**
 * HDDM with exponentially weighted averages (Frías-Blanco et al. 2015, W-test, one-sided, bounds of
 * McDiarmid). Values in [0, 1].
 *
 * @param driftConfidence probability of a false drift at one test, in (0, 1)
 * @param warningConfidence of a false warning, in (0, 1)
 * @param lambda weight of the newest value, in (0, 1)
 */
public record HddmW(double driftConfidence, double warningConfidence, double lambda)
    implements DriftDetector {
  private static final int TOTAL = COMMON;
  private static final int BEFORE = COMMON + 2;
  private static final int AFTER = COMMON + 4;
  private static final int CUT = COMMON + 6;
  private static final int SINCE_CUT = COMMON + 7;
  private static final double NOTHING = -1;

  /** With the customary constants. */
  public HddmW() {
    this(0.001, 0.005, 0.05);
  }

  @Override
  public String name() {
    return "hddm-w";
  }

  @Override
  public double[] fresh() {
    double[] state = new double[COMMON + 8];
    state[TOTAL] = NOTHING;
    state[BEFORE] = NOTHING;
    state[AFTER] = NOTHING;
    state[CUT] = Double.MAX_VALUE;
    return state;
  }

  @Override
  public Level update(double[] state, double value) {
    average(state, TOTAL, value);
    double upper = state[TOTAL] + bound(state[TOTAL + 1], driftConfidence);
    state[SINCE_CUT]++;
    if (upper < state[CUT]) {
      state[CUT] = upper;
      state[BEFORE] = state[TOTAL];
      state[BEFORE + 1] = state[TOTAL + 1];
      state[AFTER] = NOTHING;
      state[SINCE_CUT] = 0;
    } else {
      average(state, AFTER, value);
    }
    if (state[BEFORE] < 0 || state[AFTER] < 0) {
      return Level.STABLE;
    }
    double rise = state[AFTER] - state[BEFORE];
    double sum = state[BEFORE + 1] + state[AFTER + 1];
    DriftDetector.note(state, rise, bound(sum, driftConfidence), state[SINCE_CUT]);
    if (rise > state[THRESHOLD]) {
      restart(state);
      return Level.DRIFT;
    }
    return rise > bound(sum, warningConfidence) ? Level.WARNING : Level.STABLE;
  }

  /** An average, and beside it the sum of its squared weights. */
  private void average(double[] state, int at, double value) {
    if (state[at] < 0) {
      state[at] = value;
      state[at + 1] = 1;
    } else {
      state[at] = lambda * value + (1 - lambda) * state[at];
      state[at + 1] = lambda * lambda + (1 - lambda) * (1 - lambda) * state[at + 1];
    }
  }

  private static double bound(double squaredWeights, double confidence) {
    return Math.sqrt(squaredWeights * Math.log(1 / confidence) / 2);
  }
}
