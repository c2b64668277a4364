package io.counterweight.learner;

import io.counterweight.meta.FlipRates;
import io.counterweight.meta.LabelPosterior;
import java.util.Arrays;

/**
 * How far a key's labels are to be believed: flip rates and class shares, from labels and trusted
 * pairs, and by them the belief in each label, made when the event is predicted, before any model
 * has learned from it.
 */
final class LabelBelief {
  private static final double PAIRS_AFTER_DRIFT = 20;

  /** Labels that class shares count as once they are in doubt. */
  private static final long LABELS_IN_DOUBT = 200;

  private final BeliefSettings settings;
  private final int minimumPairs;
  private final double[] wrong;
  private final double[] posterior;

  LabelBelief(BeliefSettings settings, int classes, int minimumPairs) {
    this.settings = settings;
    this.minimumPairs = minimumPairs;
    wrong = new double[classes];
    posterior = new double[classes];
  }

  /**
   * Counts a label; the shares of a young key are plain means, from a first count of each class.
   */
  void count(BeliefState state, int label) {
    state.labels++;
    int classes = state.observedShares.length;
    double memory = Math.min(state.labels + classes, settings.labelHorizon());
    for (int k = 0; k < classes; k++) {
      state.observedShares[k] += ((k == label ? 1 : 0) - state.observedShares[k]) / memory;
    }
  }

  /** After a drift of the prior, or in another key: the class shares forget as young ones do. */
  static void hasten(BeliefState state) {
    state.labels = Math.min(state.labels, LABELS_IN_DOUBT);
  }

  /** Counts an event whose both labels are known. */
  void pair(BeliefState state, int trueLabel, int observed) {
    settings.flipRates().count(state.pairCounts, trueLabel, observed);
  }

  /** After a drift of the noise: what was known of errors counts as few pairs from now on. */
  void forget(BeliefState state) {
    for (double[] row : state.pairCounts) {
      double pairs = Arrays.stream(row).sum();
      for (int j = 0; j < row.length; j++) {
        row[j] *= Math.min(1, PAIRS_AFTER_DRIFT / Math.max(pairs, 1e-9));
      }
    }
    for (double[] row : state.errors.coefficients) {
      Arrays.fill(row, 0);
    }
  }

  /** Whether there are pairs enough of two classes at least; otherwise labels are believed. */
  boolean isKnown(BeliefState state) {
    int ready = 0;
    for (double[] row : state.pairCounts) {
      double pairs = 0;
      for (double count : row) {
        pairs += count;
      }
      ready += pairs >= minimumPairs * 0.9 ? 1 : 0;
    }
    return ready >= 2;
  }

  double[][] rates(BeliefState state) {
    return settings.flipRates().rates(state.pairCounts);
  }

  /** Moves the shares of the true classes towards those that explain the labels. */
  void updateShares(BeliefState state) {
    if (isKnown(state)) {
      FlipRates.unmix(rates(state), state.observedShares, state.trueShares);
    } else {
      System.arraycopy(state.observedShares, 0, state.trueShares, 0, state.trueShares.length);
    }
  }

  /**
   * Belief in each class, given the label.
   *
   * @param logits of the mixture {@code [classes]}
   * @param rates of {@link #rates}
   */
  float[] believe(BeliefState state, double[][] rates, double[] logits, int label) {
    LabelPosterior.of(logits, state.trueShares, label, rates, null, posterior);
    return finite(label);
  }

  /**
   * The same where errors depend on the concepts.
   *
   * @param z concepts {@code [concepts]}
   */
  float[] believe(BeliefState state, double[][] rates, double[] logits, int label, float[] z) {
    settings.conceptErrors().predict(state.errors, rates, z, 1, 0, wrong);
    LabelPosterior.of(logits, state.trueShares, label, rates, wrong, posterior);
    return finite(label);
  }

  /** The posterior; where a prediction was not finite, the label for certain. */
  private float[] finite(int label) {
    for (double q : posterior) {
      if (!Double.isFinite(q)) {
        return certain(posterior.length, label);
      }
    }
    return toFloat(posterior);
  }

  private static float[] toFloat(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** The label, for certain. */
  static float[] certain(int classes, int label) {
    float[] belief = new float[classes];
    belief[label] = 1;
    return belief;
  }
}
