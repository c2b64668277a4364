package io.counterweight.meta;

/**
 * What the true class of a labelled event probably is, by Bayes (SPEC 4.4): q_k ∝ p_k · P(label |
 * true k), where p is the model's probability at the stream's share of the true classes.
 */
public final class LabelPosterior {
  private LabelPosterior() {}

  /**
   * The posterior.
   *
   * @param logits as if all classes were equally frequent {@code [classes]}
   * @param priors shares of the true classes {@code [classes]}
   * @param label as observed
   * @param rates flip rates {@code [true][observed]}
   * @param wrong probability that the label is wrong by true class {@code [classes]}, which
   *     replaces that of the flip rates; null for theirs
   * @param q receives the posterior {@code [classes]}, sums to 1
   */
  public static void of(
      double[] logits, double[] priors, int label, double[][] rates, double[] wrong, double[] q) {
    int classes = q.length;
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < classes; k++) {
      q[k] = logits[k] + Math.log(priors[k] * likelihood(k, label, rates, wrong));
      largest = Math.max(largest, q[k]);
    }
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      q[k] = Math.exp(q[k] - largest);
      sum += q[k];
    }
    for (int k = 0; k < classes; k++) {
      q[k] /= sum;
    }
  }

  private static double likelihood(int k, int label, double[][] rates, double[] wrong) {
    if (wrong == null) {
      return rates[k][label];
    }
    double errors = 1 - rates[k][k];
    return k == label ? 1 - wrong[k] : wrong[k] * rates[k][label] / errors;
  }
}
