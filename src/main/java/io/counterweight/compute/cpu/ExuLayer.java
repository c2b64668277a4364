package io.counterweight.compute.cpu;

/**
 * First layer of exponential units (Agarwal et al. 2021, Neural Additive Models): clip(Σ_i (x_i −
 * b_i) exp(W_io), 0, 1). Plain loops: it is small beside the layers above it.
 */
final class ExuLayer {
  private final EncoderLayout layout;
  private final int width;
  private final int padded;

  /** exp(W) of the concept at hand, {@code [group x width]}. */
  private final float[] slopes;

  ExuLayer(EncoderLayout layout) {
    this.layout = layout;
    width = layout.widths[0];
    padded = layout.padded[0];
    slopes = new float[layout.largestGroup * width];
  }

  /** Takes a concept's weights for the calls that follow. */
  void load(float[] p, int c) {
    int at = layout.weights(c, 0);
    for (int i = 0; i < layout.features[c].length * width; i++) {
      slopes[i] = (float) Math.exp(p[at + i]);
    }
  }

  /** {@code y[e][o]}, clipped; where a pass keeps the gate of its clip, that too. */
  void forward(float[] p, int c, CpuActivations a, int from, int events, float[] y, int yAt) {
    int group = layout.features[c].length;
    int shifts = layout.biases(c, 0);
    boolean keepsGate = y == a.preactivations[0];
    for (int e = 0; e < events; e++) {
      int x = a.inputAt(c) + (from + e) * group;
      int to = yAt + e * padded;
      for (int o = 0; o < width; o++) {
        float sum = 0;
        for (int i = 0; i < group; i++) {
          sum += slopes[i * width + o] * (a.inputs[x + i] - p[shifts + i]);
        }
        if (keepsGate) {
          a.clipGate[to + o] = sum >= 0 && sum <= 1 ? 1 : 0;
        }
        y[to + o] = Math.max(0, Math.min(1, sum));
      }
    }
  }

  /** Adds to the gradient {@code g}; {@code d} is that at the layer's outputs. */
  void backward(
      float[] p, int c, CpuActivations a, int from, int events, float[] d, int dAt, float[] g) {
    int group = layout.features[c].length;
    int weights = layout.weights(c, 0);
    int shifts = layout.biases(c, 0);
    for (int e = 0; e < events; e++) {
      int x = a.inputAt(c) + (from + e) * group;
      int at = dAt + e * padded;
      int gate = a.at(c, 0, from + e);
      for (int i = 0; i < group; i++) {
        float distance = a.inputs[x + i] - p[shifts + i];
        float byShift = 0;
        for (int o = 0; o < width; o++) {
          float slope = d[at + o] * a.clipGate[gate + o] * slopes[i * width + o];
          g[weights + i * width + o] += slope * distance;
          byShift += slope;
        }
        g[shifts + i] -= byShift;
      }
    }
  }

  /** Tangent of the clipped outputs. */
  void tangent(
      float[] p,
      float[] direction,
      int c,
      CpuActivations a,
      int from,
      int events,
      float[] t,
      int tAt) {
    int group = layout.features[c].length;
    int weights = layout.weights(c, 0);
    int shifts = layout.biases(c, 0);
    for (int e = 0; e < events; e++) {
      int x = a.inputAt(c) + (from + e) * group;
      int to = tAt + e * padded;
      int gate = a.at(c, 0, from + e);
      for (int o = 0; o < width; o++) {
        float sum = 0;
        for (int i = 0; i < group; i++) {
          float distance = a.inputs[x + i] - p[shifts + i];
          float change = distance * direction[weights + i * width + o] - direction[shifts + i];
          sum += slopes[i * width + o] * change;
        }
        t[to + o] = sum * a.clipGate[gate + o];
      }
    }
  }
}
