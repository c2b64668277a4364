package io.counterweight.compute.cpu;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import java.util.Arrays;

/**
 * Prediction of a single event: units instead of events are neighbours, so that one event fills the
 * vectors that a batch of one would leave empty. For normalised or plain linear encoders; EXU and
 * models without encoder take the batch's way.
 */
final class EventPass {
  private final BatmSpec spec;
  private final Kernels kernels;
  private final int[] widths;
  private final int[][] features;
  private final int[][] weightAt;
  private final int[][] biasAt;
  private final int[] gammaAt;
  private final int[] betaAt;
  private final int[] meanAt;
  private final int[] varianceAt;
  private float[] current;
  private float[] next;

  EventPass(BatmSpec spec, ParameterLayout layout, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    ParameterLayout statistics = ParameterLayout.statistics(spec);
    widths = spec.hidden().stream().mapToInt(Integer::intValue).toArray();
    int concepts = spec.conceptCount();
    int layers = widths.length;
    features = new int[concepts][];
    weightAt = new int[concepts][layers + 1];
    biasAt = new int[concepts][layers + 1];
    int widest = 1;
    for (int c = 0; c < concepts; c++) {
      features[c] =
          spec.concepts().get(c).features().stream().mapToInt(Integer::intValue).toArray();
      widest = Math.max(widest, features[c].length);
      weightAt[c][0] = layout.offset("enc0." + c + ".W");
      biasAt[c][0] = layout.offset("enc0." + c + ".b");
      for (int l = 1; l <= layers; l++) {
        int rows = l < layers ? widths[l] : 1;
        weightAt[c][l] = layout.offset("enc" + l + ".W") + c * rows * widths[l - 1];
        biasAt[c][l] = layout.offset("enc" + l + ".b") + c * rows;
      }
    }
    gammaAt = new int[layers];
    betaAt = new int[layers];
    meanAt = new int[layers];
    varianceAt = new int[layers];
    for (int l = 0; l < layers; l++) {
      widest = Math.max(widest, widths[l]);
      gammaAt[l] = layout.offset("bn" + l + ".gamma");
      betaAt[l] = layout.offset("bn" + l + ".beta");
      meanAt[l] = statistics.offset("bn" + l + ".mean");
      varianceAt[l] = statistics.offset("bn" + l + ".var");
    }
    current = new float[widest];
    next = new float[widest];
  }

  /** Whether an architecture can be predicted this way. */
  static boolean supports(BatmSpec spec) {
    return spec.isNormalised() && spec.inputLayer() == BatmSpec.InputLayer.LINEAR;
  }

  /**
   * Encodes one event.
   *
   * @param x {@code [features]}
   * @param z receives the concepts, {@code stride} apart
   */
  void encode(float[] p, float[] statistics, float[] x, float[] z, int stride) {
    int layers = widths.length;
    for (int c = 0; c < features.length; c++) {
      int columns = features[c].length;
      for (int i = 0; i < columns; i++) {
        current[i] = x[features[c][i]];
      }
      for (int l = 0; l < layers; l++) {
        int rows = widths[l];
        System.arraycopy(p, biasAt[c][l], next, 0, rows);
        kernels.matrixVector(p, weightAt[c][l], rows, columns, current, 0, next, 0);
        kernels.activateEvent(
            next,
            0,
            rows,
            statistics,
            meanAt[l] + c * rows,
            varianceAt[l] + c * rows,
            spec.normalisationEpsilon(),
            p,
            gammaAt[l] + c * rows,
            betaAt[l] + c * rows,
            spec.leakySlope());
        float[] kept = current;
        current = next;
        next = kept;
        columns = rows;
      }
      next[0] = p[biasAt[c][layers]];
      kernels.matrixVector(p, weightAt[c][layers], 1, columns, current, 0, next, 0);
      Arrays.fill(z, c * stride, (c + 1) * stride, next[0]);
    }
  }
}
