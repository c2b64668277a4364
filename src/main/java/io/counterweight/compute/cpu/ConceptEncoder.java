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

  /** One value a row of a concept's layer. */
  private final float[] rowScratch;

  private final float[] rowScratch2;
  private final float[] rowScratch3;
  private final float[] ones;
  private final float[] zeros;

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
    int widest = Arrays.stream(widths).max().orElse(1);
    rowScratch = new float[widest];
    rowScratch2 = new float[widest];
    rowScratch3 = new float[widest];
    ones = new float[widest];
    Arrays.fill(ones, 1);
    zeros = new float[widest];
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
   * Normalisation, LeakyReLU and dropout of one concept's layer; pre-activations become normalised
   * in place.
   */
  private void activate(
      float[] p, float[] statistics, Mode mode, boolean first, int c, int l, CpuActivations a) {
    int stride = a.stride;
    int rows = widths[l];
    int channel = c * rows;
    int at = channel * stride;
    float[] scales = ones;
    int scalesAt = 0;
    float[] shifts = zeros;
    int shiftsAt = 0;
    if (normalise) {
      normalise(statistics, mode, first, c, l, a);
      scales = p;
      scalesAt = gammaAt[l] + channel;
      shifts = p;
      shiftsAt = betaAt[l] + channel;
    }
    kernels.activateRows(
        a.normalised[l],
        at,
        rows,
        stride,
        scales,
        scalesAt,
        shifts,
        shiftsAt,
        spec.leakySlope(),
        a.active[l],
        at);
    if (a.mask != null) {
      // A mask is 0 or positive, so it may as well act after LeakyReLU.
      kernels.multiply(a.active[l], at, a.mask[l], at, a.active[l], at, rows * stride);
    }
  }

  private void normalise(
      float[] statistics, Mode mode, boolean first, int c, int l, CpuActivations a) {
    int n = a.size;
    int rows = widths[l];
    int channel = c * rows;
    int at = channel * a.stride;
    float[] pre = a.normalised[l];
    float[] means = statistics;
    int firstMean = meanAt[l] + channel;
    float[] variances = statistics;
    int firstVariance = varianceAt[l] + channel;
    if (mode != Mode.PREDICT && spec.normalisation() == BatmSpec.Normalisation.BATCH) {
      means = a.batchMean[l];
      firstMean = channel;
      variances = a.batchVariance[l];
      firstVariance = channel;
      kernels.rowSums(pre, at, rows, a.stride, n, means, firstMean);
      divide(means, firstMean, rows, n);
      kernels.rowSquares(pre, at, rows, a.stride, n, means, firstMean, variances, firstVariance);
      divide(variances, firstVariance, rows, n);
    } else if (mode == Mode.FOLD && countAt >= 0) {
      fold(statistics, firstMean, firstVariance, first, rows, pre, at, a);
    }
    for (int r = 0; r < rows; r++) {
      a.inverseDeviation[l][channel + r] =
          (float) (1 / Math.sqrt(variances[firstVariance + r] + spec.normalisationEpsilon()));
    }
    kernels.shiftScaleRows(
        pre, at, rows, a.stride, means, firstMean, a.inverseDeviation[l], channel);
  }

  private static void divide(float[] values, int at, int count, float by) {
    for (int i = at; i < at + count; i++) {
      values[i] /= by;
    }
  }

  /**
   * The first batch sets the statistics; later ones move them by the momentum, around the old mean.
   */
  private void fold(
      float[] statistics,
      int mean,
      int variance,
      boolean first,
      int rows,
      float[] x,
      int at,
      CpuActivations a) {
    int n = a.size;
    kernels.rowSums(x, at, rows, a.stride, n, rowScratch, 0);
    divide(rowScratch, 0, rows, n);
    if (first) {
      kernels.rowSquares(x, at, rows, a.stride, n, rowScratch, 0, statistics, variance);
      divide(statistics, variance, rows, n);
      System.arraycopy(rowScratch, 0, statistics, mean, rows);
      return;
    }
    float momentum = spec.normalisationMomentum();
    kernels.rowSquares(x, at, rows, a.stride, n, statistics, mean, rowScratch2, 0);
    for (int r = 0; r < rows; r++) {
      statistics[variance + r] =
          (1 - momentum) * statistics[variance + r] + momentum * (rowScratch2[r] / n);
      statistics[mean + r] = (1 - momentum) * statistics[mean + r] + momentum * rowScratch[r];
    }
  }

  /** Whether {@link #encodeEvent} knows the architecture. */
  boolean canEncodeEvent() {
    return normalise && !exu;
  }

  /**
   * Concepts of a single event with running statistics. Units instead of events are neighbours, so
   * that one event fills the vectors that a batch of one would leave empty.
   */
  void encodeEvent(float[] p, float[] statistics, CpuActivations a) {
    reserve(1);
    for (int c = 0; c < concepts; c++) {
      for (int i = 0; i < features[c].length; i++) {
        input[i] = a.x[features[c][i] * a.stride];
      }
      float[] below = input;
      for (int l = 0; l < layers; l++) {
        int rows = widths[l];
        int channel = c * rows;
        System.arraycopy(p, biases(c, l), next, 0, rows);
        kernels.matrixVector(p, weights(c, l), rows, columns(c, l), below, 0, next, 0);
        kernels.activateEvent(
            next,
            0,
            rows,
            statistics,
            meanAt[l] + channel,
            varianceAt[l] + channel,
            spec.normalisationEpsilon(),
            p,
            gammaAt[l] + channel,
            betaAt[l] + channel,
            spec.leakySlope());
        swap();
        below = current;
      }
      next[0] = p[biases(c, layers)];
      kernels.matrixVector(p, weights(c, layers), 1, columns(c, layers), below, 0, next, 0);
      Arrays.fill(a.z, c * a.stride, (c + 1) * a.stride, next[0]);
    }
  }

  /** Adds to {@code gradient}; {@code conceptGradient} is dL/dz {@code [C x stride]}. */
  void backward(float[] p, CpuActivations a, float[] conceptGradient, float[] gradient) {
    int stride = a.stride;
    reserve(stride);
    for (int c = 0; c < concepts; c++) {
      gather(a, c);
      kernels.rowSums(conceptGradient, c * stride, 1, stride, a.size, rowScratch, 0);
      gradient[biases(c, layers)] += rowScratch[0];
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
    int rows = widths[l];
    int channel = c * rows;
    int at = channel * stride;
    kernels.deactivate(current, 0, a.active[l], at, spec.leakySlope(), rows * stride);
    if (a.mask != null) {
      kernels.multiply(current, 0, a.mask[l], at, current, 0, rows * stride);
    }
    if (normalise) {
      throughNormalisation(p, a, channel, l, gradient);
    }
    if (!shiftCancels && !(l == 0 && exu)) {
      kernels.rowSums(current, 0, rows, stride, a.size, rowScratch, 0);
      add(rowScratch, rows, gradient, biases(c, l));
    }
  }

  private static void add(float[] from, int count, float[] to, int toAt) {
    for (int i = 0; i < count; i++) {
      to[toAt + i] += from[i];
    }
  }

  private void throughNormalisation(
      float[] p, CpuActivations a, int channel, int l, float[] gradient) {
    int n = a.size;
    int stride = a.stride;
    int rows = widths[l];
    float[] x = a.normalised[l];
    float[] byScale = rowScratch;
    float[] byShift = rowScratch2;
    kernels.rowDots(current, 0, x, channel * stride, rows, stride, n, byScale, 0);
    kernels.rowSums(current, 0, rows, stride, n, byShift, 0);
    add(byScale, rows, gradient, gammaAt[l] + channel);
    add(byShift, rows, gradient, betaAt[l] + channel);
    if (spec.normalisation() == BatmSpec.Normalisation.BATCH) {
      for (int r = 0; r < rows; r++) {
        float scale = byScale[r] / n;
        float shift = byShift[r] / n;
        int at = (channel + r) * stride;
        for (int e = 0; e < n; e++) {
          current[r * stride + e] -= shift + x[at + e] * scale;
        }
      }
    }
    float[] factors = rowScratch;
    for (int r = 0; r < rows; r++) {
      factors[r] = p[gammaAt[l] + channel + r] * a.inverseDeviation[l][channel + r];
    }
    kernels.shiftScaleRows(current, 0, rows, stride, zeros, 0, factors, 0);
  }

  private void exuBackward(float[] p, int c, CpuActivations a, float[] gradient) {
    int n = a.size;
    int stride = a.stride;
    int group = features[c].length;
    int width = widths[0];
    kernels.multiply(current, 0, a.gate, c * width * stride, current, 0, width * stride);
    for (int o = 0; o < width; o++) {
      kernels.rowSums(current, o * stride, 1, stride, n, rowScratch, 0);
      float total = rowScratch[0];
      for (int i = 0; i < group; i++) {
        kernels.rowDots(current, o * stride, input, i * stride, 1, stride, n, rowScratch, 0);
        int w = firstWeightAt[c] + i * width + o;
        float slope = (float) Math.exp(p[w]);
        float shift = p[firstBiasAt[c] + i];
        gradient[w] += slope * (rowScratch[0] - shift * total);
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
    activateTangent(p, a, direction, c * width, l);
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

  /**
   * {@code next}: through normalisation, LeakyReLU and dropout of one concept's layer, in place.
   */
  private void activateTangent(float[] p, CpuActivations a, float[] direction, int channel, int l) {
    int n = a.size;
    int stride = a.stride;
    int rows = widths[l];
    int at = channel * stride;
    float[] own = ones;
    float[] along = zeros;
    float[] constant = zeros;
    if (normalise) {
      own = rowScratch;
      along = rowScratch2;
      constant = rowScratch3;
      boolean batch = spec.normalisation() == BatmSpec.Normalisation.BATCH;
      if (batch) {
        kernels.rowDots(next, 0, a.normalised[l], at, rows, stride, n, along, 0);
        kernels.rowSums(next, 0, rows, stride, n, constant, 0);
      }
      for (int r = 0; r < rows; r++) {
        own[r] = p[gammaAt[l] + channel + r] * a.inverseDeviation[l][channel + r];
        along[r] = direction[gammaAt[l] + channel + r] - (batch ? own[r] * along[r] / n : 0);
        constant[r] = direction[betaAt[l] + channel + r] - (batch ? own[r] * constant[r] / n : 0);
      }
    }
    kernels.tangentRows(
        next,
        0,
        a.normalised[l],
        a.active[l],
        at,
        rows,
        stride,
        spec.leakySlope(),
        own,
        along,
        constant);
    if (a.mask != null) {
      kernels.multiply(next, 0, a.mask[l], at, next, 0, rows * stride);
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
