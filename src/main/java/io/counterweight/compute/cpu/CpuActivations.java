package io.counterweight.compute.cpu;

import io.counterweight.compute.Batch;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.model.BatmSpec;
import java.util.Arrays;

/**
 * Activations of one pass; arrays grow to the largest batch seen. T tiles of w events each pad the
 * batch to {@link #stride} events; what padding holds means nothing, but inputs and gradients are 0
 * there.
 */
final class CpuActivations implements NetworkPasses.Activations {
  private final BatmSpec spec;
  private final Kernels kernels;

  /** Features of the concepts before each concept. */
  private final int[] featuresBefore;

  private final int[][] features;
  private int capacity;

  Batch batch;
  int size;
  int width;
  int tiles;
  int stride;

  /** Each concept's inputs, {@code [T x g x w]} from {@link #inputAt}. */
  float[] inputs;

  /**
   * By layer, {@code [C x T x h x w]}: pre-activations, normalised but not yet scaled where the
   * model is normalised.
   */
  final float[][] normalised;

  /** By layer, {@code [C x T x h x w]}: 0 or 1/(1 − p); null without dropout in this pass. */
  float[][] mask;

  private final float[][] maskStore;

  /** {@code [C x T x h0 x w]}: 1 where an EXU unit is inside its clip, else 0. */
  float[] gate;

  /**
   * By layer, {@code [C x h]}: 1/√(variance + ε) of the pass, and the batch's own mean and biased
   * variance.
   */
  final float[][] inverseDeviation;

  final float[][] batchMean;
  final float[][] batchVariance;

  /** {@code [C x stride]}. */
  float[] z;

  /** {@code [K x stride]}. */
  float[] logits;

  /** Class probabilities, or residuals out − y, {@code [K x stride]}. */
  float[] output;

  /** {@code [n]}. */
  float[] losses;

  /** By order − 1: projections u {@code [T x k·r x w]}. */
  final float[][] projections;

  /** By order − 1 and number of factors − 1: Kronecker products {@code [T x r^factors x w]}. */
  final float[][][] kronecker;

  /** By order − 1: core outputs {@code [T x r x w]}. */
  final float[][] core;

  /** z − x0, {@code [T x C x w]}. */
  float[] shifted;

  CpuActivations(BatmSpec spec, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    int concepts = spec.conceptCount();
    features = new int[spec.encoder() ? concepts : 0][];
    featuresBefore = new int[concepts + 1];
    for (int c = 0; c < features.length; c++) {
      features[c] = spec.concepts().get(c).features().stream().mapToInt(f -> f).toArray();
      featuresBefore[c + 1] = featuresBefore[c] + features[c].length;
    }
    int layers = spec.hidden().size();
    normalised = new float[layers][];
    maskStore = new float[layers][];
    inverseDeviation = new float[layers][];
    batchMean = new float[layers][];
    batchVariance = new float[layers][];
    for (int l = 0; l < layers; l++) {
      int channels = spec.conceptCount() * spec.hidden().get(l);
      inverseDeviation[l] = new float[channels];
      batchMean[l] = new float[channels];
      batchVariance[l] = new float[channels];
    }
    projections = new float[spec.order()][];
    kronecker = new float[spec.order()][][];
    core = new float[spec.order()][];
  }

  void start(Batch newBatch, boolean withDropout) {
    batch = newBatch;
    size = newBatch.size();
    width = kernels.width(size);
    tiles = (size + width - 1) / width;
    stride = width * tiles;
    if (stride > capacity) {
      allocate(stride);
    }
    mask = withDropout ? maskStore : null;
  }

  /** Where the inputs of a concept begin. */
  int inputAt(int concept) {
    return featuresBefore[concept] * stride;
  }

  /** Spreads the batch over the concepts' inputs. */
  void gatherInputs() {
    for (int c = 0; c < features.length; c++) {
      int group = features[c].length;
      for (int i = 0; i < group; i++) {
        int from = features[c][i] * size;
        for (int t = 0; t < tiles; t++) {
          int used = Math.min(width, size - t * width);
          int to = inputAt(c) + (t * group + i) * width;
          System.arraycopy(batch.x(), from + t * width, inputs, to, used);
          Arrays.fill(inputs, to + used, to + width, 0);
        }
      }
    }
  }

  private void allocate(int n) {
    capacity = n;
    int concepts = spec.conceptCount();
    inputs = new float[featuresBefore[concepts] * n];
    for (int l = 0; l < normalised.length; l++) {
      int entries = concepts * spec.hidden().get(l) * n;
      normalised[l] = new float[entries];
      maskStore[l] = spec.dropout() > 0 ? new float[entries] : null;
      if (l == 0 && spec.inputLayer() == BatmSpec.InputLayer.EXU) {
        gate = new float[entries];
      }
    }
    z = new float[concepts * n];
    shifted = new float[concepts * n];
    logits = new float[spec.outputs() * n];
    output = new float[spec.outputs() * n];
    losses = new float[n];
    for (int k = 1; k <= spec.order(); k++) {
      projections[k - 1] = new float[k * spec.rank() * n];
      core[k - 1] = new float[spec.rank() * n];
      kronecker[k - 1] = new float[k][];
      int power = 1;
      for (int factors = 1; factors <= k; factors++) {
        power *= spec.rank();
        kronecker[k - 1][factors - 1] = new float[power * n];
      }
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int stride() {
    return stride;
  }

  @Override
  public float[] concepts() {
    return z;
  }

  @Override
  public float[] logits() {
    return logits;
  }

  @Override
  public float[] losses() {
    return losses;
  }
}
