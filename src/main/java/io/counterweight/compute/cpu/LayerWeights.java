package io.counterweight.compute.cpu;

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

  /** Holds {@code [units][padded columns]} from {@link #backwardAt}. */
  float[] backward;

  int backwardAt;

  private final float[] backwardCopy;

  LayerWeights(EncoderLayout layout, int layer) {
    this.layout = layout;
    this.layer = layer;
    padded = layout.padded[layer];
    int below = layer == 0 ? layout.largestGroup : layout.widths[layer - 1];
    paddedBelow = layer == 0 ? below : layout.padded[layer - 1];
    forward = new float[below * padded];
    bias = new float[padded];
    backwardCopy = new float[below == paddedBelow ? 0 : layout.widths[layer] * paddedBelow];
  }

  static LayerWeights[] ofHiddenLayers(EncoderLayout layout) {
    LayerWeights[] weights = new LayerWeights[layout.layers];
    for (int l = 0; l < weights.length; l++) {
      weights[l] = new LayerWeights(layout, l);
    }
    return weights;
  }

  /** Takes weights and biases for {@code y = W x + b}. */
  void loadForward(float[] p, int c) {
    int rows = layout.widths[layer];
    int columns = layout.columns(c, layer);
    Tiles.transpose(p, layout.weights(c, layer), rows, columns, forward, padded);
    System.arraycopy(p, layout.biases(c, layer), bias, 0, rows);
  }

  /** Takes weights for {@code Wᵀ d}: as they lie where rows need no padding. */
  void loadBackward(float[] p, int c) {
    int columns = layout.columns(c, layer);
    int at = layout.weights(c, layer);
    if (backwardCopy.length == 0) {
      backward = p;
      backwardAt = at;
      return;
    }
    for (int r = 0; r < layout.widths[layer]; r++) {
      System.arraycopy(p, at + r * columns, backwardCopy, r * paddedBelow, columns);
    }
    backward = backwardCopy;
    backwardAt = 0;
  }
}
