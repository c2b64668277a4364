package io.counterweight.meta;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Where labels go wrong: P(label is wrong | true class k, concepts), a logistic regression for each
 * true class on standardised concepts, around the class's flip rate. It learns from trusted events
 * whose ordinary label is known; because it is conditional on the true class, a choice of what to
 * investigate by the true class does not bias it. With coefficients of 0 it is the flip rate, to
 * which weight decay pulls it back. The instance-dependent form of SPEC 4.4.
 *
 * @param rate of the gradient steps, positive
 * @param decay of the coefficients, at least 0
 */
public record ConceptErrors(double rate, double decay) implements Serializable {
  private static final double MEMORY = 0.002;
  private static final double SMALLEST = 0.001;
  private static final double LARGEST = 0.98;

  public ConceptErrors {
    if (!(rate > 0 && decay >= 0)) {
      throw new IllegalArgumentException(
          "Rate " + rate + " and decay " + decay + ", expected a positive one and one from 0");
    }
  }

  /** Coefficients, and running moments of the concepts; plain values. */
  public static final class State {
    /** {@code [true class][concepts + 1]}, the last one is the intercept. */
    public final double[][] coefficients;

    public final double[] mean;
    public final double[] variance;

    /** All coefficients 0. */
    public State(int classes, int concepts) {
      this(new double[classes][concepts + 1], new double[concepts], new double[concepts]);
      Arrays.fill(variance, 1);
    }

    /** Takes ownership of the arrays. */
    public State(double[][] coefficients, double[] mean, double[] variance) {
      this.coefficients = coefficients;
      this.mean = mean;
      this.variance = variance;
    }
  }

  /**
   * Probability that an event's label would be wrong if its class were k, for each k.
   *
   * @param rates flip rates {@code [true][observed]}
   * @param z concepts, that of concept c at {@code c * stride + e}
   * @param wrong receives {@code [classes]}
   */
  public void predict(State state, double[][] rates, float[] z, int stride, int e, double[] wrong) {
    for (int k = 0; k < wrong.length; k++) {
      wrong[k] = wrong(state, k, rates, z, stride, e);
    }
  }

  private static double wrong(State state, int k, double[][] rates, float[] z, int stride, int e) {
    double[] row = state.coefficients[k];
    double base = 1 - rates[k][k];
    double logit = Math.log(base / (1 - base)) + row[row.length - 1];
    for (int c = 0; c < row.length - 1; c++) {
      logit += row[c] * input(state, z[c * stride + e], c);
    }
    return Math.max(SMALLEST, Math.min(LARGEST, 1 / (1 + Math.exp(-logit))));
  }

  private static double input(State state, float z, int c) {
    return 2 * Math.tanh((z - state.mean[c]) / Math.sqrt(state.variance[c] + 1e-6) / 2);
  }

  /**
   * One gradient step for each true class that the pairs hold.
   *
   * @param labels true classes {@code [n]}
   * @param mislabelled whether the ordinary label was another {@code [n]}
   * @param z concepts {@code [concepts x n]}
   */
  public void learn(State state, double[][] rates, int[] labels, boolean[] mislabelled, float[] z) {
    int n = labels.length;
    int concepts = state.mean.length;
    for (int c = 0; c < concepts; c++) {
      for (int e = 0; e < n; e++) {
        double distance = z[c * n + e] - state.mean[c];
        state.mean[c] += MEMORY * distance;
        state.variance[c] += MEMORY * (distance * distance - state.variance[c]);
      }
    }
    for (int k = 0; k < state.coefficients.length; k++) {
      learnClass(state, k, rates, labels, mislabelled, z);
    }
  }

  private void learnClass(
      State state, int k, double[][] rates, int[] labels, boolean[] mislabelled, float[] z) {
    int n = labels.length;
    double[] row = state.coefficients[k];
    double[] gradient = new double[row.length];
    int members = 0;
    for (int e = 0; e < n; e++) {
      if (labels[e] != k) {
        continue;
      }
      members++;
      double error = wrong(state, k, rates, z, n, e) - (mislabelled[e] ? 1 : 0);
      for (int c = 0; c < row.length - 1; c++) {
        gradient[c] += error * input(state, z[c * n + e], c);
      }
      gradient[row.length - 1] += error;
    }
    if (members > 0) {
      for (int c = 0; c < row.length; c++) {
        row[c] -= rate * (gradient[c] / members + decay * row[c]);
      }
    }
  }
}
