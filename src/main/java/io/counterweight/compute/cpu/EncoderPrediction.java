package io.counterweight.compute.cpu;

import java.util.Arrays;

/**
 * Concepts with running statistics, nothing kept (SPEC 4.1). A few events run through all layers of
 * a concept while they are in the first cache.
 */
final class EncoderPrediction {
  private static final int CHUNK = 36;

  private final EncoderLayout layout;
  private final Kernels kernels;
  private final LayerWeights[] weights;
  private final ExuLayer exu;

  private float[] current;
  private float[] next;

  EncoderPrediction(EncoderLayout layout, Kernels kernels) {
    this.layout = layout;
    this.kernels = kernels;
    weights = LayerWeights.ofAllLayers(layout);
    exu = layout.exu ? new ExuLayer(layout) : null;
    int longest = Math.max(CHUNK * layout.widest, layout.largestGroup);
    current = new float[longest];
    next = new float[longest];
  }

  void predict(float[] p, float[] statistics, CpuActivations a) {
    for (int c = 0; c < layout.concepts; c++) {
      load(p, statistics, c, a);
      for (int from = 0; from < a.size; from += CHUNK) {
        predict(p, c, a, from, Math.min(CHUNK, a.size - from));
      }
    }
  }

  private void load(float[] p, float[] statistics, int c, CpuActivations a) {
    for (int l = 0; l < layout.layers; l++) {
      if (layout.normalised) {
        a.normaliseBy(p, statistics, layout.mean(c, l), statistics, layout.variance(c, l), c, l);
      }
      if (l == 0 && exu != null) {
        exu.load(p, c);
      } else {
        weights[l].loadNormalised(p, c, a.units[l], a.unitsAt(c, l));
      }
    }
    int top = layout.layers;
    weights[top].loadForward(p, c);
    Arrays.fill(a.z, c * a.stride + a.size, (c + 1) * a.stride, 0);
  }

  private void predict(float[] p, int c, CpuActivations a, int from, int events) {
    float slope = layout.spec.leakySlope();
    for (int l = 0; l <= layout.layers; l++) {
      int units = layout.padded[l];
      if (l == 0 && exu != null) {
        exu.forward(p, c, a, from, events, next, 0);
        kernels.activate(next, 0, events, units, a.units[l], a.unitsAt(c, l), slope, next, 0);
      } else {
        int columns = layout.columns(c, l);
        kernels.product(
            l == 0 ? a.inputs : current,
            l == 0 ? a.inputAt(c) + from * columns : 0,
            l == 0 ? columns : layout.padded[l - 1],
            1,
            events,
            columns,
            weights[l].forward,
            0,
            units,
            weights[l].bias,
            0,
            0,
            next,
            0,
            units,
            units);
        if (l < layout.layers) {
          kernels.leaky(next, 0, events * units, slope);
        }
      }
      swap();
    }
    Tiles.firstColumn(current, layout.padded[layout.layers], events, a.z, c * a.stride + from);
  }

  private void swap() {
    float[] kept = current;
    current = next;
    next = kept;
  }

  /** Whether {@link #predictEvent} knows the architecture. */
  boolean canPredictEvent() {
    return layout.normalised && exu == null;
  }

  /**
   * Concepts of a single event: its weights are read once, as they lie, where the products of a
   * batch would turn them round first.
   */
  void predictEvent(float[] p, float[] statistics, CpuActivations a) {
    for (int c = 0; c < layout.concepts; c++) {
      int[] group = layout.features[c];
      for (int i = 0; i < group.length; i++) {
        current[i] = a.batch.x()[group[i]];
      }
      for (int l = 0; l < layout.layers; l++) {
        int rows = layout.widths[l];
        System.arraycopy(p, layout.biases(c, l), next, 0, rows);
        kernels.matrixVector(
            p, layout.weights(c, l), rows, layout.columns(c, l), current, 0, next, 0);
        kernels.activateEvent(
            next,
            0,
            rows,
            statistics,
            layout.mean(c, l),
            layout.variance(c, l),
            layout.spec.normalisationEpsilon(),
            p,
            layout.gamma(c, l),
            layout.beta(c, l),
            layout.spec.leakySlope());
        swap();
      }
      int top = layout.layers;
      next[0] = p[layout.biases(c, top)];
      kernels.matrixVector(
          p, layout.weights(c, top), 1, layout.columns(c, top), current, 0, next, 0);
      a.z[c * a.stride] = next[0];
    }
  }
}
