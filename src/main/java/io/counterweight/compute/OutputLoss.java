package io.counterweight.compute;

import io.counterweight.model.BatmSpec;

/**
 * Loss of each event from the model's outputs, and its derivative by them: softmax cross-entropy in
 * nats, or squared error (SPEC 4.1). Outputs are rows {@code [outputs x stride]}.
 */
public final class OutputLoss {
  private final boolean classifier;
  private final int outputs;

  public OutputLoss(BatmSpec spec) {
    classifier = spec.isClassifier();
    outputs = spec.outputs();
  }

  /**
   * Losses of n events.
   *
   * @param logits {@code [outputs x stride]}
   * @param y class indices, or regression targets, {@code [n]}
   * @param output receives class probabilities, or residuals out − y, {@code [outputs x stride]}
   * @param losses receives {@code [n]}
   */
  public void evaluate(
      float[] logits, float[] y, int n, int stride, float[] output, float[] losses) {
    for (int e = 0; e < n; e++) {
      if (classifier) {
        losses[e] = crossEntropy(logits, (int) y[e], e, stride, output);
      } else {
        float residual = logits[e] - y[e];
        output[e] = residual;
        losses[e] = residual * residual;
      }
    }
  }

  private float crossEntropy(float[] logits, int label, int e, int stride, float[] output) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int q = 0; q < outputs; q++) {
      largest = Math.max(largest, logits[q * stride + e]);
    }
    double sum = 0;
    for (int q = 0; q < outputs; q++) {
      double exponential = Math.exp(logits[q * stride + e] - largest);
      output[q * stride + e] = (float) exponential;
      sum += exponential;
    }
    for (int q = 0; q < outputs; q++) {
      output[q * stride + e] /= (float) sum;
    }
    return (float) (Math.log(sum) + largest - logits[label * stride + e]);
  }

  /**
   * Derivative of event e's loss by output q.
   *
   * @param output of {@link #evaluate}
   */
  public float slope(float[] output, float[] y, int q, int e, int stride) {
    return classifier ? output[q * stride + e] - ((int) y[e] == q ? 1 : 0) : 2 * output[e];
  }
}
