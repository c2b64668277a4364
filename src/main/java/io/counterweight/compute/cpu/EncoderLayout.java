package io.counterweight.compute.cpu;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Shape of the concepts' encoders, and where the parameters and running statistics of each
 * concept's layers begin. Layer {@code layers} is the linear unit at the end, z_c.
 */
final class EncoderLayout {
  final BatmSpec spec;
  final boolean exu;
  final boolean normalised;

  /** Normalised by the batch's own statistics, not the running ones, in training. */
  final boolean byBatch;

  final int concepts;
  final int layers;

  /** Units of each layer, the last one's single unit among them, and the length of its rows. */
  final int[] widths;

  final int[] padded;
  final int widest;
  final int[][] features;
  final int largestGroup;

  private final int[] firstWeightAt;
  private final int[] firstBiasAt;
  private final int[] weightAt;
  private final int[] biasAt;
  private final int[] gammaAt;
  private final int[] betaAt;
  private final int[] meanAt;
  private final int[] varianceAt;
  private final int countAt;

  EncoderLayout(BatmSpec spec, ParameterLayout layout, Kernels kernels) {
    this.spec = spec;
    exu = spec.inputLayer() == BatmSpec.InputLayer.EXU;
    normalised = spec.isNormalised();
    byBatch = normalised && spec.normalisation() == BatmSpec.Normalisation.BATCH;
    concepts = spec.conceptCount();
    layers = spec.hidden().size();
    widths = IntStream.concat(spec.hidden().stream().mapToInt(h -> h), IntStream.of(1)).toArray();
    padded = Arrays.stream(widths).map(kernels::padded).toArray();
    widest = Arrays.stream(padded).max().orElseThrow();
    features = new int[concepts][];
    firstWeightAt = new int[concepts];
    firstBiasAt = new int[concepts];
    for (int c = 0; c < concepts; c++) {
      features[c] = spec.concepts().get(c).features().stream().mapToInt(f -> f).toArray();
      firstWeightAt[c] = layout.offset("enc0." + c + ".W");
      firstBiasAt[c] = layout.offset("enc0." + c + ".b");
    }
    largestGroup = Arrays.stream(features).mapToInt(group -> group.length).max().orElseThrow();
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
      if (l < layers && normalised) {
        gammaAt[l] = layout.offset("bn" + l + ".gamma");
        betaAt[l] = layout.offset("bn" + l + ".beta");
        meanAt[l] = statistics.offset("bn" + l + ".mean");
        varianceAt[l] = statistics.offset("bn" + l + ".var");
      }
    }
    countAt = normalised && !byBatch ? statistics.offset("count") : -1;
  }

  /** Inputs of layer l: units of the layer below, or the concept's features. */
  int columns(int c, int l) {
    return l == 0 ? features[c].length : widths[l - 1];
  }

  /** Weights {@code [width x columns]} that lead into a layer; EXU: {@code [columns x width]}. */
  int weights(int c, int l) {
    return l == 0 ? firstWeightAt[c] : weightAt[l] + c * widths[l] * widths[l - 1];
  }

  int biases(int c, int l) {
    return l == 0 ? firstBiasAt[c] : biasAt[l] + c * widths[l];
  }

  int gamma(int c, int l) {
    return gammaAt[l] + c * widths[l];
  }

  int beta(int c, int l) {
    return betaAt[l] + c * widths[l];
  }

  int mean(int c, int l) {
    return meanAt[l] + c * widths[l];
  }

  int variance(int c, int l) {
    return varianceAt[l] + c * widths[l];
  }

  /** Whether running statistics are still those of no batch. */
  boolean isFresh(float[] statistics) {
    return countAt >= 0 && statistics[countAt] == 0;
  }

  /** Counts a batch that was folded into running statistics. */
  void countFold(float[] statistics) {
    if (countAt >= 0) {
      statistics[countAt]++;
    }
  }

  /** Events that go together from one end of an encoder to the other. */
  int block(int events, boolean coupled, int chunk) {
    return coupled ? events : Math.min(events, chunk);
  }
}
