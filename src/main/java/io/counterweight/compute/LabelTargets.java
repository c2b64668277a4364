package io.counterweight.compute;

import java.util.Arrays;

/**
 * What a training step aims at: for event i and class k a mass t_ik, so that its loss is −Σ_k t_ik
 * log softmax(logits_i + log π)_k. A hard label of weight w is the mass w at its class; a soft
 * label spreads it. The offsets are the logarithm of the batch's class shares (logit adjustment,
 * Menon et al. 2021), so that the logits themselves are learned as if all classes were equally
 * frequent, whatever the share of each in the batch: labelled and trusted events then teach the
 * same logits although their class shares differ.
 *
 * @param masses {@code [classes x n]}, at least 0; divided by n in the objective
 * @param logPriors {@code [classes]}, finite
 */
public record LabelTargets(float[] masses, float[] logPriors) {

  /** Masses of hard labels. */
  public static LabelTargets hard(int classes, float[] labels, float[] weights, float[] logPriors) {
    int n = labels.length;
    float[] masses = new float[classes * n];
    for (int e = 0; e < n; e++) {
      masses[(int) labels[e] * n + e] = weights[e];
    }
    return new LabelTargets(masses, logPriors);
  }

  /** With the masses of each event multiplied. */
  LabelTargets times(float[] weights) {
    float[] weighed = masses.clone();
    for (int i = 0; i < weighed.length; i++) {
      weighed[i] *= weights[i % weights.length];
    }
    return new LabelTargets(weighed, logPriors);
  }

  /**
   * Derivative of the objective by the logits.
   *
   * @param logits {@code [classes x stride]}
   * @param slopes receives {@code [classes x stride]}; zero beyond n
   */
  void slopes(float[] logits, int n, int stride, float[] slopes) {
    int classes = logPriors.length;
    double[] p = new double[classes];
    for (int e = 0; e < n; e++) {
      probabilities(logits, e, stride, p);
      double total = 0;
      for (int k = 0; k < classes; k++) {
        total += masses[k * n + e];
      }
      for (int k = 0; k < classes; k++) {
        slopes[k * stride + e] = (float) ((total * p[k] - masses[k * n + e]) / n);
      }
    }
    for (int k = 0; k < classes; k++) {
      Arrays.fill(slopes, k * stride + n, (k + 1) * stride, 0);
    }
  }

  /** Mean loss, in nats. */
  double objective(float[] logits, int n, int stride) {
    int classes = logPriors.length;
    double[] p = new double[classes];
    double sum = 0;
    for (int e = 0; e < n; e++) {
      probabilities(logits, e, stride, p);
      for (int k = 0; k < classes; k++) {
        if (masses[k * n + e] > 0) {
          sum -= masses[k * n + e] * Math.log(Math.max(p[k], Double.MIN_NORMAL));
        }
      }
    }
    return sum / n;
  }

  /** Cross-entropy of each event with its label, offsets included, in nats. */
  void losses(float[] logits, float[] labels, int n, int stride, float[] losses) {
    double[] p = new double[logPriors.length];
    for (int e = 0; e < n; e++) {
      probabilities(logits, e, stride, p);
      losses[e] = (float) -Math.log(Math.max(p[(int) labels[e]], Float.MIN_NORMAL));
    }
  }

  private void probabilities(float[] logits, int e, int stride, double[] p) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < p.length; k++) {
      p[k] = (double) logits[k * stride + e] + logPriors[k];
      largest = Math.max(largest, p[k]);
    }
    double sum = 0;
    for (int k = 0; k < p.length; k++) {
      p[k] = Math.exp(p[k] - largest);
      sum += p[k];
    }
    for (int k = 0; k < p.length; k++) {
      p[k] /= sum;
    }
  }
}
