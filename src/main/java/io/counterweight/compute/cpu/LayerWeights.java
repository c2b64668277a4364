package io.counterweight.compute.cpu;

import java.util.Arrays;

/**
 * Weights of one concept's layer as the products want them, taken from the flat parameters: forward
 * {@code [columns][padded units]}, backward {@code [units][padded columns]}. Must be taken again
 * when the parameters change.
 */
final class LayerWeights {
  private final EncoderLayout layout;
  private final int layer;
  private final int padded;
  private final int paddedBelow;

  /** {@code [columns][padded units]}. */
  final float[] forward;

  /** {@code [padded units]}. */
  final float[] bias;

  private final float[] ones;

  /** Holds {@code [units][padded columns]} from {@link #backwardAt}. */
  float[] backward;

  int backwardAt;

  /** Padded rows; allocated on first use, and never where rows need no padding. */
  private float[] backwardCopy = new float[0];

  LayerWeights(EncoderLayout layout, int layer) {
    this.layout = layout;
    this.layer = layer;
    padded = layout.padded[layer];
    int below = layer == 0 ? layout.largestGroup : layout.widths[layer - 1];
    paddedBelow = layer == 0 ? below : layout.padded[layer - 1];
    forward = new float[below * padded];
    bias = new float[padded];
    ones = new float[padded];
    Arrays.fill(ones, 1);
  }

  static LayerWeights[] ofAllLayers(EncoderLayout layout) {
    LayerWeights[] weights = new LayerWeights[layout.layers + 1];
    for (int l = 0; l < weights.length; l++) {
      weights[l] = new LayerWeights(layout, l);
    }
    return weights;
  }

  /** Takes weights and biases for {@code y = W x + b}. */
  void loadForward(float[] p, int c) {
    transpose(p, c, ones, 0);
    System.arraycopy(p, layout.biases(c, layer), bias, 0, layout.widths[layer]);
  }

  /**
   * Takes weights and biases for what comes after a normalisation that is known beforehand: {@code
   * y = (W x + b − mean) · scale + shift}.
   *
   * @param units of the layer, the concept's from {@code at}
   */
  void loadNormalised(float[] p, int c, UnitScales units, int at) {
    transpose(p, c, units.scale(), at);
    int from = layout.biases(c, layer);
    for (int r = 0; r < layout.widths[layer]; r++) {
      float centred = p[from + r] - units.mean()[at + r];
      bias[r] = centred * units.scale()[at + r] + units.shift()[at + r];
    }
  }

  /** Four rows at a time, so that a line of the cache fills quickly. */
  private void transpose(float[] p, int c, float[] scale, int scaleAt) {
    int rows = layout.widths[layer];
    int columns = layout.columns(c, layer);
    int at = layout.weights(c, layer);
    float[] to = forward;
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      int row0 = at + r * columns;
      int row1 = row0 + columns;
      int row2 = row1 + columns;
      int row3 = row2 + columns;
      float scale0 = scale[scaleAt + r];
      float scale1 = scale[scaleAt + r + 1];
      float scale2 = scale[scaleAt + r + 2];
      float scale3 = scale[scaleAt + r + 3];
      for (int k = 0; k < columns; k++) {
        int i = k * padded + r;
        to[i] = p[row0 + k] * scale0;
        to[i + 1] = p[row1 + k] * scale1;
        to[i + 2] = p[row2 + k] * scale2;
        to[i + 3] = p[row3 + k] * scale3;
      }
    }
    for (; r < rows; r++) {
      for (int k = 0; k < columns; k++) {
        to[k * padded + r] = p[at + r * columns + k] * scale[scaleAt + r];
      }
    }
  }

  /** Takes weights for {@code Wᵀ d}: as they lie where rows need no padding. */
  void loadBackward(float[] p, int c) {
    int columns = layout.columns(c, layer);
    int at = layout.weights(c, layer);
    if (columns == paddedBelow) {
      backward = p;
      backwardAt = at;
      return;
    }
    if (backwardCopy.length == 0) {
      backwardCopy = new float[layout.widths[layer] * paddedBelow];
    }
    for (int r = 0; r < layout.widths[layer]; r++) {
      System.arraycopy(p, at + r * columns, backwardCopy, r * paddedBelow, columns);
    }
    backward = backwardCopy;
    backwardAt = 0;
  }
}
