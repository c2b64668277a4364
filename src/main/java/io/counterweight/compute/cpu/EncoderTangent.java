package io.counterweight.compute.cpu;

import java.util.Arrays;

/**
 * The encoders' forward-mode pass: how the concepts change as the parameters move along a direction
 * (SPEC 4.3, step 3), with the activations of a forward pass. Events go through as in {@link
 * EncoderForward}.
 */
final class EncoderTangent {
  private static final int CHUNK = 48;

  private final EncoderLayout layout;
  private final Kernels kernels;
  private final LayerWeights[] changes;
  private final ExuLayer exu;

  /** Outputs of a hidden layer for one chunk. */
  private final float[] active;

  /** Of batch normalisation: Σ t · (x − mean) and Σ t over the events. */
  private final float[] along;

  private final float[] sums;
  private final float[] factor;
  private final float[] byNormalised;
  private final float[] constant;

  /** Tangents at a layer's pre-activations and at those of the layer above. */
  private float[] current = new float[0];

  private float[] next = new float[0];

  EncoderTangent(EncoderLayout layout, Kernels kernels) {
    this.layout = layout;
    this.kernels = kernels;
    changes = LayerWeights.ofAllLayers(layout);
    exu = layout.exu ? new ExuLayer(layout) : null;
    active = new float[CHUNK * layout.widest];
    along = new float[layout.widest];
    sums = new float[layout.widest];
    factor = new float[layout.widest];
    byNormalised = new float[layout.widest];
    constant = new float[layout.widest];
  }

  /**
   * Tangent of z.
   *
   * @param direction tangent of the parameters
   * @param conceptTangent receives {@code [C x stride]}
   */
  void tangent(float[] p, CpuActivations a, float[] direction, float[] conceptTangent) {
    int block = layout.block(a.size, layout.byBatch, CHUNK);
    if (current.length < block * layout.widest) {
      current = new float[block * layout.widest];
      next = new float[block * layout.widest];
    }
    for (int c = 0; c < layout.concepts; c++) {
      load(p, direction, c);
      Arrays.fill(conceptTangent, c * a.stride + a.size, (c + 1) * a.stride, 0);
      for (int from = 0; from < a.size; from += block) {
        int to = Math.min(from + block, a.size);
        for (int l = 0; l < layout.layers; l++) {
          layer(p, direction, c, l, a, from, to);
          swap();
          factors(p, direction, c, l, a);
        }
        output(c, a, from, to, conceptTangent);
      }
    }
  }

  private void swap() {
    float[] kept = current;
    current = next;
    next = kept;
  }

  private void load(float[] p, float[] direction, int c) {
    for (int l = 0; l < layout.layers; l++) {
      if (l == 0 && exu != null) {
        exu.load(p, c);
      } else {
        changes[l].loadForward(direction, c);
      }
    }
    int top = layout.layers;
    changes[top].loadForward(direction, c);
  }

  /** {@code next}: tangent of W x + b, from {@code current}, that of the layer below. */
  private void layer(
      float[] p, float[] direction, int c, int l, CpuActivations a, int from, int to) {
    int units = layout.padded[l];
    Arrays.fill(along, 0);
    Arrays.fill(sums, 0);
    for (int e = from; e < to; e += CHUNK) {
      int events = Math.min(CHUNK, to - e);
      int at = (e - from) * units;
      if (l == 0 && exu != null) {
        exu.tangent(p, direction, c, a, e, events, next, at);
      } else if (l == 0) {
        int columns = layout.columns(c, 0);
        int x = a.inputAt(c) + e * columns;
        LayerWeights w = changes[0];
        product(a.inputs, x, columns, events, columns, w.forward, w.bias, 0, at, units);
      } else {
        int columns = layout.widths[l - 1];
        int below = layout.padded[l - 1];
        int tangents = (e - from) * below;
        LayerWeights w = changes[l];
        activate(c, l - 1, a, from, e, events);
        product(active, 0, below, events, columns, w.forward, w.bias, 0, at, units);
        kernels.product(
            current,
            tangents,
            below,
            1,
            events,
            columns,
            a.weights[c][l].forward,
            0,
            units,
            next,
            at,
            units,
            next,
            at,
            units,
            units);
      }
      if (layout.byBatch) {
        kernels.tangentSums(
            next,
            at,
            a.preactivations[l],
            a.at(c, l, e),
            events,
            units,
            a.units[l],
            a.unitsAt(c, l),
            along,
            sums);
      }
    }
  }

  private void product(
      float[] x,
      int xAt,
      int xRow,
      int events,
      int columns,
      float[] w,
      float[] bias,
      int biasAt,
      int at,
      int units) {
    kernels.product(
        x, xAt, xRow, 1, events, columns, w, 0, units, bias, biasAt, 0, next, at, units, units);
  }

  /** Factors of {@link #activate}, of a layer whose sums are complete. */
  private void factors(float[] p, float[] direction, int c, int l, CpuActivations a) {
    UnitScales scales = a.units[l];
    int at = a.unitsAt(c, l);
    int n = a.size;
    for (int r = 0; r < layout.widths[l]; r++) {
      float scale = scales.scale()[at + r];
      float inverse = scales.inverse()[at + r];
      factor[r] = scale;
      byNormalised[r] = -scale * inverse * inverse * along[r] / n;
      constant[r] = -scale * sums[r] / n;
      if (layout.normalised) {
        byNormalised[r] += direction[layout.gamma(c, l) + r] * inverse;
        constant[r] += direction[layout.beta(c, l) + r];
      }
    }
    Arrays.fill(factor, layout.widths[l], layout.padded[l], 0);
    Arrays.fill(byNormalised, layout.widths[l], layout.padded[l], 0);
    Arrays.fill(constant, layout.widths[l], layout.padded[l], 0);
  }

  /**
   * Through normalisation, LeakyReLU and dropout of some events of one concept's layer: {@code
   * current} in place, and {@code active}.
   */
  private void activate(int c, int l, CpuActivations a, int from, int e, int events) {
    int at = (e - from) * layout.padded[l];
    kernels.tangent(
        current,
        at,
        a.preactivations[l],
        a.at(c, l, e),
        events,
        layout.padded[l],
        a.units[l],
        a.unitsAt(c, l),
        layout.spec.leakySlope(),
        factor,
        byNormalised,
        constant,
        active);
    a.drop(c, l, e, events, current, at);
    a.drop(c, l, e, events, active, 0);
  }

  private void output(int c, CpuActivations a, int from, int to, float[] conceptTangent) {
    int top = layout.layers;
    int row = layout.padded[top];
    int columns = layout.widths[top - 1];
    int below = layout.padded[top - 1];
    LayerWeights w = changes[top];
    for (int e = from; e < to; e += CHUNK) {
      int events = Math.min(CHUNK, to - e);
      int at = (e - from) * below;
      activate(c, top - 1, a, from, e, events);
      product(active, 0, below, events, columns, w.forward, w.bias, 0, 0, row);
      float[] own = a.weights[c][top].forward;
      kernels.product(
          current, at, below, 1, events, columns, own, 0, row, next, 0, row, next, 0, row, row);
      Tiles.firstColumn(next, row, events, conceptTangent, c * a.stride + e);
    }
  }
}
