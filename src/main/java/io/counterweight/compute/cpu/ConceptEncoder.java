package io.counterweight.compute.cpu;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import java.util.Arrays;
import java.util.List;

/**
 * The concepts' encoders over a batch (SPEC 4.1): prediction, forward, backward and tangent side by
 * side. Each concept is a network of its own, so a concept runs through all its layers before the
 * next one starts and its weights stay in the cache.
 *
 * <p>Layer: linear or EXU → normalisation → dropout → LeakyReLU; at the end one linear unit, z_c.
 */
final class ConceptEncoder {

  /**
   * Events that a prediction takes through all layers at a time, so that they stay in the cache.
   */
  private static final int CHUNK = 512;

  private static final int BACKWARD_CHUNK = 128;

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
  private final int largestGroup;
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
  private final float[] alongSums;
  private final float[] sums;
  private final float[] ones;
  private final float[] zeros;

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
    largestGroup = Arrays.stream(features).mapToInt(group -> group.length).max().orElse(1);
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
    alongSums = new float[widest];
    sums = new float[widest];
    ones = new float[widest];
    Arrays.fill(ones, 1);
    zeros = new float[widest];
    countAt =
        normalise && spec.normalisation() == BatmSpec.Normalisation.RUNNING
            ? statistics.offset("count")
            : -1;
  }

  private void reserve(int stride) {
    int widest = Math.max(rowScratch.length, largestGroup);
    if (current.length < widest * stride) {
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

  /** Array of the inputs of layer {@code l}; they begin at {@link #belowAt}. */
  private float[] below(CpuActivations a, int l) {
    return l == 0 ? a.inputs : a.active[l - 1];
  }

  private int belowAt(CpuActivations a, int c, int l) {
    return l == 0 ? a.inputAt(c) : c * widths[l - 1] * a.stride;
  }

  /** Concepts with running statistics, nothing kept. */
  void predict(float[] p, float[] statistics, CpuActivations a) {
    int chunk = Math.max(1, CHUNK / a.width);
    reserve(Math.min(chunk, a.tiles) * a.width);
    for (int c = 0; c < concepts; c++) {
      for (int t = 0; t < a.tiles; t += chunk) {
        predictTiles(p, statistics, a, c, t, Math.min(chunk, a.tiles - t));
      }
    }
  }

  private void predictTiles(
      float[] p, float[] statistics, CpuActivations a, int c, int firstTile, int tiles) {
    float[] below = a.inputs;
    int belowAt = a.inputAt(c) + firstTile * features[c].length * a.width;
    for (int l = 0; l < layers; l++) {
      int rows = widths[l];
      if (l == 0 && exu) {
        exu(p, c, below, belowAt, next, 0, a.width, tiles);
        clip(next, 0, rows * tiles * a.width);
      } else {
        linear(p, c, l, below, belowAt, next, 0, a.width, tiles);
      }
      foldNormalisation(p, statistics, c, l);
      kernels.activateRows(
          next, 0, rows, a.width, tiles, rowScratch, rowScratch2, spec.leakySlope());
      swap();
      below = current;
      belowAt = 0;
    }
    linear(p, c, layers, below, belowAt, a.z, c * a.stride + firstTile * a.width, a.width, tiles);
  }

  /**
   * Normalisation of a concept's layer as one scale and one shift a unit, into the scratch rows.
   */
  private void foldNormalisation(float[] p, float[] statistics, int c, int l) {
    int rows = widths[l];
    int channel = c * rows;
    if (!normalise) {
      Arrays.fill(rowScratch, 0, rows, 1);
      Arrays.fill(rowScratch2, 0, rows, 0);
      return;
    }
    float epsilon = spec.normalisationEpsilon();
    int mean = meanAt[l] + channel;
    int variance = varianceAt[l] + channel;
    int gamma = gammaAt[l] + channel;
    int beta = betaAt[l] + channel;
    for (int r = 0; r < rows; r++) {
      float scale = p[gamma + r] / (float) Math.sqrt(statistics[variance + r] + epsilon);
      rowScratch[r] = scale;
      rowScratch2[r] = p[beta + r] - statistics[mean + r] * scale;
    }
  }

  /** {@code y = W x + b}. */
  private void linear(
      float[] p, int c, int l, float[] x, int xAt, float[] y, int yAt, int width, int tiles) {
    int rows = width(l);
    int columns = columns(c, l);
    kernels.fillRows(p, biases(c, l), rows, y, yAt, width, tiles);
    kernels.product(p, weights(c, l), columns, 1, rows, columns, x, xAt, y, yAt, width, tiles);
  }

  /**
   * Forward pass of a training step; everything is kept in {@code a}.
   *
   * @param fold whether running normalisation folds the batch into its statistics first
   */
  void forward(float[] p, float[] statistics, boolean fold, CpuActivations a) {
    boolean first = countAt >= 0 && statistics[countAt] == 0;
    for (int c = 0; c < concepts; c++) {
      for (int l = 0; l < layers; l++) {
        int at = c * widths[l] * a.stride;
        float[] pre = a.normalised[l];
        if (l == 0 && exu) {
          exu(p, c, a.inputs, a.inputAt(c), pre, at, a.width, a.tiles);
          gateOfClip(pre, at, widths[0] * a.stride, a.gate);
          clip(pre, at, widths[0] * a.stride);
        } else {
          linear(p, c, l, below(a, l), belowAt(a, c, l), pre, at, a.width, a.tiles);
        }
        activate(p, statistics, fold, first, c, l, a);
      }
      linear(
          p,
          c,
          layers,
          below(a, layers),
          belowAt(a, c, layers),
          a.z,
          c * a.stride,
          a.width,
          a.tiles);
    }
    if (fold && countAt >= 0) {
      statistics[countAt]++;
    }
  }

  /** Σ_i (x_i − b_i) exp(W_io), before its clip. */
  private void exu(
      float[] p, int c, float[] x, int xAt, float[] y, int yAt, int tileWidth, int tiles) {
    int group = features[c].length;
    int width = widths[0];
    Arrays.fill(y, yAt, yAt + width * tiles * tileWidth, 0);
    for (int o = 0; o < width; o++) {
      for (int i = 0; i < group; i++) {
        float slope = (float) Math.exp(p[firstWeightAt[c] + i * width + o]);
        float shift = p[firstBiasAt[c] + i];
        for (int t = 0; t < tiles; t++) {
          int to = yAt + (t * width + o) * tileWidth;
          int from = xAt + (t * group + i) * tileWidth;
          for (int e = 0; e < tileWidth; e++) {
            y[to + e] += slope * (x[from + e] - shift);
          }
        }
      }
    }
  }

  private static void gateOfClip(float[] y, int at, int length, float[] gate) {
    for (int i = at; i < at + length; i++) {
      gate[i] = y[i] >= 0 && y[i] <= 1 ? 1 : 0;
    }
  }

  private static void clip(float[] y, int at, int length) {
    for (int i = at; i < at + length; i++) {
      y[i] = Math.max(0, Math.min(1, y[i]));
    }
  }

  /**
   * Normalisation, LeakyReLU and dropout of one concept's layer; pre-activations become normalised
   * in place.
   */
  private void activate(
      float[] p, float[] statistics, boolean fold, boolean first, int c, int l, CpuActivations a) {
    int rows = widths[l];
    int channel = c * rows;
    int at = channel * a.stride;
    float[] pre = a.normalised[l];
    if (normalise) {
      boolean batch = spec.normalisation() == BatmSpec.Normalisation.BATCH;
      float[] means = batch ? a.batchMean[l] : statistics;
      int mean = batch ? channel : meanAt[l] + channel;
      float[] variances = batch ? a.batchVariance[l] : statistics;
      int variance = batch ? channel : varianceAt[l] + channel;
      if (batch) {
        moments(pre, at, rows, a, means, mean, variances, variance);
      } else if (fold) {
        fold(statistics, mean, variance, first, rows, pre, at, a);
      }
      for (int r = 0; r < rows; r++) {
        a.inverseDeviation[l][channel + r] =
            (float) (1 / Math.sqrt(variances[variance + r] + spec.normalisationEpsilon()));
      }
      kernels.normaliseRows(
          pre,
          at,
          rows,
          a.width,
          a.tiles,
          means,
          mean,
          a.inverseDeviation[l],
          channel,
          p,
          gammaAt[l] + channel,
          p,
          betaAt[l] + channel,
          spec.leakySlope(),
          a.active[l],
          at);
    } else {
      System.arraycopy(pre, at, a.active[l], at, rows * a.stride);
      leaky(a.active[l], at, rows * a.stride);
    }
    if (a.mask != null) {
      // A mask is 0 or positive, so it may as well act after LeakyReLU.
      kernels.multiply(a.active[l], at, a.mask[l], at, a.active[l], at, rows * a.stride);
    }
  }

  private void leaky(float[] y, int at, int length) {
    float slope = spec.leakySlope();
    for (int i = at; i < at + length; i++) {
      y[i] = Math.max(y[i], slope * y[i]);
    }
  }

  /** Mean and biased variance of each row. */
  private void moments(
      float[] x,
      int at,
      int rows,
      CpuActivations a,
      float[] means,
      int mean,
      float[] variances,
      int variance) {
    kernels.rowSums(x, at, rows, a.width, a.size, means, mean);
    divide(means, mean, rows, a.size);
    kernels.rowSquares(x, at, rows, a.width, a.size, means, mean, variances, variance);
    divide(variances, variance, rows, a.size);
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
    if (first) {
      moments(x, at, rows, a, statistics, mean, statistics, variance);
      return;
    }
    int n = a.size;
    float momentum = spec.normalisationMomentum();
    kernels.rowSums(x, at, rows, a.width, n, rowScratch, 0);
    kernels.rowSquares(x, at, rows, a.width, n, statistics, mean, rowScratch2, 0);
    for (int r = 0; r < rows; r++) {
      statistics[variance + r] =
          (1 - momentum) * statistics[variance + r] + momentum * (rowScratch2[r] / n);
      statistics[mean + r] = (1 - momentum) * statistics[mean + r] + momentum * (rowScratch[r] / n);
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
        current[i] = a.batch.x()[features[c][i]];
      }
      for (int l = 0; l < layers; l++) {
        int rows = widths[l];
        int channel = c * rows;
        System.arraycopy(p, biases(c, l), next, 0, rows);
        kernels.matrixVector(p, weights(c, l), rows, columns(c, l), current, 0, next, 0);
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
      }
      next[0] = p[biases(c, layers)];
      kernels.matrixVector(p, weights(c, layers), 1, columns(c, layers), current, 0, next, 0);
      Arrays.fill(a.z, c * a.stride, (c + 1) * a.stride, next[0]);
    }
  }

  /**
   * Adds to {@code gradient}; {@code conceptGradient} is dL/dz {@code [C x stride]}. A chunk of
   * events runs through everything between the sums of one layer's normalisation and the next's
   * while it is in the cache.
   */
  void backward(float[] p, CpuActivations a, float[] conceptGradient, float[] gradient) {
    reserve(a.stride);
    int chunk = Math.max(1, BACKWARD_CHUNK / a.width);
    for (int c = 0; c < concepts; c++) {
      kernels.rowSums(conceptGradient, c * a.stride, 1, a.width, a.size, rowScratch, 0);
      gradient[biases(c, layers)] += rowScratch[0];
      System.arraycopy(conceptGradient, c * a.stride, current, 0, a.stride);
      for (int l = layers; l > 0; l--) {
        Arrays.fill(alongSums, 0);
        Arrays.fill(sums, 0);
        for (int t = 0; t < a.tiles; t += chunk) {
          int tiles = Math.min(chunk, a.tiles - t);
          if (l < layers) {
            throughNormalisation(a, c, l, t, tiles);
          }
          weightGradient(a, c, l, t, tiles, gradient);
          throughWeights(p, a, c, l, t, tiles);
          throughActivation(p, a, c, l - 1, t, tiles);
        }
        swap();
        normalisationGradient(p, a, c, l - 1, gradient);
      }
      for (int t = 0; t < a.tiles; t += chunk) {
        int tiles = Math.min(chunk, a.tiles - t);
        throughNormalisation(a, c, 0, t, tiles);
        if (!exu) {
          weightGradient(a, c, 0, t, tiles, gradient);
        }
      }
      if (exu) {
        exuBackward(p, c, a, gradient);
      }
    }
  }

  private void swap() {
    float[] kept = current;
    current = next;
    next = kept;
  }

  /** Of linear layer l, from {@code current}, the gradient at its outputs. */
  private void weightGradient(
      CpuActivations a, int c, int l, int tile, int tiles, float[] gradient) {
    int events = tile * a.width;
    kernels.outer(
        current,
        events * width(l),
        width(l),
        below(a, l),
        belowAt(a, c, l) + events * columns(c, l),
        columns(c, l),
        a.width,
        tiles,
        gradient,
        weights(c, l));
  }

  /** {@code next}: the gradient at the inputs of linear layer l. */
  private void throughWeights(float[] p, CpuActivations a, int c, int l, int tile, int tiles) {
    int rows = width(l);
    int columns = columns(c, l);
    int events = tile * a.width;
    Arrays.fill(next, events * columns, (events + tiles * a.width) * columns, 0);
    kernels.product(
        p,
        weights(c, l),
        1,
        columns,
        columns,
        rows,
        current,
        events * rows,
        next,
        events * columns,
        a.width,
        tiles);
  }

  /**
   * {@code next}: from the gradient at the outputs of hidden layer l to that at its normalised
   * pre-activations; its sums are added up.
   */
  private void throughActivation(float[] p, CpuActivations a, int c, int l, int tile, int tiles) {
    int rows = widths[l];
    int channel = c * rows;
    int from = tile * a.width * rows;
    int at = channel * a.stride + from;
    if (a.mask != null) {
      kernels.multiply(next, from, a.mask[l], at, next, from, rows * tiles * a.width);
    }
    kernels.gateRows(
        next,
        from,
        a.normalised[l],
        at,
        rows,
        a.width,
        tiles,
        normalise ? p : ones,
        normalise ? gammaAt[l] + channel : 0,
        normalise ? p : zeros,
        normalise ? betaAt[l] + channel : 0,
        spec.leakySlope(),
        alongSums,
        sums);
  }

  /**
   * Gradients of hidden layer l's scales, shifts and biases from the sums over the batch, and the
   * factors of {@link #throughNormalisation}.
   */
  private void normalisationGradient(float[] p, CpuActivations a, int c, int l, float[] gradient) {
    int n = a.size;
    int rows = widths[l];
    int channel = c * rows;
    if (normalise) {
      for (int r = 0; r < rows; r++) {
        float factor = p[gammaAt[l] + channel + r] * a.inverseDeviation[l][channel + r];
        gradient[gammaAt[l] + channel + r] += alongSums[r];
        gradient[betaAt[l] + channel + r] += sums[r];
        rowScratch[r] = factor;
        rowScratch2[r] = -factor * alongSums[r] / n;
        rowScratch3[r] = -factor * sums[r] / n;
        sums[r] *= factor;
      }
    }
    if (!shiftCancels && !(l == 0 && exu)) {
      for (int r = 0; r < rows; r++) {
        gradient[biases(c, l) + r] += sums[r];
      }
    }
  }

  /** {@code current}: the gradient at the pre-activations of hidden layer l, in place. */
  private void throughNormalisation(CpuActivations a, int c, int l, int tile, int tiles) {
    if (!normalise) {
      return;
    }
    int rows = widths[l];
    int events = tile * a.width;
    if (spec.normalisation() == BatmSpec.Normalisation.BATCH) {
      kernels.combineRows(
          current,
          events * rows,
          a.normalised[l],
          c * rows * a.stride + events * rows,
          rows,
          a.width,
          Math.min(tiles * a.width, a.size - events),
          rowScratch,
          rowScratch2,
          rowScratch3);
    } else {
      kernels.scaleRows(current, events * rows, rows, a.width, tiles, rowScratch);
    }
  }

  private void exuBackward(float[] p, int c, CpuActivations a, float[] gradient) {
    int group = features[c].length;
    int width = widths[0];
    kernels.multiply(current, 0, a.gate, c * width * a.stride, current, 0, width * a.stride);
    for (int o = 0; o < width; o++) {
      for (int i = 0; i < group; i++) {
        float along = 0;
        float total = 0;
        for (int t = 0; t < a.tiles; t++) {
          int d = (t * width + o) * a.width;
          int x = a.inputAt(c) + (t * group + i) * a.width;
          for (int e = 0; e < a.width; e++) {
            along += current[d + e] * a.inputs[x + e];
            total += current[d + e];
          }
        }
        int w = firstWeightAt[c] + i * width + o;
        float slope = (float) Math.exp(p[w]);
        gradient[w] += slope * (along - p[firstBiasAt[c] + i] * total);
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
    reserve(a.stride);
    for (int c = 0; c < concepts; c++) {
      for (int l = 0; l < layers; l++) {
        layerTangent(p, a, direction, c, l);
      }
      int at = c * a.stride;
      linear(
          direction,
          c,
          layers,
          below(a, layers),
          belowAt(a, c, layers),
          conceptTangent,
          at,
          a.width,
          a.tiles);
      throughTangent(p, a, c, layers, conceptTangent, at);
    }
  }

  /** Adds W times {@code current}, the tangent of the layer below. */
  private void throughTangent(float[] p, CpuActivations a, int c, int l, float[] y, int yAt) {
    int columns = columns(c, l);
    kernels.product(
        p, weights(c, l), columns, 1, width(l), columns, current, 0, y, yAt, a.width, a.tiles);
  }

  /** {@code current} holds the tangent of the layer below and leaves with that of layer l. */
  private void layerTangent(float[] p, CpuActivations a, float[] direction, int c, int l) {
    if (l == 0 && exu) {
      exuTangent(p, direction, c, a);
    } else {
      linear(direction, c, l, below(a, l), belowAt(a, c, l), next, 0, a.width, a.tiles);
      if (l > 0) {
        throughTangent(p, a, c, l, next, 0);
      }
    }
    activateTangent(p, a, direction, c * widths[l], l);
    swap();
  }

  private void exuTangent(float[] p, float[] direction, int c, CpuActivations a) {
    int group = features[c].length;
    int width = widths[0];
    Arrays.fill(next, 0, width * a.stride, 0);
    for (int o = 0; o < width; o++) {
      for (int i = 0; i < group; i++) {
        int w = firstWeightAt[c] + i * width + o;
        float slope = (float) Math.exp(p[w]);
        float shift = p[firstBiasAt[c] + i];
        float shiftTangent = direction[firstBiasAt[c] + i];
        for (int t = 0; t < a.tiles; t++) {
          int to = (t * width + o) * a.width;
          int from = a.inputAt(c) + (t * group + i) * a.width;
          for (int e = 0; e < a.width; e++) {
            next[to + e] += slope * ((a.inputs[from + e] - shift) * direction[w] - shiftTangent);
          }
        }
      }
    }
    kernels.multiply(next, 0, a.gate, c * width * a.stride, next, 0, width * a.stride);
  }

  /**
   * {@code next}: through normalisation, LeakyReLU and dropout of one concept's layer, in place.
   */
  private void activateTangent(float[] p, CpuActivations a, float[] direction, int channel, int l) {
    int n = a.size;
    int rows = widths[l];
    int at = channel * a.stride;
    float[] own = ones;
    float[] along = zeros;
    float[] constant = zeros;
    if (normalise) {
      own = rowScratch;
      along = rowScratch2;
      constant = rowScratch3;
      boolean batch = spec.normalisation() == BatmSpec.Normalisation.BATCH;
      if (batch) {
        kernels.rowDots(next, 0, a.normalised[l], at, rows, a.width, n, along, 0);
        kernels.rowSums(next, 0, rows, a.width, n, constant, 0);
      }
      for (int r = 0; r < rows; r++) {
        own[r] = p[gammaAt[l] + channel + r] * a.inverseDeviation[l][channel + r];
        along[r] = direction[gammaAt[l] + channel + r] - (batch ? own[r] * along[r] / n : 0);
        constant[r] = direction[betaAt[l] + channel + r] - (batch ? own[r] * constant[r] / n : 0);
      }
    }
    kernels.tangentRows(
        next,
        a.normalised[l],
        at,
        rows,
        a.width,
        a.tiles,
        normalise ? p : ones,
        normalise ? gammaAt[l] + channel : 0,
        normalise ? p : zeros,
        normalise ? betaAt[l] + channel : 0,
        spec.leakySlope(),
        own,
        along,
        constant);
    if (a.mask != null) {
      kernels.multiply(next, 0, a.mask[l], at, next, 0, rows * a.stride);
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
