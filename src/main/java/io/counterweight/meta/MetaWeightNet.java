package io.counterweight.meta;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.SeededRandom;
import java.util.Arrays;

/**
 * V(u; Θ) = sigmoid(W2 relu(W1 u + b1) + b2) (Shu et al. 2019, Meta-Weight-Net; SPEC 4.2). Θ is one
 * flat array: {@code W1 [hidden x inputs]}, {@code b1 [hidden]}, {@code W2 [hidden]}, {@code b2
 * [1]}. The inputs are constants of the upper level. Activations of the newest {@link #forward} are
 * kept for {@link #backward}; not thread-safe.
 */
public final class MetaWeightNet {
  private static final float VARIANCE_FLOOR = 1e-8f;

  private final WeightInputs kind;
  private final int classes;
  private final int concepts;
  private final int inputs;
  private final int hidden;

  private int size;
  private float[] u = new float[0];
  private float[] active = new float[0];
  private float[] v = new float[0];
  private float[] outputGradient = new float[0];

  /** Of one hidden unit: the gradient at its input, by event. */
  private float[] back = new float[0];

  private MetaWeightNet(WeightInputs kind, int classes, int concepts, int hidden) {
    this.kind = kind;
    this.classes = classes;
    this.concepts = concepts;
    this.inputs = kind.size(classes, concepts);
    this.hidden = hidden;
  }

  /** The net that fits a model. */
  public static MetaWeightNet of(BatmSpec spec, int hidden, WeightInputs kind) {
    return new MetaWeightNet(kind, spec.outputs(), spec.conceptCount(), hidden);
  }

  /** Length of Θ. */
  public int parameterCount() {
    return hidden * inputs + hidden + hidden + 1;
  }

  /** Uniform in ±1/√(inputs of the unit). */
  public float[] initialise(SeededRandom random) {
    float[] theta = new float[parameterCount()];
    int firstLayer = hidden * inputs + hidden;
    float first = (float) (1 / Math.sqrt(inputs));
    float second = (float) (1 / Math.sqrt(hidden));
    for (int i = 0; i < theta.length; i++) {
      theta[i] = (random.nextFloat() * 2 - 1) * (i < firstLayer ? first : second);
    }
    if (kind.belief()) {
      beginAtTheBelief(theta);
    }
    return theta;
  }

  /**
   * V starts as the belief itself: one pair of hidden units passes its log-odds on, and what the
   * other units say counts nothing yet (SPEC 4.4, the posterior as prior).
   */
  private void beginAtTheBelief(float[] theta) {
    int bias = hidden * inputs;
    int output = bias + hidden;
    Arrays.fill(theta, output, output + hidden + 1, 0);
    for (int h = 0; h < 2; h++) {
      Arrays.fill(theta, h * inputs, (h + 1) * inputs, 0);
      theta[bias + h] = 0;
      theta[(h + 1) * inputs - 1] = h == 0 ? 1 : -1;
      theta[output + h] = h == 0 ? 1 : -1;
    }
  }

  /**
   * Takes what the net sees of a mini-batch.
   *
   * @param losses {@code [n]}
   * @param labels class indices {@code [n]}
   * @param z concepts {@code [concepts x stride]}
   * @param stride distance of the rows of z
   * @param beliefs log-odds that each label is right {@code [n]}; null where the net does not see
   *     them
   */
  public void observe(
      int n, float[] losses, float[] labels, float[] z, int stride, float[] beliefs) {
    size = n;
    if (u.length < inputs * n) {
      u = new float[inputs * n];
      active = new float[hidden * n];
      v = new float[n];
      outputGradient = new float[n];
      back = new float[n];
    }
    System.arraycopy(losses, 0, u, 0, n);
    if (kind.standardisedLoss()) {
      standardise(n);
    }
    int row = 1;
    if (kind.label()) {
      for (int k = 0; k < classes; k++, row++) {
        for (int e = 0; e < n; e++) {
          u[row * n + e] = labels[e] == k ? 1 : 0;
        }
      }
    }
    if (kind.concepts()) {
      for (int c = 0; c < concepts; c++, row++) {
        for (int e = 0; e < n; e++) {
          u[row * n + e] = (float) Math.tanh(z[c * stride + e]);
        }
      }
    }
    if (kind.belief()) {
      System.arraycopy(beliefs, 0, u, row * n, n);
    }
  }

  /**
   * The first row of u to mean 0 and unbiased variance 1; a single event has nothing to compare
   * with and becomes 0.
   */
  private void standardise(int n) {
    double mean = 0;
    for (int e = 0; e < n; e++) {
      mean += u[e];
    }
    mean /= n;
    double squares = 0;
    for (int e = 0; e < n; e++) {
      squares += (u[e] - mean) * (u[e] - mean);
    }
    double deviation = n > 1 ? Math.sqrt(squares / (n - 1)) : 0;
    for (int e = 0; e < n; e++) {
      u[e] = (float) ((u[e] - mean) / (deviation + VARIANCE_FLOOR));
    }
  }

  /**
   * Raw weights of the observed mini-batch.
   *
   * @param theta Θ
   * @param raw receives V {@code [n]}, in (0, 1)
   */
  public void forward(float[] theta, float[] raw) {
    int n = size;
    int bias = hidden * inputs;
    int output = bias + hidden;
    for (int e = 0; e < n; e++) {
      v[e] = theta[output + hidden];
    }
    for (int h = 0; h < hidden; h++) {
      int row = h * n;
      Arrays.fill(active, row, row + n, theta[bias + h]);
      for (int i = 0; i < inputs; i++) {
        float weight = theta[h * inputs + i];
        for (int e = 0; e < n; e++) {
          active[row + e] += weight * u[i * n + e];
        }
      }
      float weight = theta[output + h];
      for (int e = 0; e < n; e++) {
        active[row + e] = Math.max(active[row + e], 0);
        v[e] += weight * active[row + e];
      }
    }
    for (int e = 0; e < n; e++) {
      v[e] = (float) (1 / (1 + Math.exp(-v[e])));
    }
    System.arraycopy(v, 0, raw, 0, n);
  }

  /**
   * Gradient by Θ of Σ_e upstream_e V_e at the newest {@link #forward}.
   *
   * @param theta Θ of that forward pass
   * @param upstream {@code [n]}
   * @param gradient receives the gradient, in the layout of Θ
   */
  public void backward(float[] theta, float[] upstream, float[] gradient) {
    int n = size;
    int bias = hidden * inputs;
    int output = bias + hidden;
    for (int e = 0; e < n; e++) {
      outputGradient[e] = upstream[e] * v[e] * (1 - v[e]);
    }
    gradient[output + hidden] = sum(outputGradient, n);
    for (int h = 0; h < hidden; h++) {
      int row = h * n;
      float weight = theta[output + h];
      for (int e = 0; e < n; e++) {
        back[e] = active[row + e] > 0 ? outputGradient[e] * weight : 0;
      }
      gradient[output + h] = dot(outputGradient, active, row, n);
      gradient[bias + h] = sum(back, n);
      for (int i = 0; i < inputs; i++) {
        gradient[h * inputs + i] = dot(back, u, i * n, n);
      }
    }
  }

  /** Four sums side by side: one alone would wait for each of its additions. */
  private static float dot(float[] a, float[] b, int bAt, int n) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int e = 0;
    for (; e + 4 <= n; e += 4) {
      sum0 += (double) a[e] * b[bAt + e];
      sum1 += (double) a[e + 1] * b[bAt + e + 1];
      sum2 += (double) a[e + 2] * b[bAt + e + 2];
      sum3 += (double) a[e + 3] * b[bAt + e + 3];
    }
    for (; e < n; e++) {
      sum0 += (double) a[e] * b[bAt + e];
    }
    return (float) (sum0 + sum1 + (sum2 + sum3));
  }

  private static float sum(float[] values, int n) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int e = 0;
    for (; e + 4 <= n; e += 4) {
      sum0 += values[e];
      sum1 += values[e + 1];
      sum2 += values[e + 2];
      sum3 += values[e + 3];
    }
    for (; e < n; e++) {
      sum0 += values[e];
    }
    return (float) (sum0 + sum1 + (sum2 + sum3));
  }
}
