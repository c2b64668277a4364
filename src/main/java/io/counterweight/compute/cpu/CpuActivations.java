package io.counterweight.compute.cpu;

import io.counterweight.compute.Batch;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.model.BatmSpec;

/**
 * Activations of one pass; arrays grow to the largest batch seen. Rows of events are padded to
 * {@link #stride}; what padding holds is finite and means nothing, but gradients are 0 there.
 */
final class CpuActivations implements NetworkPasses.Activations {
  /** Rows this many floats apart, or a multiple, compete for the same few lines of a cache. */
  private static final int CACHE_PERIOD = 256;

  private final BatmSpec spec;
  private final int lanes;
  private int capacity;

  Batch batch;
  int size;
  int stride;

  /** The batch's inputs with padded rows, {@code [D x stride]}. */
  float[] x;

  /**
   * By layer, {@code [C x h x stride]}: pre-activations, normalised but not yet scaled where the
   * model is normalised.
   */
  final float[][] normalised;

  /** By layer, {@code [C x h x stride]}: outputs of LeakyReLU. */
  final float[][] active;

  /** By layer, {@code [C x h x stride]}: 0 or 1/(1 − p); null without dropout in this pass. */
  float[][] mask;

  private final float[][] maskStore;

  /** {@code [C x h0 x stride]}: 1 where an EXU unit is inside its clip, else 0. */
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

  /** By order − 1: projections u {@code [k x r x stride]}. */
  final float[][] projections;

  /** By order − 1 and number of factors − 1: Kronecker products {@code [r^factors x stride]}. */
  final float[][][] kronecker;

  /** By order − 1: core outputs {@code [r x stride]}. */
  final float[][] core;

  /** z − x0, {@code [C x stride]}. */
  float[] shifted;

  CpuActivations(BatmSpec spec, int lanes) {
    this.spec = spec;
    this.lanes = lanes;
    int layers = spec.hidden().size();
    normalised = new float[layers][];
    active = new float[layers][];
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
    stride = (size + lanes - 1) / lanes * lanes;
    if (stride % CACHE_PERIOD == 0) {
      stride += lanes;
    }
    if (stride > capacity) {
      allocate(stride);
    }
    mask = withDropout ? maskStore : null;
    for (int f = 0; f < spec.features(); f++) {
      System.arraycopy(newBatch.x(), f * size, x, f * stride, size);
    }
  }

  private void allocate(int n) {
    capacity = n;
    int concepts = spec.conceptCount();
    x = new float[spec.features() * n];
    for (int l = 0; l < normalised.length; l++) {
      int entries = concepts * spec.hidden().get(l) * n;
      normalised[l] = new float[entries];
      active[l] = new float[entries];
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
