package io.counterweight.compute.cpu;

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
  private final Kernels kernels;
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

  ConceptEncoder(BatmSpec spec, ParameterLayout layout, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
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

  private void reserve(int stride) {
    int widest = 1;
    for (int width : widths) {
      widest = Math.max(widest, width);
    }
    int group = 1;
    for (int[] indices : features) {
      group = Math.max(group, indices.length);
    }
    if (current.length < widest * stride) {
      input = new float[group * stride];
      current = new float[widest * stride];
      next = new float[widest * stride];
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

  /** Inputs of layer {@code l}: width of the layer below, or the concept's group. */
  private int columns(int c, int l) {
    return l == 0 ? features[c].length : widths[l - 1];
  }

  private void gather(CpuActivations a, int c) {
    for (int i = 0; i < features[c].length; i++) {
      System.arraycopy(a.x, features[c][i] * a.stride, input, i * a.stride, a.stride);
    }
  }

  /** Array of the inputs of layer {@code l}; they begin at {@link #belowAt}. */
  private float[] below(CpuActivations a, int l) {
    return l == 0 ? input : a.active[l - 1];
  }

  private int belowAt(CpuActivations a, int c, int l) {
    return l == 0 ? 0 : c * widths[l - 1] * a.stride;
  }

  void forward(float[] p, float[] statistics, Mode mode, CpuActivations a) {
    int stride = a.stride;
    reserve(stride);
    boolean first = countAt >= 0 && statistics[countAt] == 0;
    for (int c = 0; c < concepts; c++) {
      gather(a, c);
      for (int l = 0; l < layers; l++) {
        int at = c * widths[l] * stride;
        if (l == 0 && exu) {
          exuForward(p, c, a, at);
        } else {
          fillRows(a.normalised[l], at, widths[l], stride, p, biases(c, l));
          times(p, c, l, widths[l], a, a.normalised[l], at);
        }
        activate(p, statistics, mode, first, c, l, a);
      }
      Arrays.fill(a.z, c * stride, (c + 1) * stride, p[biases(c, layers)]);
      times(p, c, layers, 1, a, a.z, c * stride);
    }
    if (mode == Mode.FOLD && countAt >= 0) {
      statistics[countAt]++;
    }
  }

  /** {@code y += W x} with the weights of layer l in {@code w} and the activations below it. */
  private void times(float[] w, int c, int l, int rows, CpuActivations a, float[] y, int yAt) {
    int columns = columns(c, l);
    kernels.product(
        w,
        weights(c, l),
        columns,
        1,
        rows,
        columns,
        below(a, l),
        belowAt(a, c, l),
        a.stride,
        y,
        yAt);
  }

  private static void fillRows(
      float[] y, int at, int rows, int stride, float[] values, int valuesAt) {
    for (int r = 0; r < rows; r++) {
      Arrays.fill(y, at + r * stride, at + (r + 1) * stride, values[valuesAt + r]);
    }
  }

  /** clip(Σ_i (x_i − b_i) exp(W_io), 0, 1). */
  private void exuForward(float[] p, int c, CpuActivations a, int at) {
    int stride = a.stride;
    int group = features[c].length;
    int width = widths[0];
    float[] y = a.normalised[0];
    Arrays.fill(y, at, at + width * stride, 0);
    for (int o = 0; o < width; o++) {
      for (int i = 0; i < group; i++) {
        float slope = (float) Math.exp(p[firstWeightAt[c] + i * width + o]);
        float shift = p[firstBiasAt[c] + i];
        for (int e = 0; e < stride; e++) {
          y[at + o * stride + e] += slope * (input[i * stride + e] - shift);
        }
      }
    }
    for (int i = at; i < at + width * stride; i++) {
      a.gate[i] = y[i] >= 0 && y[i] <= 1 ? 1 : 0;
      y[i] = Math.max(0, Math.min(1, y[i]));
    }
  }

  /**
   * Normalisation, dropout and LeakyReLU of one concept's layer; pre-activations become normalised
   * in place.
   */
  private void activate(
      float[] p, float[] statistics, Mode mode, boolean first, int c, int l, CpuActivations a) {
    int stride = a.stride;
    for (int r = 0; r < widths[l]; r++) {
      int channel = c * widths[l] + r;
      int at = channel * stride;
      float scale = 1;
      float shift = 0;
      if (normalise) {
        normalise(statistics, mode, first, l, channel, a);
        scale = p[gammaAt[l] + channel];
        shift = p[betaAt[l] + channel];
      }
      kernels.activate(
          a.normalised[l], at, scale, shift, spec.leakySlope(), a.active[l], at, stride);
      if (a.mask != null) {
        // A mask is 0 or positive, so it may as well act after LeakyReLU.
        kernels.multiply(a.active[l], at, a.mask[l], at, a.active[l], at, stride);
      }
    }
  }

  private void normalise(
      float[] statistics, Mode mode, boolean first, int l, int channel, CpuActivations a) {
    int n = a.size;
    int at = channel * a.stride;
    float[] pre = a.normalised[l];
    float mean;
    float variance;
    if (mode != Mode.PREDICT && spec.normalisation() == BatmSpec.Normalisation.BATCH) {
      mean = kernels.sum(pre, at, n) / n;
      variance = kernels.squaredDistance(pre, at, n, mean) / n;
      a.batchMean[l][channel] = mean;
      a.batchVariance[l][channel] = variance;
    } else {
      if (mode == Mode.FOLD && countAt >= 0) {
        fold(statistics, meanAt[l] + channel, varianceAt[l] + channel, first, pre, at, n);
      }
      mean = statistics[meanAt[l] + channel];
      variance = statistics[varianceAt[l] + channel];
    }
    float inverse = (float) (1 / Math.sqrt(variance + spec.normalisationEpsilon()));
    a.inverseDeviation[l][channel] = inverse;
    kernels.shiftScale(pre, at, -mean, inverse, a.stride);
  }

  /**
   * The first batch sets the statistics; later ones move them by the momentum, around the old mean.
   */
  private void fold(
      float[] statistics, int mean, int variance, boolean first, float[] x, int at, int n) {
    float batchMean = kernels.sum(x, at, n) / n;
    if (first) {
      statistics[variance] = kernels.squaredDistance(x, at, n, batchMean) / n;
      statistics[mean] = batchMean;
      return;
    }
    float momentum = spec.normalisationMomentum();
    float around = kernels.squaredDistance(x, at, n, statistics[mean]) / n;
    statistics[variance] = (1 - momentum) * statistics[variance] + momentum * around;
    statistics[mean] = (1 - momentum) * statistics[mean] + momentum * batchMean;
  }

  /** Adds to {@code gradient}; {@code conceptGradient} is dL/dz {@code [C x stride]}. */
  void backward(float[] p, CpuActivations a, float[] conceptGradient, float[] gradient) {
    int stride = a.stride;
    reserve(stride);
    for (int c = 0; c < concepts; c++) {
      gather(a, c);
      gradient[biases(c, layers)] += kernels.sum(conceptGradient, c * stride, a.size);
      System.arraycopy(conceptGradient, c * stride, current, 0, stride);
      for (int l = layers; l > 0; l--) {
        throughWeights(p, a, c, l, gradient);
        swap();
        deactivate(p, a, c, l - 1, gradient);
      }
      firstLayerGradient(p, a, c, gradient);
    }
  }

  private void swap() {
    float[] kept = current;
    current = next;
    next = kept;
  }

  /**
   * {@code current} is the gradient at the outputs of linear layer l; {@code next} becomes that at
   * its inputs.
   */
  private void throughWeights(float[] p, CpuActivations a, int c, int l, float[] gradient) {
    int rows = width(l);
    int columns = columns(c, l);
    kernels.outer(
        current,
        0,
        rows,
        below(a, l),
        belowAt(a, c, l),
        columns,
        a.stride,
        gradient,
        weights(c, l));
    Arrays.fill(next, 0, columns * a.stride, 0);
    kernels.product(p, weights(c, l), 1, columns, columns, rows, current, 0, a.stride, next, 0);
  }

  private void firstLayerGradient(float[] p, CpuActivations a, int c, float[] gradient) {
    if (exu) {
      exuBackward(p, c, a, gradient);
      return;
    }
    kernels.outer(
        current, 0, widths[0], input, 0, features[c].length, a.stride, gradient, weights(c, 0));
  }

  /**
   * {@code current}: from the gradient at the outputs of hidden layer l to that at its
   * pre-activations, in place.
   */
  private void deactivate(float[] p, CpuActivations a, int c, int l, float[] gradient) {
    int stride = a.stride;
    for (int r = 0; r < widths[l]; r++) {
      deactivateChannel(p, a, c * widths[l] + r, l, r * stride, gradient);
      if (!shiftCancels && !(l == 0 && exu)) {
        gradient[biases(c, l) + r] += kernels.sum(current, r * stride, a.size);
      }
    }
  }

  private void deactivateChannel(
      float[] p, CpuActivations a, int channel, int l, int row, float[] gradient) {
    int n = a.size;
    int stride = a.stride;
    int at = channel * stride;
    kernels.deactivate(current, row, a.active[l], at, spec.leakySlope(), 1, stride);
    if (a.mask != null) {
      kernels.multiply(current, row, a.mask[l], at, current, row, stride);
    }
    if (!normalise) {
      return;
    }
    float[] x = a.normalised[l];
    float byScale = kernels.dot(current, row, x, at, n);
    float byShift = kernels.sum(current, row, n);
    gradient[gammaAt[l] + channel] += byScale;
    gradient[betaAt[l] + channel] += byShift;
    float factor = p[gammaAt[l] + channel] * a.inverseDeviation[l][channel];
    if (spec.normalisation() == BatmSpec.Normalisation.BATCH) {
      for (int e = 0; e < n; e++) {
        current[row + e] = factor * (current[row + e] - byShift / n - x[at + e] * byScale / n);
      }
    } else {
      kernels.shiftScale(current, row, 0, factor, stride);
    }
  }

  private void exuBackward(float[] p, int c, CpuActivations a, float[] gradient) {
    int n = a.size;
    int stride = a.stride;
    int group = features[c].length;
    int width = widths[0];
    kernels.multiply(current, 0, a.gate, c * width * stride, current, 0, width * stride);
    for (int o = 0; o < width; o++) {
      float total = kernels.sum(current, o * stride, n);
      for (int i = 0; i < group; i++) {
        int w = firstWeightAt[c] + i * width + o;
        float slope = (float) Math.exp(p[w]);
        float shift = p[firstBiasAt[c] + i];
        gradient[w] +=
            slope * (kernels.dot(current, o * stride, input, i * stride, n) - shift * total);
        gradient[firstBiasAt[c] + i] -= slope * total;
      }
    }
  }

  /**
   * Tangent of z.
   *
   * @param direction tangent of the parameters
   * @param conceptTangent receives {@code [C x stride]}
   */
  void tangent(float[] p, CpuActivations a, float[] direction, float[] conceptTangent) {
    int stride = a.stride;
    reserve(stride);
    for (int c = 0; c < concepts; c++) {
      gather(a, c);
      for (int l = 0; l < layers; l++) {
        layerTangent(p, a, direction, c, l);
      }
      Arrays.fill(conceptTangent, c * stride, (c + 1) * stride, direction[biases(c, layers)]);
      times(direction, c, layers, 1, a, conceptTangent, c * stride);
      int width = widths[layers - 1];
      kernels.product(
          p,
          weights(c, layers),
          width,
          1,
          1,
          width,
          current,
          0,
          stride,
          conceptTangent,
          c * stride);
    }
  }

  /** {@code current} holds the tangent of the layer below and leaves with that of layer l. */
  private void layerTangent(float[] p, CpuActivations a, float[] direction, int c, int l) {
    int stride = a.stride;
    int width = widths[l];
    if (l == 0 && exu) {
      exuTangent(p, direction, c, a);
    } else {
      if (shiftCancels) {
        Arrays.fill(next, 0, width * stride, 0);
      } else {
        fillRows(next, 0, width, stride, direction, biases(c, l));
      }
      times(direction, c, l, width, a, next, 0);
      if (l > 0) {
        int columns = columns(c, l);
        kernels.product(p, weights(c, l), columns, 1, width, columns, current, 0, stride, next, 0);
      }
    }
    for (int r = 0; r < width; r++) {
      activateTangent(p, a, direction, c * width + r, l, r * stride);
    }
    swap();
  }

  private void exuTangent(float[] p, float[] direction, int c, CpuActivations a) {
    int stride = a.stride;
    int group = features[c].length;
    int width = widths[0];
    Arrays.fill(next, 0, width * stride, 0);
    for (int o = 0; o < width; o++) {
      for (int i = 0; i < group; i++) {
        int w = firstWeightAt[c] + i * width + o;
        float slope = (float) Math.exp(p[w]);
        float shift = p[firstBiasAt[c] + i];
        float shiftTangent = direction[firstBiasAt[c] + i];
        for (int e = 0; e < stride; e++) {
          next[o * stride + e] +=
              slope * ((input[i * stride + e] - shift) * direction[w] - shiftTangent);
        }
      }
    }
    kernels.multiply(next, 0, a.gate, c * width * stride, next, 0, width * stride);
  }

  /** One channel of {@code next}: through normalisation, LeakyReLU and dropout, in place. */
  private void activateTangent(
      float[] p, CpuActivations a, float[] direction, int channel, int l, int row) {
    int n = a.size;
    int stride = a.stride;
    int at = channel * stride;
    float own = 1;
    float along = 0;
    float constant = 0;
    if (normalise) {
      float inverse = a.inverseDeviation[l][channel];
      float scale = p[gammaAt[l] + channel];
      own = scale * inverse;
      along = direction[gammaAt[l] + channel];
      constant = direction[betaAt[l] + channel];
      if (spec.normalisation() == BatmSpec.Normalisation.BATCH) {
        float mean = kernels.sum(next, row, n) / n;
        along -= own * kernels.dot(next, row, a.normalised[l], at, n) / n;
        constant -= own * mean;
      }
    }
    kernels.tangent(
        next,
        row,
        a.normalised[l],
        at,
        a.active[l],
        at,
        spec.leakySlope(),
        own,
        along,
        constant,
        stride);
    if (a.mask != null) {
      kernels.multiply(next, row, a.mask[l], at, next, row, stride);
    }
  }

  /** Batch normalisation: running mean and unbiased running variance move by the momentum. */
  void updateBatchStatistics(CpuActivations a, float[] statistics) {
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
