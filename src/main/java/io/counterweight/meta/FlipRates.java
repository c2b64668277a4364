package io.counterweight.meta;

import java.io.Serializable;
import java.util.Arrays;

/**
 * How often labels are wrong, by true class: P(observed j | true k), from trusted events whose
 * ordinary label is known (SPEC 4.4). Counts with a Dirichlet prior that expects few errors, which
 * fade with each pair of their true class. What investigators choose by the true class does not
 * bias it.
 *
 * @param prior pairs that the prior counts as, for each true class, positive
 * @param priorError share of wrong labels that it expects, in (0, 1)
 * @param horizon pairs of a true class that are remembered, at least 2
 */
public record FlipRates(double prior, double priorError, int horizon) implements Serializable {
  /** No label is ever believed or disbelieved for certain. */
  private static final double SMALLEST = 0.002;

  /**
   * A class is at least this share of its labels: rates from few pairs must not explain it away.
   */
  private static final double LEAST_SHARE = 0.1;

  public FlipRates {
    if (!(prior > 0 && priorError > 0 && priorError < 1 && horizon >= 2)) {
      throw new IllegalArgumentException(
          "Flip rates have prior "
              + prior
              + ", error "
              + priorError
              + " and horizon "
              + horizon
              + ", expected a positive one, one in (0, 1) and at least 2");
    }
  }

  /**
   * Counts a pair.
   *
   * @param counts {@code [true][observed]}; changed
   */
  public void count(double[][] counts, int trueLabel, int observed) {
    double[] row = counts[trueLabel];
    for (int j = 0; j < row.length; j++) {
      row[j] *= 1 - 1.0 / horizon;
    }
    row[observed]++;
  }

  /**
   * The rates.
   *
   * @param counts {@code [true][observed]}
   * @return {@code [true][observed]}, rows sum to 1
   */
  public double[][] rates(double[][] counts) {
    int classes = counts.length;
    double[][] rates = new double[classes][classes];
    for (int k = 0; k < classes; k++) {
      double total = 0;
      for (int j = 0; j < classes; j++) {
        double expected = j == k ? 1 - priorError : priorError / (classes - 1);
        rates[k][j] = counts[k][j] + prior * expected;
        total += rates[k][j];
      }
      double sum = 0;
      for (int j = 0; j < classes; j++) {
        rates[k][j] = Math.max(rates[k][j] / total, SMALLEST);
        sum += rates[k][j];
      }
      for (int j = 0; j < classes; j++) {
        rates[k][j] /= sum;
      }
    }
    return rates;
  }

  /**
   * Shares of the true classes that explain the shares of the observed ones best: a few steps of
   * expectation maximisation from where {@code priors} are. Changes {@code priors}.
   *
   * @param rates {@code [true][observed]}
   * @param observed shares of the labels {@code [classes]}
   * @param priors shares of the true classes {@code [classes]}, positive
   */
  public static void unmix(double[][] rates, double[] observed, double[] priors) {
    int classes = priors.length;
    double[] next = new double[classes];
    for (int step = 0; step < 3; step++) {
      Arrays.fill(next, 0);
      for (int j = 0; j < classes; j++) {
        double explained = 0;
        for (int k = 0; k < classes; k++) {
          explained += priors[k] * rates[k][j];
        }
        for (int k = 0; k < classes; k++) {
          next[k] += observed[j] * priors[k] * rates[k][j] / explained;
        }
      }
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        priors[k] = Math.max(next[k], Math.max(1e-4, LEAST_SHARE * observed[k]));
        sum += priors[k];
      }
      for (int k = 0; k < classes; k++) {
        priors[k] /= sum;
      }
    }
  }
}
