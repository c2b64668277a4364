package io.counterweight.compute.nd4j;

import io.counterweight.compute.Batch;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import java.util.ArrayList;
import java.util.List;

/**
 * Activations of one pass, outside the heap but for what the step reads. Memory grows to the
 * largest batch seen.
 */
final class Nd4jActivations implements NetworkPasses.Activations, AutoCloseable {
  private final BatmSpec spec;
  private final int group;
  private final List<NativeFloats> owned = new ArrayList<>();

  /** Inputs by concept with padded groups, {@code [C x G x n]}; without an encoder null. */
  final NativeFloats x;

  /** EXU: inputs less their biases {@code [C x G x n]}; else null. */
  final NativeFloats centred;

  /** EXU: exp(W) {@code [C x G x h0]}; else null. */
  final NativeFloats exponents;

  /** EXU: 1 where a unit is inside its clip, else 0, {@code [C x h0 x n]}; else null. */
  final NativeFloats gate;

  /**
   * By layer: normalised, not yet scaled, {@code [C x h x n]}; null where nothing is normalised.
   */
  final NativeFloats[] normalised;

  /** By layer: 1/√(variance + ε) of the pass, {@code [C x h x 1]}. */
  final NativeFloats[] inverseDeviation;

  /** By layer: the batch's own mean and biased variance {@code [C x h x 1]}; null unless BATCH. */
  final NativeFloats[] batchMean;

  final NativeFloats[] batchVariance;

  /** By layer: dropout mask, 0 or 1/(1 − p), {@code [C x h x n]}; null without dropout. */
  final NativeFloats[] mask;

  /** By layer: slope of LeakyReLU times the mask, {@code [C x h x n]}. */
  final NativeFloats[] slopes;

  /** By layer: outputs {@code [C x h x n]}. */
  final NativeFloats[] active;

  /** {@code [C x n]}. */
  final NativeFloats z = own();

  /** z − x0, {@code [C x n]}. */
  final NativeFloats shifted = own();

  /** By order − 1 and factor: projections u {@code [r x n]}. */
  final NativeFloats[][] projections;

  /** By order − 1 and number of factors − 1: Kronecker products {@code [r^factors x n]}. */
  final NativeFloats[][] kronecker;

  /** By order − 1: core outputs {@code [r x n]}. */
  final NativeFloats[] core;

  /** {@code [K x n]}. */
  final NativeFloats outputs = own();

  private Batch batch;
  private boolean drops;
  private float[] inputs = new float[0];
  private float[] concepts = new float[0];
  private float[] logits = new float[0];

  /** Class probabilities, or residuals, {@code [K x n]}, and losses {@code [n]}. */
  float[] output = new float[0];

  float[] losses = new float[0];

  Nd4jActivations(BatmSpec spec) {
    this.spec = spec;
    group = PackedParameters.largestGroup(spec);
    int layers = spec.hidden().size();
    boolean exu = spec.encoder() && spec.inputLayer() == InputLayer.EXU;
    boolean batchStatistics = spec.normalisation() == Normalisation.BATCH;
    x = own(spec.encoder());
    centred = own(exu);
    exponents = own(exu);
    gate = own(exu);
    normalised = own(layers, spec.isNormalised());
    inverseDeviation = own(layers, spec.isNormalised());
    batchMean = own(layers, batchStatistics);
    batchVariance = own(layers, batchStatistics);
    mask = own(layers, spec.dropout() > 0);
    slopes = own(layers, true);
    active = own(layers, true);
    core = own(spec.order(), true);
    projections = new NativeFloats[spec.order()][];
    kronecker = new NativeFloats[spec.order()][];
    for (int k = 1; k <= spec.order(); k++) {
      projections[k - 1] = own(k, true);
      kronecker[k - 1] = own(k, true);
    }
  }

  private NativeFloats own() {
    NativeFloats floats = new NativeFloats();
    owned.add(floats);
    return floats;
  }

  private NativeFloats own(boolean used) {
    return used ? own() : null;
  }

  private NativeFloats[] own(int count, boolean used) {
    NativeFloats[] floats = new NativeFloats[count];
    for (int i = 0; i < count && used; i++) {
      floats[i] = own();
    }
    return floats;
  }

  /** Takes the batch's inputs and makes room for it. */
  void start(Batch newBatch, boolean withDropout) {
    batch = newBatch;
    drops = withDropout;
    int n = newBatch.size();
    concepts = atLeast(concepts, spec.conceptCount() * n);
    logits = atLeast(logits, spec.outputs() * n);
    output = atLeast(output, spec.outputs() * n);
    losses = atLeast(losses, n);
    if (!spec.encoder()) {
      z.shaped(spec.conceptCount(), n);
      z.write(newBatch.x(), spec.conceptCount() * n);
      return;
    }
    int size = spec.conceptCount() * group * n;
    // Padding stays 0 while the batch's size does; else it is cleared with the whole array.
    if (inputs.length != size) {
      inputs = new float[size];
    }
    for (int c = 0; c < spec.conceptCount(); c++) {
      List<Integer> features = spec.concepts().get(c).features();
      for (int i = 0; i < features.size(); i++) {
        System.arraycopy(newBatch.x(), features.get(i) * n, inputs, (c * group + i) * n, n);
      }
    }
    x.shaped(spec.conceptCount(), group, n);
    x.write(inputs, size);
  }

  private static float[] atLeast(float[] array, int size) {
    return array.length < size ? new float[size] : array;
  }

  Batch batch() {
    return batch;
  }

  /** Whether the pass has dropout masks. */
  boolean drops() {
    return drops;
  }

  /** Copies what the step reads to the heap. */
  void finish() {
    z.read(concepts, spec.conceptCount() * batch.size());
    outputs.read(logits, spec.outputs() * batch.size());
  }

  @Override
  public int size() {
    return batch.size();
  }

  @Override
  public int stride() {
    return batch.size();
  }

  @Override
  public float[] concepts() {
    return concepts;
  }

  @Override
  public float[] logits() {
    return logits;
  }

  @Override
  public float[] losses() {
    return losses;
  }

  @Override
  public void close() {
    owned.forEach(NativeFloats::close);
  }
}
