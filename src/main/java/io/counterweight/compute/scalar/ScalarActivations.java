package io.counterweight.compute.scalar;

import io.counterweight.compute.Batch;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.model.BatmSpec;

/** Activations of one pass; arrays grow to the largest batch seen. */
final class ScalarActivations implements NetworkPasses.Activations {
  private final BatmSpec spec;
  private int capacity;

  Batch batch;
  int size;

  /**
   * By layer, {@code [C x h x n]}: pre-activations, normalised but not yet scaled where the model
   * is normalised.
   */
  final float[][] normalised;

  /** By layer, {@code [C x h x n]}: outputs of LeakyReLU. */
  final float[][] active;

  /** By layer, {@code [C x h x n]}: 0 or 1/(1 − p); null without dropout in this pass. */
  float[][] mask;

  private final float[][] maskStore;

  /** {@code [C x h0 x n]}: 1 where an EXU unit is inside its clip, else 0. */
  float[] gate;

  /**
   * By layer, {@code [C x h]}: 1/√(variance + ε) of the pass, and the batch's own mean and biased
   * variance.
   */
  final float[][] inverseDeviation;

  final float[][] batchMean;
  final float[][] batchVariance;

  /** {@code [C x n]}. */
  float[] z;

  /** {@code [K x n]}. */
  float[] logits;

  /** Class probabilities, or residuals out − y, {@code [K x n]}. */
  float[] output;

  /** {@code [n]}. */
  float[] losses;

  /**
   * By order − 1: projections u {@code [k x r x n]}, Kronecker product {@code [r^k x n]}, core
   * output {@code [r x n]}.
   */
  final float[][] projections;

  final float[][] kronecker;
  final float[][] core;

  /** z − x0, {@code [C x n]}. */
  float[] shifted;

  ScalarActivations(BatmSpec spec) {
    this.spec = spec;
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
    kronecker = new float[spec.order()][];
    core = new float[spec.order()][];
  }

  void start(Batch newBatch, boolean withDropout) {
    batch = newBatch;
    size = newBatch.size();
    if (size > capacity) {
      allocate(size);
    }
    mask = withDropout ? maskStore : null;
  }

  private void allocate(int n) {
    capacity = n;
    int concepts = spec.conceptCount();
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
    int power = 1;
    for (int k = 1; k <= spec.order(); k++) {
      power *= spec.rank();
      projections[k - 1] = new float[k * spec.rank() * n];
      kronecker[k - 1] = new float[power * n];
      core[k - 1] = new float[spec.rank() * n];
    }
  }

  @Override
  public int size() {
    return size;
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
