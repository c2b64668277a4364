package io.counterweight.compute.cpu;

import java.util.Arrays;

/**
 * The encoders' forward pass of a training step (SPEC 4.1). Layer: linear or EXU → normalisation →
 * dropout → LeakyReLU; at the end one linear unit, z_c.
 *
 * <p>Each concept is a network of its own and runs through all its layers before the next one
 * starts. Where the normalisation waits for the whole batch, layers come one after the other, in
 * chunks of events; else a chunk runs through all layers while it is in the first cache.
 */
final class EncoderForward {
  private static final int CHUNK = 48;

  private final EncoderLayout layout;
  private final Kernels kernels;
  private final ExuLayer exu;

  /** Outputs of a hidden layer for one chunk. */
  private final float[] active;

  /** The concept in rows of one. */
  private final float[] outputs;

  private final float[] sums;
  private final float[] squares;

  /** Where squares are taken from, near the mean: then their difference costs no digits. */
  private final float[] origins;

  EncoderForward(EncoderLayout layout, Kernels kernels) {
    this.layout = layout;
    this.kernels = kernels;
    exu = layout.exu ? new ExuLayer(layout) : null;
    active = new float[CHUNK * layout.widest];
    outputs = new float[CHUNK * layout.padded[layout.layers]];
    sums = new float[layout.widest];
    squares = new float[layout.widest];
    origins = new float[layout.widest];
  }

  /**
   * Fills {@code a}.
   *
   * @param fold whether running normalisation folds the batch into its statistics first
   */
  void forward(float[] p, float[] statistics, boolean fold, CpuActivations a) {
    boolean measures = layout.normalised && (fold || layout.byBatch);
    int block = layout.block(a.size, measures, CHUNK);
    for (int c = 0; c < layout.concepts; c++) {
      load(p, c, a);
      if (layout.normalised && !measures) {
        for (int l = 0; l < layout.layers; l++) {
          normaliseByRunning(p, statistics, c, l, a);
        }
      }
      for (int from = 0; from < a.size; from += block) {
        int to = Math.min(from + block, a.size);
        for (int l = 0; l < layout.layers; l++) {
          layer(p, statistics, c, l, a, from, to, measures);
          if (measures) {
            finishMoments(statistics, c, l, a);
            normalise(p, statistics, c, l, a);
          }
        }
        output(c, a, from, to);
      }
    }
    if (fold) {
      layout.countFold(statistics);
    }
  }

  private void load(float[] p, int c, CpuActivations a) {
    for (int l = 0; l < layout.layers; l++) {
      if (l == 0 && exu != null) {
        exu.load(p, c);
      } else {
        a.weights[c][l].loadForward(p, c);
      }
    }
    int top = layout.layers;
    a.weights[c][top].loadForward(p, c);
    Arrays.fill(a.z, c * a.stride + a.size, (c + 1) * a.stride, 0);
  }

  /** Pre-activations of a hidden layer, and their moments. */
  private void layer(
      float[] p,
      float[] statistics,
      int c,
      int l,
      CpuActivations a,
      int from,
      int to,
      boolean measures) {
    int units = layout.padded[l];
    Arrays.fill(sums, 0);
    Arrays.fill(squares, 0);
    for (int e = from; e < to; e += CHUNK) {
      int events = Math.min(CHUNK, to - e);
      int at = a.at(c, l, e);
      if (l == 0 && exu != null) {
        exu.forward(p, c, a, e, events, a.preactivations[0], at);
      } else {
        int columns = layout.columns(c, l);
        if (l > 0) {
          a.activate(c, l - 1, e, events, active);
        }
        kernels.product(
            l == 0 ? a.inputs : active,
            l == 0 ? a.inputAt(c) + e * columns : 0,
            l == 0 ? columns : layout.padded[l - 1],
            1,
            events,
            columns,
            a.weights[c][l].forward,
            0,
            units,
            a.weights[c][l].bias,
            0,
            0,
            a.preactivations[l],
            at,
            units,
            units);
      }
      if (measures) {
        if (e == 0) {
          chooseOrigins(statistics, c, l, a, events);
        }
        kernels.moments(a.preactivations[l], at, events, units, origins, sums, squares);
      }
    }
  }

  /** The running means; at first and with batch normalisation the means of the first chunk. */
  private void chooseOrigins(float[] statistics, int c, int l, CpuActivations a, int events) {
    if (layout.byBatch || layout.isFresh(statistics)) {
      Arrays.fill(origins, 0);
      kernels.sums(a.preactivations[l], a.at(c, l, 0), events, layout.padded[l], origins);
      for (int r = 0; r < layout.padded[l]; r++) {
        origins[r] /= events;
      }
    } else {
      System.arraycopy(statistics, layout.mean(c, l), origins, 0, layout.widths[l]);
      Arrays.fill(origins, layout.widths[l], layout.padded[l], 0);
    }
  }

  /**
   * With batch normalisation the batch's mean and biased variance. With running normalisation the
   * first batch sets the statistics; later ones move them by the momentum, around the old mean.
   */
  private void finishMoments(float[] statistics, int c, int l, CpuActivations a) {
    int n = a.size;
    boolean sets = layout.byBatch || layout.isFresh(statistics);
    float[] means = layout.byBatch ? a.batchMean[l] : statistics;
    float[] variances = layout.byBatch ? a.batchVariance[l] : statistics;
    int mean = layout.byBatch ? c * layout.widths[l] : layout.mean(c, l);
    int variance = layout.byBatch ? c * layout.widths[l] : layout.variance(c, l);
    float momentum = layout.spec.normalisationMomentum();
    for (int r = 0; r < layout.widths[l]; r++) {
      float own = sums[r] / n;
      if (sets) {
        float offset = own - origins[r];
        means[mean + r] = own;
        variances[variance + r] = Math.max(0, squares[r] / n - offset * offset);
      } else {
        variances[variance + r] =
            (1 - momentum) * variances[variance + r] + momentum * (squares[r] / n);
        means[mean + r] = (1 - momentum) * means[mean + r] + momentum * own;
      }
    }
  }

  private void normalise(float[] p, float[] statistics, int c, int l, CpuActivations a) {
    if (layout.byBatch) {
      int at = c * layout.widths[l];
      a.normaliseBy(p, a.batchMean[l], at, a.batchVariance[l], at, c, l);
    } else {
      normaliseByRunning(p, statistics, c, l, a);
    }
  }

  private void normaliseByRunning(float[] p, float[] statistics, int c, int l, CpuActivations a) {
    a.normaliseBy(p, statistics, layout.mean(c, l), statistics, layout.variance(c, l), c, l);
  }

  private void output(int c, CpuActivations a, int from, int to) {
    int top = layout.layers;
    int row = layout.padded[top];
    LayerWeights w = a.weights[c][top];
    for (int e = from; e < to; e += CHUNK) {
      int events = Math.min(CHUNK, to - e);
      a.activate(c, top - 1, e, events, active);
      kernels.product(
          active,
          0,
          layout.padded[top - 1],
          1,
          events,
          layout.widths[top - 1],
          w.forward,
          0,
          row,
          w.bias,
          0,
          0,
          outputs,
          0,
          row,
          row);
      Tiles.firstColumn(outputs, row, events, a.z, c * a.stride + e);
    }
  }
}
