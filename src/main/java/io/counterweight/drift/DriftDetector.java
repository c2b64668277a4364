package io.counterweight.drift;

/**
 * Watches one signal, value by value, for a rise of its mean: errors (0 or 1), or losses in [0, 1].
 * After a drift it starts anew. Implementations are their hyperparameters; what they remember is a
 * flat array, the state, of which the first three places are common to all.
 */
public interface DriftDetector {
  /** Place of the newest statistic in a state. */
  int STATISTIC = 0;

  /** Place of the threshold that it was compared with. */
  int THRESHOLD = 1;

  /** Place of the estimated start of the change, in values before the newest one. */
  int ONSET = 2;

  /** Places that all states share. */
  int COMMON = 3;

  /** What the newest value says. */
  enum Level {
    STABLE,
    WARNING,
    DRIFT
  }

  /** As written in {@code drift.detector}. */
  String name();

  /** A state before the first value. */
  double[] fresh();

  /** Takes a value; changes the state. */
  Level update(double[] state, double value);

  /** Keeps statistic, threshold and onset. */
  static void note(double[] state, double statistic, double threshold, double onset) {
    state[STATISTIC] = statistic;
    state[THRESHOLD] = threshold;
    state[ONSET] = onset;
  }

  /** Starts anew, and keeps what was noted. */
  default void restart(double[] state) {
    double[] fresh = fresh();
    System.arraycopy(fresh, COMMON, state, COMMON, state.length - COMMON);
  }
}
