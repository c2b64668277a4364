package io.counterweight.conformal;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Adaptive conformal inference, class by class (Gibbs and Candès 2021; label-conditional as in Vovk
 * 2012). A class is in the set if its score, the negative log-probability that the mixture gives it
 * when all classes count alike, is among the usual ones of trusted events of that class. Each
 * trusted event moves its class's level by γ (α − missed), so that over T of them the share that
 * was missed differs from α by no more than the level has moved, over γ T, whatever the stream
 * does. whatever the stream does. A set may be empty: the event is unlike the trusted events of
 * every class.
 *
 * @param level target coverage 1 − α of every class, in (0, 1)
 * @param gamma γ, step of the level, in (0, 1)
 * @param window newest trusted events of each class that are compared with, at least 20
 */
public record AdaptivePredictionSets(float level, float gamma, int window) implements Serializable {
  /** Below so many scores a class is always in the set. */
  private static final int LEAST_SCORES = 10;

  public AdaptivePredictionSets {
    if (!(level > 0
        && level < 1
        && gamma > 0
        && gamma < 1
        && window >= 20
        && window <= PredictionSetState.LARGEST_WINDOW)) {
      throw new IllegalArgumentException(
          "Prediction sets have level "
              + level
              + ", gamma "
              + gamma
              + " and window "
              + window
              + ", expected two in (0, 1) and 20 to 100000");
    }
  }

  /** Nothing compared yet, {@code [classes]}. */
  public PredictionSetState[] fresh(int classes) {
    PredictionSetState[] states = new PredictionSetState[classes];
    for (int k = 0; k < classes; k++) {
      states[k] = new PredictionSetState(window, 1 - level);
    }
    return states;
  }

  /** A state in a window of this length; of a longer one the newest events. */
  public PredictionSetState fitted(PredictionSetState state) {
    return state.scores.length == window ? state : state.inWindow(window);
  }

  /**
   * The set.
   *
   * @param scores {@code [classes]}
   * @return classes, rising; may be empty
   */
  public int[] set(PredictionSetState[] states, double[] scores) {
    int[] set = new int[scores.length];
    int size = 0;
    for (int k = 0; k < scores.length; k++) {
      if (scores[k] <= quantile(states[k])) {
        set[size++] = k;
      }
    }
    return Arrays.copyOf(set, size);
  }

  /** Learns from a trusted event. Changes the state of its class. */
  public void learn(PredictionSetState[] states, double[] scores, int label) {
    PredictionSetState state = states[label];
    boolean covered = scores[label] <= quantile(state);
    state.alpha += gamma * (1 - level - (covered ? 0 : 1));
    state.add(Double.isNaN(scores[label]) ? Double.MAX_VALUE : scores[label], covered);
  }

  /**
   * Share of the trusted events of a class in the window that their sets covered; NaN without any.
   */
  public double coverage(PredictionSetState state) {
    return (double) state.coveredCount / state.size;
  }

  /** What gives the same sets and the same coverage, and cannot learn. */
  public static PredictionSetState fixed(PredictionSetState state) {
    return PredictionSetState.fixed(quantile(state), state.size, state.coveredCount);
  }

  private static double quantile(PredictionSetState state) {
    if (state.threshold != null) {
      return state.threshold;
    }
    if (state.size < LEAST_SCORES) {
      return Double.POSITIVE_INFINITY;
    }
    int rank = (int) Math.ceil((state.size + 1) * (1 - state.alpha));
    if (rank > state.size) {
      return Double.POSITIVE_INFINITY;
    }
    return rank < 1 ? Double.NEGATIVE_INFINITY : state.sorted[rank - 1];
  }
}
