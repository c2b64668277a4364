package io.counterweight.compute.cpu;

import java.util.Arrays;

/**
 * The encoders' backward pass: gradients of their parameters from those of the concepts. A chunk of
 * events runs through everything between the sums of one layer's normalisation and the next's;
 * where normalisation has no such sums, through all layers.
 */
final class EncoderBackward {
  private static final int CHUNK = 48;

  private final EncoderLayout layout;
  private final Kernels kernels;
  private final LayerWeights[] weights;
  private final ExuLayer exu;

  /** Outputs of a hidden layer for one chunk. */
  private final float[] active;

  /** By hidden layer: the sums over events that its normalisation and its parameters need. */
  private final float[][] along;

  private final float[][] sums;

  /** By layer: the gradient of its weights, with padded rows; empty where rows need no padding. */
  private final float[][] paddedGradient;

  /** Of the first layer, {@code [group][padded units]}. */
  private final float[] firstGradient;

  private final float[] lastGradient;
  private final float[] factor;
  private final float[] byNormalised;
  private final float[] constant;
  private final float[] zeros;
  private final float[] ones;

  /** Gradient at a layer's pre-activations and at those of the layer below. */
  private float[] current = new float[0];

  private float[] next = new float[0];

  EncoderBackward(EncoderLayout layout, Kernels kernels) {
    this.layout = layout;
    this.kernels = kernels;
    weights = LayerWeights.ofAllLayers(layout);
    int top = layout.layers - 1;
    exu = layout.exu ? new ExuLayer(layout) : null;
    active = new float[CHUNK * layout.widest];
    along = new float[layout.layers][];
    sums = new float[layout.layers][];
    paddedGradient = new float[layout.layers][];
    for (int l = 0; l <= top; l++) {
      along[l] = new float[layout.padded[l]];
      sums[l] = new float[layout.padded[l]];
      boolean pads = l > 0 && layout.padded[l - 1] != layout.widths[l - 1];
      paddedGradient[l] = new float[pads ? layout.widths[l] * layout.padded[l - 1] : 0];
    }
    firstGradient = new float[layout.largestGroup * layout.padded[0]];
    lastGradient = new float[layout.padded[top]];
    factor = new float[layout.widest];
    byNormalised = new float[layout.widest];
    constant = new float[layout.widest];
    zeros = new float[layout.widest];
    ones = new float[layout.widest];
    Arrays.fill(ones, 1);
  }

  /** Adds to {@code gradient}; {@code conceptGradient} is dL/dz {@code [C x stride]}. */
  void backward(float[] p, CpuActivations a, float[] conceptGradient, float[] gradient) {
    int block = layout.block(a.size, layout.byBatch, CHUNK);
    reserve(block * layout.widest);
    for (int c = 0; c < layout.concepts; c++) {
      begin(p, c);
      for (int from = 0; from < a.size; from += block) {
        int to = Math.min(from + block, a.size);
        for (int l = layout.layers - 1; l >= 0; l--) {
          layer(c, l, a, conceptGradient, from, to, gradient);
          if (layout.byBatch) {
            normalisationFactors(c, l, a);
          }
          swap();
        }
        inputs(p, c, a, from, to, gradient);
      }
      finish(c, a, conceptGradient, gradient);
    }
  }

  private void reserve(int length) {
    if (current.length < length) {
      current = new float[length];
      next = new float[length];
    }
  }

  private void swap() {
    float[] kept = current;
    current = next;
    next = kept;
  }

  private void begin(float[] p, int c) {
    for (int l = 0; l < layout.layers; l++) {
      if (l > 0) {
        weights[l].loadBackward(p, c);
      } else if (exu != null) {
        exu.load(p, c);
      }
      Arrays.fill(along[l], 0);
      Arrays.fill(sums[l], 0);
      Arrays.fill(paddedGradient[l], 0);
    }
    int top = layout.layers;
    weights[top].loadBackward(p, c);
    Arrays.fill(firstGradient, 0);
    Arrays.fill(lastGradient, 0);
  }

  /**
   * Of hidden layer l: {@code next}, the gradient at its pre-activations, from {@code current},
   * that of the layer above. With batch normalisation it is not yet through the normalisation,
   * whose sums must be complete first.
   */
  private void layer(
      int c, int l, CpuActivations a, float[] conceptGradient, int from, int to, float[] gradient) {
    int units = layout.padded[l];
    float[] scale = factorOf(c, l, a);
    for (int e = from; e < to; e += CHUNK) {
      int events = Math.min(CHUNK, to - e);
      int at = (e - from) * units;
      a.activate(c, l, e, events, active);
      if (l + 1 == layout.layers) {
        throughOutput(conceptGradient, c * a.stride + e, events, at, units);
      } else {
        throughNormalisation(c, l + 1, a, from, e, events);
        weightGradient(c, l + 1, (e - from) * layout.padded[l + 1], events, gradient);
        throughWeights(l + 1, (e - from) * layout.padded[l + 1], events, at, units);
      }
      a.drop(c, l, e, events, next, at);
      kernels.gate(
          next,
          at,
          a.preactivations[l],
          a.at(c, l, e),
          events,
          units,
          a.units[l],
          a.unitsAt(c, l),
          layout.spec.leakySlope(),
          scale,
          along[l],
          sums[l]);
    }
  }

  /** What running normalisation multiplies a gradient by; batch normalisation does more, later. */
  private float[] factorOf(int c, int l, CpuActivations a) {
    if (layout.byBatch) {
      return ones;
    }
    System.arraycopy(a.units[l].scale(), a.unitsAt(c, l), factor, 0, layout.padded[l]);
    return factor;
  }

  /** The unit z_c: the gradient of its weights, and that of what goes into it. */
  private void throughOutput(float[] conceptGradient, int from, int events, int at, int units) {
    LayerWeights w = weights[layout.layers];
    kernels.product(
        conceptGradient,
        from,
        0,
        1,
        1,
        events,
        active,
        0,
        units,
        lastGradient,
        0,
        0,
        lastGradient,
        0,
        units,
        units);
    kernels.product(
        conceptGradient,
        from,
        1,
        1,
        events,
        1,
        w.backward,
        w.backwardAt,
        units,
        zeros,
        0,
        0,
        next,
        at,
        units,
        units);
  }

  /** Of linear layer l: Σ_e d[e] · x[e], {@code active} being its inputs x. */
  private void weightGradient(int c, int l, int dAt, int events, float[] gradient) {
    boolean pads = paddedGradient[l].length > 0;
    int below = layout.padded[l - 1];
    float[] g = pads ? paddedGradient[l] : gradient;
    int at = pads ? 0 : layout.weights(c, l);
    int units = layout.padded[l];
    kernels.product(
        current,
        dAt,
        1,
        units,
        layout.widths[l],
        events,
        active,
        0,
        below,
        g,
        at,
        below,
        g,
        at,
        below,
        below);
  }

  private void throughWeights(int l, int dAt, int events, int at, int units) {
    kernels.product(
        current,
        dAt,
        layout.padded[l],
        1,
        events,
        layout.widths[l],
        weights[l].backward,
        weights[l].backwardAt,
        units,
        zeros,
        0,
        0,
        next,
        at,
        units,
        units);
  }

  /** The factors of {@link #throughNormalisation}, from the sums over the batch. */
  private void normalisationFactors(int c, int l, CpuActivations a) {
    UnitScales scales = a.units[l];
    int at = a.unitsAt(c, l);
    for (int r = 0; r < layout.padded[l]; r++) {
      float scale = scales.scale()[at + r];
      float inverse = scales.inverse()[at + r];
      factor[r] = scale;
      byNormalised[r] = -scale * inverse * inverse * along[l][r] / a.size;
      constant[r] = -scale * sums[l][r] / a.size;
    }
  }

  /** {@code current}: through the batch normalisation of layer l, in place. */
  private void throughNormalisation(int c, int l, CpuActivations a, int from, int e, int events) {
    if (layout.byBatch) {
      kernels.combine(
          current,
          (e - from) * layout.padded[l],
          a.preactivations[l],
          a.at(c, l, e),
          events,
          layout.padded[l],
          a.units[l],
          a.unitsAt(c, l),
          factor,
          byNormalised,
          constant);
    }
  }

  /** The first layer's weights; few inputs, so that their gradient lies the other way round. */
  private void inputs(float[] p, int c, CpuActivations a, int from, int to, float[] gradient) {
    int units = layout.padded[0];
    int group = layout.features[c].length;
    for (int e = from; e < to; e += CHUNK) {
      int events = Math.min(CHUNK, to - e);
      int dAt = (e - from) * units;
      throughNormalisation(c, 0, a, from, e, events);
      if (exu != null) {
        exu.backward(p, c, a, e, events, current, dAt, gradient);
      } else {
        kernels.product(
            a.inputs,
            a.inputAt(c) + e * group,
            1,
            group,
            group,
            events,
            current,
            dAt,
            units,
            firstGradient,
            0,
            units,
            firstGradient,
            0,
            units,
            units);
      }
    }
  }

  /**
   * Adds what was summed over the events. Batch normalisation subtracts the batch's mean, so the
   * bias before it changes nothing and its gradient is exactly 0. Computed, it would be rounding
   * noise, which Adam turns into steps and its metric multiplies by up to 1e7.
   */
  private void finish(int c, CpuActivations a, float[] conceptGradient, float[] gradient) {
    int top = layout.layers;
    double byBias = 0;
    for (int e = 0; e < a.size; e++) {
      byBias += conceptGradient[c * a.stride + e];
    }
    gradient[layout.biases(c, top)] += (float) byBias;
    add(lastGradient, gradient, layout.weights(c, top), layout.columns(c, top));
    for (int l = 0; l < top; l++) {
      int at = a.unitsAt(c, l);
      for (int r = 0; r < layout.widths[l]; r++) {
        if (layout.normalised) {
          gradient[layout.gamma(c, l) + r] += a.units[l].inverse()[at + r] * along[l][r];
          gradient[layout.beta(c, l) + r] += sums[l][r];
        }
        if (!layout.byBatch && !(l == 0 && exu != null)) {
          gradient[layout.biases(c, l) + r] += a.units[l].scale()[at + r] * sums[l][r];
        }
      }
      for (int r = 0; r < layout.widths[l] && paddedGradient[l].length > 0; r++) {
        int columns = layout.columns(c, l);
        int to = layout.weights(c, l) + r * columns;
        for (int k = 0; k < columns; k++) {
          gradient[to + k] += paddedGradient[l][r * layout.padded[l - 1] + k];
        }
      }
    }
    if (exu == null) {
      int group = layout.features[c].length;
      for (int r = 0; r < layout.widths[0]; r++) {
        for (int i = 0; i < group; i++) {
          int to = layout.weights(c, 0) + r * group + i;
          gradient[to] += firstGradient[i * layout.padded[0] + r];
        }
      }
    }
  }

  private static void add(float[] values, float[] to, int at, int length) {
    for (int i = 0; i < length; i++) {
      to[at + i] += values[i];
    }
  }
}
