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

  /** Events of a chunk in the passes of a training step. */
  private static final int TRAINING_CHUNK = 128;

  private final BatmSpec spec;
  private final Kernels kernels;
  private final boolean exu;
  private final boolean normalise;

  /** Normalised by the batch's own statistics, not the running ones, in training. */
  private final boolean byBatch;

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
  private final float[] origins;

  private final LayerWeights[] predicting;
  private final float[][] scales;
  private final float[][] shifts;

  /** {@link #exponentiate}, {@code [group x width]}. */
  private final float[] slopes;

  private final LayerWeights own = new LayerWeights();
  private final LayerWeights changes = new LayerWeights();
  private final float[] ones;
  private final float[] zeros;

  private float[] current = new float[0];
  private float[] next = new float[0];

  /** Outputs of a layer's LeakyReLU for one chunk. */
  private float[] active = new float[0];

  ConceptEncoder(BatmSpec spec, ParameterLayout layout, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    exu = spec.inputLayer() == BatmSpec.InputLayer.EXU;
    normalise = spec.isNormalised();
    byBatch = normalise && spec.normalisation() == BatmSpec.Normalisation.BATCH;
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
    origins = new float[widest];
    slopes = new float[exu ? largestGroup * widths[0] : 0];
    predicting = new LayerWeights[layers + 1];
    scales = new float[layers][];
    shifts = new float[layers][];
    for (int l = 0; l <= layers; l++) {
      predicting[l] = new LayerWeights();
      if (l < layers) {
        scales[l] = new float[widths[l]];
        shifts[l] = new float[widths[l]];
      }
    }
    ones = new float[widest];
    Arrays.fill(ones, 1);
    zeros = new float[widest];
    countAt = normalise && !byBatch ? statistics.offset("count") : -1;
  }

  private void reserve(int stride) {
    int widest = Math.max(rowScratch.length, largestGroup);
    if (current.length < widest * stride) {
      current = new float[widest * stride];
      next = new float[widest * stride];
      active = new float[widest * stride];
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

  /**
   * Array of the inputs of layer {@code l} in the chunk at hand; they begin at {@link #belowAt}.
   */
  private float[] below(CpuActivations a, int l) {
    return l == 0 ? a.inputs : active;
  }

  private int belowAt(CpuActivations a, int c, int l, int tile) {
    return l == 0 ? a.inputAt(c) + tile * a.width * features[c].length : 0;
  }

  /** Where a layer's γ begin; without normalisation, in {@code ones}. */
  private int scaleAt(int c, int l) {
    return normalise ? gammaAt[l] + c * widths[l] : 0;
  }

  /** Where a layer's β begin; without normalisation, in {@code zeros}. */
  private int shiftAt(int c, int l) {
    return normalise ? betaAt[l] + c * widths[l] : 0;
  }

  /** Where a tile of a concept's layer begins. */
  private int at(CpuActivations a, int c, int l, int tile) {
    return (c * a.stride + tile * a.width) * width(l);
  }

  /**
   * Concepts with running statistics, nothing kept. A tile runs through all layers while it is in
   * the first cache.
   */
  void predict(float[] p, float[] statistics, CpuActivations a) {
    reserve(a.width);
    for (int c = 0; c < concepts; c++) {
      exponentiate(p, c);
      for (int l = 0; l <= layers; l++) {
        load(predicting[l], p, c, l, a.stride);
        if (l < layers) {
          foldNormalisation(p, statistics, c, l);
        }
      }
      for (int t = 0; t < a.tiles; t++) {
        predictTile(p, a, c, t);
      }
    }
  }

  private void predictTile(float[] p, CpuActivations a, int c, int tile) {
    float[] below = a.inputs;
    int belowAt = a.inputAt(c) + tile * features[c].length * a.width;
    for (int l = 0; l < layers; l++) {
      int rows = widths[l];
      if (l == 0 && exu) {
        exu(p, c, below, belowAt, next, 0, a.width, 1);
        clip(next, 0, rows * a.width);
      } else {
        linear(predicting[l], p, c, l, below, belowAt, next, 0, a.width, 1);
      }
      kernels.activateRows(
          next, 0, rows, a.width, 1, scales[l], 0, shifts[l], 0, spec.leakySlope(), next);
      swap();
      below = current;
      belowAt = 0;
    }
    linear(
        predicting[layers], p, c, layers, below, belowAt, a.z, at(a, c, layers, tile), a.width, 1);
  }

  /** Normalisation of a concept's layer as one scale and one shift a unit. */
  private void foldNormalisation(float[] p, float[] statistics, int c, int l) {
    int rows = widths[l];
    int channel = c * rows;
    if (!normalise) {
      Arrays.fill(scales[l], 1);
      return;
    }
    float epsilon = spec.normalisationEpsilon();
    int mean = meanAt[l] + channel;
    int variance = varianceAt[l] + channel;
    int gamma = gammaAt[l] + channel;
    int beta = betaAt[l] + channel;
    for (int r = 0; r < rows; r++) {
      float scale = p[gamma + r] / (float) Math.sqrt(statistics[variance + r] + epsilon);
      scales[l][r] = scale;
      shifts[l][r] = p[beta + r] - statistics[mean + r] * scale;
    }
  }

  /** {@code y = W x + b} for some tiles of a concept's layer. */
  private void linear(
      LayerWeights w,
      float[] p,
      int c,
      int l,
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      int width,
      int tiles) {
    kernels.fillRows(p, biases(c, l), width(l), y, yAt, width, tiles);
    w.addProduct(x, xAt, y, yAt, width, tiles);
  }

  /** Takes the weights of a concept's layer, for products over {@code events} events. */
  private void load(LayerWeights w, float[] p, int c, int l, int events) {
    if (l == 0 && exu) {
      return;
    }
    w.load(kernels, p, weights(c, l), width(l), columns(c, l), events);
  }

  /**
   * Forward pass of a training step; {@code a} keeps the normalised pre-activations of every layer.
   * A chunk of events runs from one layer's statistics to the next's while it is in the cache.
   *
   * @param fold whether running normalisation folds the batch into its statistics first
   */
  void forward(float[] p, float[] statistics, boolean fold, CpuActivations a) {
    reserve(a.stride);
    boolean first = countAt >= 0 && statistics[countAt] == 0;
    boolean moments = normalise && (fold || byBatch);
    int chunk = Math.max(1, TRAINING_CHUNK / a.width);
    for (int c = 0; c < concepts; c++) {
      exponentiate(p, c);
      for (int l = 0; l <= layers; l++) {
        load(own, p, c, l, a.stride);
        Arrays.fill(sums, 0);
        Arrays.fill(alongSums, 0);
        for (int t = 0; t < a.tiles; t += chunk) {
          int tiles = Math.min(chunk, a.tiles - t);
          if (l > 0) {
            normalise(p, statistics, c, l - 1, a, t, tiles);
          }
          if (l == 0 && exu) {
            exuForward(p, c, a, t, tiles);
          } else {
            float[] y = l < layers ? a.normalised[l] : a.z;
            linear(
                own, p, c, l, below(a, l), belowAt(a, c, l, t), y, at(a, c, l, t), a.width, tiles);
          }
          if (l < layers && moments) {
            addMoments(statistics, first, c, l, a, t, tiles);
          }
        }
        if (l < layers && normalise) {
          if (moments) {
            finishMoments(statistics, first, c, l, a);
          }
          invertDeviations(statistics, c, l, a);
        }
      }
    }
    if (fold && countAt >= 0) {
      statistics[countAt]++;
    }
  }

  private void exuForward(float[] p, int c, CpuActivations a, int tile, int tiles) {
    int at = at(a, c, 0, tile);
    int length = widths[0] * tiles * a.width;
    exu(p, c, a.inputs, belowAt(a, c, 0, tile), a.normalised[0], at, a.width, tiles);
    gateOfClip(a.normalised[0], at, length, a.gate);
    clip(a.normalised[0], at, length);
  }

  /** exp(W) of a concept's EXU layer, for the passes over its chunks. */
  private void exponentiate(float[] p, int c) {
    if (exu) {
      for (int i = 0; i < features[c].length * widths[0]; i++) {
        slopes[i] = (float) Math.exp(p[firstWeightAt[c] + i]);
      }
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
        float slope = slopes[i * width + o];
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
   * Normalisation, LeakyReLU and dropout of some tiles of one concept's layer; pre-activations
   * become normalised in place, {@code active} receives the outputs.
   */
  private void normalise(
      float[] p, float[] statistics, int c, int l, CpuActivations a, int tile, int tiles) {
    if (!normalise) {
      activate(p, a, c, l, tile, tiles);
      return;
    }
    int rows = widths[l];
    int channel = c * rows;
    kernels.normaliseRows(
        a.normalised[l],
        at(a, c, l, tile),
        rows,
        a.width,
        tiles,
        byBatch ? a.batchMean[l] : statistics,
        byBatch ? channel : meanAt[l] + channel,
        a.inverseDeviation[l],
        channel,
        p,
        gammaAt[l] + channel,
        p,
        betaAt[l] + channel,
        spec.leakySlope(),
        active);
    drop(a, c, l, tile, tiles);
  }

  /**
   * {@code active} from what the forward pass kept of some tiles of one concept's layer. Reading
   * outputs back would cost more than computing them again.
   */
  private void activate(float[] p, CpuActivations a, int c, int l, int tile, int tiles) {
    kernels.activateRows(
        a.normalised[l],
        at(a, c, l, tile),
        widths[l],
        a.width,
        tiles,
        normalise ? p : ones,
        scaleAt(c, l),
        normalise ? p : zeros,
        shiftAt(c, l),
        spec.leakySlope(),
        active);
    drop(a, c, l, tile, tiles);
  }

  /** Dropout of {@code active}. A mask is 0 or positive, so it may as well act after LeakyReLU. */
  private void drop(CpuActivations a, int c, int l, int tile, int tiles) {
    if (a.mask != null) {
      int length = widths[l] * tiles * a.width;
      kernels.multiply(active, 0, a.mask[l], at(a, c, l, tile), active, 0, length);
    }
  }

  /**
   * Adds Σ x and Σ (x − origin)² of some tiles. The origin is the running mean, or at first and
   * with batch normalisation the mean of the first chunk: near enough to the batch's own that their
   * difference costs no digits.
   */
  private void addMoments(
      float[] statistics, boolean first, int c, int l, CpuActivations a, int tile, int tiles) {
    int rows = widths[l];
    int n = Math.min(tiles * a.width, a.size - tile * a.width);
    float[] x = a.normalised[l];
    int at = at(a, c, l, tile);
    kernels.rowSums(x, at, rows, a.width, n, sums, 0);
    if (tile == 0) {
      for (int r = 0; r < rows; r++) {
        origins[r] = byBatch || first ? sums[r] / n : statistics[meanAt[l] + c * rows + r];
      }
    }
    kernels.rowSquares(x, at, rows, a.width, n, origins, 0, alongSums, 0);
  }

  /**
   * With batch normalisation the batch's mean and biased variance. With running normalisation the
   * first batch sets the statistics; later ones move them by the momentum, around the old mean.
   */
  private void finishMoments(float[] statistics, boolean first, int c, int l, CpuActivations a) {
    int n = a.size;
    int rows = widths[l];
    int channel = c * rows;
    float momentum = spec.normalisationMomentum();
    float[] means = byBatch ? a.batchMean[l] : statistics;
    float[] variances = byBatch ? a.batchVariance[l] : statistics;
    int mean = byBatch ? channel : meanAt[l] + channel;
    int variance = byBatch ? channel : varianceAt[l] + channel;
    for (int r = 0; r < rows; r++) {
      float own = sums[r] / n;
      if (byBatch || first) {
        float offset = own - origins[r];
        means[mean + r] = own;
        variances[variance + r] = Math.max(0, alongSums[r] / n - offset * offset);
      } else {
        variances[variance + r] =
            (1 - momentum) * variances[variance + r] + momentum * (alongSums[r] / n);
        means[mean + r] = (1 - momentum) * means[mean + r] + momentum * own;
      }
    }
  }

  private void invertDeviations(float[] statistics, int c, int l, CpuActivations a) {
    int channel = c * widths[l];
    float[] variances = byBatch ? a.batchVariance[l] : statistics;
    int variance = byBatch ? channel : varianceAt[l] + channel;
    for (int r = 0; r < widths[l]; r++) {
      a.inverseDeviation[l][channel + r] =
          (float) (1 / Math.sqrt(variances[variance + r] + spec.normalisationEpsilon()));
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
    int chunk = Math.max(1, TRAINING_CHUNK / a.width);
    for (int c = 0; c < concepts; c++) {
      kernels.rowSums(
          conceptGradient, c * a.stride, 1, a.width, a.size, gradient, biases(c, layers));
      System.arraycopy(conceptGradient, c * a.stride, current, 0, a.stride);
      for (int l = layers; l > 0; l--) {
        Arrays.fill(alongSums, 0);
        Arrays.fill(sums, 0);
        for (int t = 0; t < a.tiles; t += chunk) {
          int tiles = Math.min(chunk, a.tiles - t);
          if (l < layers) {
            throughNormalisation(a, c, l, t, tiles);
          }
          activate(p, a, c, l - 1, t, tiles);
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
        exponentiate(p, c);
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
        belowAt(a, c, l, tile),
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
    int from = tile * a.width * rows;
    int at = at(a, c, l, tile);
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
        scaleAt(c, l),
        normalise ? p : zeros,
        shiftAt(c, l),
        spec.leakySlope(),
        alongSums,
        sums);
  }

  /**
   * Gradients of hidden layer l's scales, shifts and biases from the sums over the batch, and the
   * factors of {@link #throughNormalisation}. Batch normalisation subtracts the batch's mean, so
   * the bias before it changes nothing and its gradient is exactly 0. Computed, it would be
   * rounding noise, which Adam turns into steps and its metric multiplies by up to 1e7.
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
    if (!byBatch && !(l == 0 && exu)) {
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
    if (byBatch) {
      kernels.combineRows(
          current,
          events * rows,
          a.normalised[l],
          at(a, c, l, tile),
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
        float slope = slopes[i * width + o];
        gradient[w] += slope * (along - p[firstBiasAt[c] + i] * total);
        gradient[firstBiasAt[c] + i] -= slope * total;
      }
    }
  }

  /**
   * Tangent of z, chunk by chunk as {@link #forward}.
   *
   * @param direction tangent of the parameters
   * @param conceptTangent receives {@code [C x stride]}
   */
  void tangent(float[] p, CpuActivations a, float[] direction, float[] conceptTangent) {
    reserve(a.stride);
    int chunk = Math.max(1, TRAINING_CHUNK / a.width);
    for (int c = 0; c < concepts; c++) {
      exponentiate(p, c);
      for (int l = 0; l <= layers; l++) {
        load(own, p, c, l, a.stride);
        load(changes, direction, c, l, a.stride);
        Arrays.fill(sums, 0);
        Arrays.fill(alongSums, 0);
        for (int t = 0; t < a.tiles; t += chunk) {
          int tiles = Math.min(chunk, a.tiles - t);
          if (l > 0) {
            activateTangent(p, a, c, l - 1, t, tiles);
            activate(p, a, c, l - 1, t, tiles);
          }
          if (l == 0 && exu) {
            exuTangent(p, direction, c, a, t, tiles);
          } else {
            layerTangent(a, direction, c, l, t, tiles, l < layers ? next : conceptTangent);
          }
          if (l < layers && byBatch) {
            addTangentSums(a, c, l, t, tiles);
          }
        }
        if (l < layers) {
          tangentFactors(p, a, direction, c, l);
          swap();
        }
      }
    }
  }

  /** Tangent of W x + b, from {@code current}, that of x. */
  private void layerTangent(
      CpuActivations a, float[] direction, int c, int l, int tile, int tiles, float[] y) {
    int to = l < layers ? tile * a.width * widths[l] : at(a, c, l, tile);
    linear(changes, direction, c, l, below(a, l), belowAt(a, c, l, tile), y, to, a.width, tiles);
    if (l > 0) {
      own.addProduct(current, tile * a.width * widths[l - 1], y, to, a.width, tiles);
    }
  }

  /** Batch normalisation also moves with Σ t·x and Σ t of the tangents t before it. */
  private void addTangentSums(CpuActivations a, int c, int l, int tile, int tiles) {
    int rows = widths[l];
    int from = tile * a.width * rows;
    int n = Math.min(tiles * a.width, a.size - tile * a.width);
    kernels.rowDots(next, from, a.normalised[l], at(a, c, l, tile), rows, a.width, n, alongSums, 0);
    kernels.rowSums(next, from, rows, a.width, n, sums, 0);
  }

  private void exuTangent(
      float[] p, float[] direction, int c, CpuActivations a, int tile, int tiles) {
    int group = features[c].length;
    int width = widths[0];
    int start = tile * a.width * width;
    Arrays.fill(next, start, start + width * tiles * a.width, 0);
    for (int o = 0; o < width; o++) {
      for (int i = 0; i < group; i++) {
        int w = firstWeightAt[c] + i * width + o;
        float slope = slopes[i * width + o];
        float shift = p[firstBiasAt[c] + i];
        float shiftTangent = direction[firstBiasAt[c] + i];
        for (int t = tile; t < tile + tiles; t++) {
          int to = (t * width + o) * a.width;
          int from = a.inputAt(c) + (t * group + i) * a.width;
          for (int e = 0; e < a.width; e++) {
            next[to + e] += slope * ((a.inputs[from + e] - shift) * direction[w] - shiftTangent);
          }
        }
      }
    }
    kernels.multiply(next, start, a.gate, at(a, c, 0, tile), next, start, width * tiles * a.width);
  }

  /** Factors of {@link #activateTangent}, into the scratch rows. */
  private void tangentFactors(float[] p, CpuActivations a, float[] direction, int c, int l) {
    int channel = c * widths[l];
    int n = a.size;
    for (int r = 0; normalise && r < widths[l]; r++) {
      float factor = p[gammaAt[l] + channel + r] * a.inverseDeviation[l][channel + r];
      rowScratch[r] = factor;
      rowScratch2[r] = direction[gammaAt[l] + channel + r] - factor * alongSums[r] / n;
      rowScratch3[r] = direction[betaAt[l] + channel + r] - factor * sums[r] / n;
    }
  }

  /**
   * {@code current}: through normalisation, LeakyReLU and dropout of some tiles of one concept's
   * layer, in place.
   */
  private void activateTangent(float[] p, CpuActivations a, int c, int l, int tile, int tiles) {
    int rows = widths[l];
    int from = tile * a.width * rows;
    int at = at(a, c, l, tile);
    kernels.tangentRows(
        current,
        from,
        a.normalised[l],
        at,
        rows,
        a.width,
        tiles,
        normalise ? p : ones,
        scaleAt(c, l),
        normalise ? p : zeros,
        shiftAt(c, l),
        spec.leakySlope(),
        normalise ? rowScratch : ones,
        normalise ? rowScratch2 : zeros,
        normalise ? rowScratch3 : zeros);
    if (a.mask != null) {
      kernels.multiply(current, from, a.mask[l], at, current, from, rows * tiles * a.width);
    }
  }

  /** Batch normalisation: running mean and unbiased running variance move by the momentum. */
  void updateBatchStatistics(CpuActivations a, float[] statistics) {
    if (!byBatch) {
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
