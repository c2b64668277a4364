package io.counterweight.drift;

/**
 * HDDM with averages (Frías-Blanco et al. 2015, A-test, one-sided): the mean of all values against
 * that of a prefix whose upper Hoeffding bound is smallest. Values in [0, 1].
 *
 * @param driftConfidence probability of a false drift at one test, in (0, 1)
 * @param warningConfidence of a false warning, in (0, 1)
 */
public record HddmA(double driftConfidence, double warningConfidence) implements DriftDetector {
  private static final int COUNT = COMMON;
  private static final int SUM = COMMON + 1;
  private static final int PREFIX_COUNT = COMMON + 2;
  private static final int PREFIX_SUM = COMMON + 3;

  /** With the customary constants. */
  public HddmA() {
    this(0.001, 0.005);
  }

  @Override
  public String name() {
    return "hddm-a";
  }

  @Override
  public double[] fresh() {
    return new double[COMMON + 4];
  }

  @Override
  public Level update(double[] state, double value) {
    state[COUNT]++;
    state[SUM] += value;
    double mean = state[SUM] / state[COUNT];
    if (state[PREFIX_COUNT] == 0
        || state[PREFIX_SUM] / state[PREFIX_COUNT] + bound(state[PREFIX_COUNT])
            >= mean + bound(state[COUNT])) {
      state[PREFIX_COUNT] = state[COUNT];
      state[PREFIX_SUM] = state[SUM];
    }
    double rise = mean - state[PREFIX_SUM] / state[PREFIX_COUNT];
    DriftDetector.note(
        state, rise, threshold(state, driftConfidence), state[COUNT] - state[PREFIX_COUNT]);
    if (state[PREFIX_COUNT] == state[COUNT]) {
      return Level.STABLE;
    }
    if (rise >= state[THRESHOLD]) {
      restart(state);
      return Level.DRIFT;
    }
    return rise >= threshold(state, warningConfidence) ? Level.WARNING : Level.STABLE;
  }

  private double bound(double count) {
    return Math.sqrt(Math.log(1 / driftConfidence) / (2 * count));
  }

  private static double threshold(double[] state, double confidence) {
    double prefix = state[PREFIX_COUNT];
    double m = (state[COUNT] - prefix) / prefix / state[COUNT];
    return Math.sqrt(m / 2 * Math.log(2 / confidence));
  }
}
