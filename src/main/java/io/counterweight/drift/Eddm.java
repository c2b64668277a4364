package io.counterweight.drift;

/**
 * Early Drift Detection Method (Baena-García et al. 2006): the distance between errors, mean plus
 * two standard deviations, against its largest value so far. Values are errors, 0 or 1.
 *
 * @param leastValues before anything is called
 * @param leastErrors before anything is called
 * @param warning share of the largest distance below which it warns, in (0, 1)
 * @param drift share below which it calls a drift, in (0, 1)
 */
public record Eddm(int leastValues, int leastErrors, double warning, double drift)
    implements DriftDetector {
  private static final int COUNT = COMMON;
  private static final int ERRORS = COMMON + 1;
  private static final int LAST = COMMON + 2;
  private static final int MEAN = COMMON + 3;
  private static final int SQUARES = COMMON + 4;
  private static final int LARGEST = COMMON + 5;
  private static final int LARGEST_AT = COMMON + 6;
  private static final int LEVEL = COMMON + 7;

  /** With the customary constants. */
  public Eddm() {
    this(30, 30, 0.95, 0.9);
  }

  @Override
  public String name() {
    return "eddm";
  }

  @Override
  public double[] fresh() {
    double[] state = new double[COMMON + 8];
    state[COUNT] = 1;
    return state;
  }

  @Override
  public Level update(double[] state, double error) {
    state[COUNT]++;
    if (error == 1) {
      state[LEVEL] = afterError(state).ordinal();
    }
    Level level = Level.values()[(int) state[LEVEL]];
    if (level == Level.DRIFT) {
      restart(state);
    }
    return level;
  }

  /** A warning stays until the next error. */
  private Level afterError(double[] state) {
    state[ERRORS]++;
    double at = state[COUNT] - 1;
    double distance = at - state[LAST];
    state[LAST] = at;
    double before = state[MEAN];
    state[MEAN] += (distance - before) / state[ERRORS];
    state[SQUARES] += (distance - state[MEAN]) * (distance - before);
    double reach = state[MEAN] + 2 * Math.sqrt(state[SQUARES] / state[ERRORS]);
    if (reach > state[LARGEST]) {
      if (state[COUNT] > leastValues) {
        state[LARGEST] = reach;
        state[LARGEST_AT] = state[COUNT];
      }
      return Level.STABLE;
    }
    double share = reach / state[LARGEST];
    DriftDetector.note(state, share, drift, state[COUNT] - state[LARGEST_AT]);
    if (state[COUNT] <= leastValues || state[ERRORS] <= leastErrors) {
      return Level.STABLE;
    }
    return share < drift ? Level.DRIFT : share < warning ? Level.WARNING : Level.STABLE;
  }
}
