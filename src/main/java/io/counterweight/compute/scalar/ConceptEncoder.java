package io.counterweight.compute.scalar;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import java.util.Arrays;
import java.util.List;

/**
 * The concepts' encoders over a batch (SPEC 4.1): forward, backward and tangent side by side. Each
 * concept is a network of its own, so a concept runs through all its layers before the next one
 * starts and its weights stay in the cache.
 *
 * <p>Layer: linear or EXU → normalisation → dropout → LeakyReLU; at the end one linear unit, z_c.
 */
final class ConceptEncoder {

  /** Where normalisation takes its statistics from, and whether the pass changes them. */
  enum Mode {
    /** Running statistics in every architecture. */
    PREDICT,
    /** Running statistics, or the batch's own with batch normalisation. */
    TRAIN,
    /** As TRAIN, but running normalisation folds the batch in first. */
    FOLD
  }

  private final BatmSpec spec;
  private final boolean exu;
  private final boolean normalise;

  /**
   * Batch normalisation subtracts the batch's mean, so the bias before it changes nothing and its
   * gradient is exactly 0. Computed, it would be rounding noise, which Adam turns into steps and
   * its metric multiplies by up to 1e7.
   */
  private final boolean shiftCancels;

  private final int concepts;
  private final int layers;
  private final int[] widths;
  private final int[][] features;
  private final int[] firstWeightAt;
  private final int[] firstBiasAt;
  private final int[] weightAt;
  private final int[] biasAt;
  private final int[] gammaAt;
  private final int[] betaAt;
  private final int[] meanAt;
  private final int[] varianceAt;
  private final int countAt;

  private float[] input = new float[0];
  private float[] current = new float[0];
  private float[] next = new float[0];

  ConceptEncoder(BatmSpec spec, ParameterLayout layout) {
    this.spec = spec;
    exu = spec.inputLayer() == BatmSpec.InputLayer.EXU;
    normalise = spec.isNormalised();
    shiftCancels = normalise && spec.normalisation() == BatmSpec.Normalisation.BATCH;
    concepts = spec.conceptCount();
    layers = spec.hidden().size();
    widths = spec.hidden().stream().mapToInt(Integer::intValue).toArray();
    features = new int[concepts][];
    firstWeightAt = new int[concepts];
    firstBiasAt = new int[concepts];
    for (int c = 0; c < concepts; c++) {
      List<Integer> group = spec.concepts().get(c).features();
      features[c] = group.stream().mapToInt(Integer::intValue).toArray();
      firstWeightAt[c] = layout.offset("enc0." + c + ".W");
      firstBiasAt[c] = layout.offset("enc0." + c + ".b");
    }
    ParameterLayout statistics = ParameterLayout.statistics(spec);
    weightAt = new int[layers + 1];
    biasAt = new int[layers + 1];
    gammaAt = new int[layers];
    betaAt = new int[layers];
    meanAt = new int[layers];
    varianceAt = new int[layers];
    for (int l = 0; l <= layers; l++) {
      if (l > 0) {
        weightAt[l] = layout.offset("enc" + l + ".W");
        biasAt[l] = layout.offset("enc" + l + ".b");
      }
      if (l < layers && normalise) {
        gammaAt[l] = layout.offset("bn" + l + ".gamma");
        betaAt[l] = layout.offset("bn" + l + ".beta");
        meanAt[l] = statistics.offset("bn" + l + ".mean");
        varianceAt[l] = statistics.offset("bn" + l + ".var");
      }
    }
    countAt =
        normalise && spec.normalisation() == BatmSpec.Normalisation.RUNNING
            ? statistics.offset("count")
            : -1;
  }

  private void reserve(int n) {
    int widest = 1;
    for (int width : widths) {
      widest = Math.max(widest, width);
    }
    int group = 1;
    for (int[] indices : features) {
      group = Math.max(group, indices.length);
    }
    if (input.length < group * n) {
      input = new float[group * n];
    }
    if (current.length < widest * n) {
      current = new float[widest * n];
      next = new float[widest * n];
    }
  }

  /** Offset of the weights that lead into layer {@code l} of concept {@code c}. */
  private int weights(int c, int l) {
    return l == 0 ? firstWeightAt[c] : weightAt[l] + c * width(l) * widths[l - 1];
  }

  private int biases(int c, int l) {
    return l == 0 ? firstBiasAt[c] : biasAt[l] + c * width(l);
  }

  private int width(int l) {
    return l < layers ? widths[l] : 1;
  }

  private void gather(ScalarActivations a, int c) {
    int n = a.size;
    for (int i = 0; i < features[c].length; i++) {
      System.arraycopy(a.batch.x(), features[c][i] * n, input, i * n, n);
    }
  }

  void forward(float[] p, float[] statistics, Mode mode, ScalarActivations a) {
    int n = a.size;
    reserve(n);
    boolean first = countAt >= 0 && statistics[countAt] == 0;
    for (int c = 0; c < concepts; c++) {
      gather(a, c);
      float[] in = input;
      int inAt = 0;
      int columns = features[c].length;
      for (int l = 0; l < layers; l++) {
        int at = c * widths[l] * n;
        float[] pre = a.normalised[l];
        if (l == 0 && exu) {
          exuForward(p, c, n, pre, at, a.gate);
        } else {
          fillRows(pre, at, widths[l], n, p, biases(c, l));
          Products.multiply(p, weights(c, l), widths[l], columns, in, inAt, n, pre, at);
        }
        activate(p, statistics, mode, first, c, l, a);
        in = a.active[l];
        inAt = at;
        columns = widths[l];
      }
      Arrays.fill(a.z, c * n, (c + 1) * n, p[biases(c, layers)]);
      Products.multiply(p, weights(c, layers), 1, columns, in, inAt, n, a.z, c * n);
    }
    if (mode == Mode.FOLD && countAt >= 0) {
      statistics[countAt]++;
    }
  }

  private static void fillRows(float[] y, int at, int rows, int n, float[] values, int valuesAt) {
    for (int r = 0; r < rows; r++) {
      Arrays.fill(y, at + r * n, at + (r + 1) * n, values[valuesAt + r]);
    }
  }

  /** clip(Σ_i (x_i − b_i) exp(W_io), 0, 1). */
  private void exuForward(float[] p, int c, int n, float[] y, int at, float[] gate) {
    int group = features[c].length;
    int width = widths[0];
    Arrays.fill(y, at, at + width * n, 0);
    for (int o = 0; o < width; o++) {
      for (int i = 0; i < group; i++) {
        float slope = (float) Math.exp(p[firstWeightAt[c] + i * width + o]);
        float shift = p[firstBiasAt[c] + i];
        for (int e = 0; e < n; e++) {
          y[at + o * n + e] += slope * (input[i * n + e] - shift);
        }
      }
    }
    for (int i = at; i < at + width * n; i++) {
      gate[i] = y[i] >= 0 && y[i] <= 1 ? 1 : 0;
      y[i] = Math.max(0, Math.min(1, y[i]));
    }
  }

  /**
   * Normalisation, dropout and LeakyReLU of one concept's layer; pre-activations become normalised
   * in place.
   */
  private void activate(
      float[] p, float[] statistics, Mode mode, boolean first, int c, int l, ScalarActivations a) {
    int n = a.size;
    float slope = spec.leakySlope();
    for (int r = 0; r < widths[l]; r++) {
      int channel = c * widths[l] + r;
      int at = channel * n;
      float scale = 1;
      float shift = 0;
      if (normalise) {
        normalise(statistics, mode, first, l, channel, a);
        scale = p[gammaAt[l] + channel];
        shift = p[betaAt[l] + channel];
      }
      float[] pre = a.normalised[l];
      float[] active = a.active[l];
      if (a.mask == null) {
        for (int e = at; e < at + n; e++) {
          float y = pre[e] * scale + shift;
          active[e] = y > 0 ? y : slope * y;
        }
      } else {
        float[] mask = a.mask[l];
        for (int e = at; e < at + n; e++) {
          float y = (pre[e] * scale + shift) * mask[e];
          active[e] = y > 0 ? y : slope * y;
        }
      }
    }
  }

  private void normalise(
      float[] statistics, Mode mode, boolean first, int l, int channel, ScalarActivations a) {
    int n = a.size;
    int at = channel * n;
    float[] pre = a.normalised[l];
    float mean;
    float variance;
    if (mode != Mode.PREDICT && spec.normalisation() == BatmSpec.Normalisation.BATCH) {
      mean = Products.sum(pre, at, n) / n;
      variance = squaredDistance(pre, at, n, mean) / n;
      a.batchMean[l][channel] = mean;
      a.batchVariance[l][channel] = variance;
    } else {
      if (mode == Mode.FOLD) {
        fold(statistics, meanAt[l] + channel, varianceAt[l] + channel, first, pre, at, n);
      }
      mean = statistics[meanAt[l] + channel];
      variance = statistics[varianceAt[l] + channel];
    }
    float inverse = (float) (1 / Math.sqrt(variance + spec.normalisationEpsilon()));
    a.inverseDeviation[l][channel] = inverse;
    for (int e = at; e < at + n; e++) {
      pre[e] = (pre[e] - mean) * inverse;
    }
  }

  /**
   * The first batch sets the statistics; later ones move them by the momentum, around the old mean.
   */
  private void fold(
      float[] statistics, int mean, int variance, boolean first, float[] x, int at, int n) {
    float batchMean = Products.sum(x, at, n) / n;
    if (first) {
      statistics[variance] = squaredDistance(x, at, n, batchMean) / n;
      statistics[mean] = batchMean;
      return;
    }
    float momentum = spec.normalisationMomentum();
    float around = squaredDistance(x, at, n, statistics[mean]) / n;
    statistics[variance] = (1 - momentum) * statistics[variance] + momentum * around;
    statistics[mean] = (1 - momentum) * statistics[mean] + momentum * batchMean;
  }

  private static float squaredDistance(float[] x, int at, int n, float from) {
    float sum = 0;
    for (int e = at; e < at + n; e++) {
      sum += (x[e] - from) * (x[e] - from);
    }
    return sum;
  }

  /** Adds to {@code gradient}; {@code conceptGradient} is dL/dz {@code [C x n]}. */
  void backward(float[] p, ScalarActivations a, float[] conceptGradient, float[] gradient) {
    int n = a.size;
    reserve(n);
    for (int c = 0; c < concepts; c++) {
      gather(a, c);
      int last = layers - 1;
      gradient[biases(c, layers)] += Products.sum(conceptGradient, c * n, n);
      Products.outer(
          conceptGradient,
          c * n,
          1,
          a.active[last],
          c * widths[last] * n,
          widths[last],
          n,
          gradient,
          weights(c, layers));
      Arrays.fill(current, 0, widths[last] * n, 0);
      Products.multiplyTransposed(
          p, weights(c, layers), 1, widths[last], conceptGradient, c * n, n, current, 0);
      for (int l = last; l >= 0; l--) {
        layerBackward(p, a, c, l, gradient);
      }
    }
  }

  /** {@code current} holds dL/d(active) of layer l and leaves with that of the layer below. */
  private void layerBackward(float[] p, ScalarActivations a, int c, int l, float[] gradient) {
    int n = a.size;
    int width = widths[l];
    for (int r = 0; r < width; r++) {
      deactivate(p, a, c * width + r, l, r * n, gradient);
    }
    if (l == 0 && exu) {
      exuBackward(p, c, n, a.gate, gradient);
      return;
    }
    if (!shiftCancels) {
      for (int r = 0; r < width; r++) {
        gradient[biases(c, l) + r] += Products.sum(current, r * n, n);
      }
    }
    if (l == 0) {
      Products.outer(current, 0, width, input, 0, features[c].length, n, gradient, weights(c, 0));
      return;
    }
    int below = widths[l - 1];
    Products.outer(
        current, 0, width, a.active[l - 1], c * below * n, below, n, gradient, weights(c, l));
    Arrays.fill(next, 0, below * n, 0);
    Products.multiplyTransposed(p, weights(c, l), width, below, current, 0, n, next, 0);
    float[] swap = current;
    current = next;
    next = swap;
  }

  /** One channel of {@code current}: through LeakyReLU, dropout and normalisation, in place. */
  private void deactivate(
      float[] p, ScalarActivations a, int channel, int l, int row, float[] gradient) {
    int n = a.size;
    int at = channel * n;
    float slope = spec.leakySlope();
    for (int e = 0; e < n; e++) {
      float back = a.active[l][at + e] > 0 ? 1 : slope;
      current[row + e] *= a.mask == null ? back : back * a.mask[l][at + e];
    }
    if (!normalise) {
      return;
    }
    float[] x = a.normalised[l];
    float byScale = Products.dot(current, row, x, at, n);
    float byShift = Products.sum(current, row, n);
    gradient[gammaAt[l] + channel] += byScale;
    gradient[betaAt[l] + channel] += byShift;
    float factor = p[gammaAt[l] + channel] * a.inverseDeviation[l][channel];
    if (spec.normalisation() == BatmSpec.Normalisation.BATCH) {
      for (int e = 0; e < n; e++) {
        current[row + e] = factor * (current[row + e] - byShift / n - x[at + e] * byScale / n);
      }
    } else {
      for (int e = 0; e < n; e++) {
        current[row + e] *= factor;
      }
    }
  }

  private void exuBackward(float[] p, int c, int n, float[] gate, float[] gradient) {
    int group = features[c].length;
    int width = widths[0];
    int at = c * width * n;
    for (int i = 0; i < width * n; i++) {
      current[i] *= gate[at + i];
    }
    for (int o = 0; o < width; o++) {
      float total = Products.sum(current, o * n, n);
      for (int i = 0; i < group; i++) {
        int w = firstWeightAt[c] + i * width + o;
        float slope = (float) Math.exp(p[w]);
        float shift = p[firstBiasAt[c] + i];
        gradient[w] += slope * (Products.dot(current, o * n, input, i * n, n) - shift * total);
        gradient[firstBiasAt[c] + i] -= slope * total;
      }
    }
  }

  /**
   * Tangent of z.
   *
   * @param direction tangent of the parameters
   * @param conceptTangent receives {@code [C x n]}
   */
  void tangent(float[] p, ScalarActivations a, float[] direction, float[] conceptTangent) {
    int n = a.size;
    reserve(n);
    for (int c = 0; c < concepts; c++) {
      gather(a, c);
      for (int l = 0; l < layers; l++) {
        layerTangent(p, a, direction, c, l);
      }
      int width = widths[layers - 1];
      Arrays.fill(conceptTangent, c * n, (c + 1) * n, direction[biases(c, layers)]);
      int at = c * width * n;
      Products.multiply(
          direction,
          weights(c, layers),
          1,
          width,
          a.active[layers - 1],
          at,
          n,
          conceptTangent,
          c * n);
      Products.multiply(p, weights(c, layers), 1, width, current, 0, n, conceptTangent, c * n);
    }
  }

  /** {@code current} holds the tangent of the layer below and leaves with that of layer l. */
  private void layerTangent(float[] p, ScalarActivations a, float[] direction, int c, int l) {
    int n = a.size;
    int width = widths[l];
    if (l == 0 && exu) {
      exuTangent(p, direction, c, n, a.gate);
    } else {
      if (shiftCancels) {
        Arrays.fill(next, 0, width * n, 0);
      } else {
        fillRows(next, 0, width, n, direction, biases(c, l));
      }
      if (l == 0) {
        Products.multiply(
            direction, weights(c, 0), width, features[c].length, input, 0, n, next, 0);
      } else {
        int below = widths[l - 1];
        Products.multiply(
            direction, weights(c, l), width, below, a.active[l - 1], c * below * n, n, next, 0);
        Products.multiply(p, weights(c, l), width, below, current, 0, n, next, 0);
      }
    }
    for (int r = 0; r < width; r++) {
      activateTangent(p, a, direction, c * width + r, l, r * n);
    }
    float[] swap = current;
    current = next;
    next = swap;
  }

  private void exuTangent(float[] p, float[] direction, int c, int n, float[] gate) {
    int group = features[c].length;
    int width = widths[0];
    int at = c * width * n;
    Arrays.fill(next, 0, width * n, 0);
    for (int o = 0; o < width; o++) {
      for (int i = 0; i < group; i++) {
        int w = firstWeightAt[c] + i * width + o;
        float slope = (float) Math.exp(p[w]);
        float shift = p[firstBiasAt[c] + i];
        float shiftTangent = direction[firstBiasAt[c] + i];
        for (int e = 0; e < n; e++) {
          next[o * n + e] += slope * ((input[i * n + e] - shift) * direction[w] - shiftTangent);
        }
      }
    }
    for (int i = 0; i < width * n; i++) {
      next[i] *= gate[at + i];
    }
  }

  /** One channel of {@code next}: through normalisation, dropout and LeakyReLU, in place. */
  private void activateTangent(
      float[] p, ScalarActivations a, float[] direction, int channel, int l, int row) {
    int n = a.size;
    int at = channel * n;
    if (normalise) {
      float[] x = a.normalised[l];
      float inverse = a.inverseDeviation[l][channel];
      float mean = 0;
      float along = 0;
      if (spec.normalisation() == BatmSpec.Normalisation.BATCH) {
        mean = Products.sum(next, row, n) / n;
        along = Products.dot(next, row, x, at, n) / n;
      }
      float scale = p[gammaAt[l] + channel];
      float scaleTangent = direction[gammaAt[l] + channel];
      float shiftTangent = direction[betaAt[l] + channel];
      for (int e = 0; e < n; e++) {
        float normalisedTangent = inverse * (next[row + e] - mean - x[at + e] * along);
        next[row + e] = normalisedTangent * scale + x[at + e] * scaleTangent + shiftTangent;
      }
    }
    float slope = spec.leakySlope();
    for (int e = 0; e < n; e++) {
      float forward = a.active[l][at + e] > 0 ? 1 : slope;
      next[row + e] *= a.mask == null ? forward : forward * a.mask[l][at + e];
    }
  }

  /** Batch normalisation: running mean and unbiased running variance move by the momentum. */
  void updateBatchStatistics(ScalarActivations a, float[] statistics) {
    if (!normalise || spec.normalisation() != BatmSpec.Normalisation.BATCH) {
      return;
    }
    int n = a.size;
    float momentum = spec.normalisationMomentum();
    float unbiased = n > 1 ? (float) n / (n - 1) : 1;
    for (int l = 0; l < layers; l++) {
      for (int channel = 0; channel < concepts * widths[l]; channel++) {
        int mean = meanAt[l] + channel;
        int variance = varianceAt[l] + channel;
        statistics[mean] = (1 - momentum) * statistics[mean] + momentum * a.batchMean[l][channel];
        statistics[variance] =
            (1 - momentum) * statistics[variance]
                + momentum * a.batchVariance[l][channel] * unbiased;
      }
    }
  }
}
