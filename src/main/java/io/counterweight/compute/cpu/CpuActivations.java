package io.counterweight.compute.cpu;

import io.counterweight.compute.Batch;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.model.BatmSpec;

/**
 * Activations of one pass over n events; arrays grow to the largest batch seen. Of the encoders,
 * rows are events: {@code [concept][event][padded units]}. Of the polynomial, rows are padded to
 * {@link #stride} events, T tiles of w: what that padding holds means nothing, but gradients are 0
 * there.
 */
final class CpuActivations implements NetworkPasses.Activations {
  private final BatmSpec spec;
  private final Kernels kernels;

  /** Null without an encoder. */
  private final EncoderLayout layout;

  /** Features of the concepts before each concept. */
  private final int[] featuresBefore;

  private int capacity;

  Batch batch;
  int size;
  int width;
  int tiles;
  int stride;

  /** Each concept's inputs, {@code [n x g]} from {@link #inputAt}. */
  float[] inputs;

  /** By layer, {@code [C][n][units]}: what goes into its normalisation. */
  final float[][] preactivations;

  /** By layer, {@code [C][units]}: its normalisation in this pass. */
  final UnitScales[] units;

  /** By concept and layer: the weights of this pass, for products forward. */
  final LayerWeights[][] weights;

  /** By layer, as the pre-activations: 0 or 1/(1 − p); null without dropout in this pass. */
  float[][] mask;

  private final float[][] maskStore;

  /** As the pre-activations: 1 where an EXU unit is inside its clip, else 0. */
  float[] clipGate;

  /** By layer, {@code [C x h]}: the batch's own mean and biased variance. */
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

  CpuActivations(BatmSpec spec, EncoderLayout layout, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    this.layout = layout;
    int concepts = spec.conceptCount();
    int layers = layout == null ? 0 : layout.layers;
    featuresBefore = new int[concepts + 1];
    for (int c = 0; c < concepts && layout != null; c++) {
      featuresBefore[c + 1] = featuresBefore[c] + layout.features[c].length;
    }
    preactivations = new float[layers][];
    units = new UnitScales[layers];
    maskStore = new float[layers][];
    batchMean = new float[layers][];
    batchVariance = new float[layers][];
    for (int l = 0; l < layers; l++) {
      units[l] = UnitScales.identity(concepts * layout.padded[l]);
      batchMean[l] = new float[concepts * layout.widths[l]];
      batchVariance[l] = new float[concepts * layout.widths[l]];
    }
    weights = new LayerWeights[layers == 0 ? 0 : concepts][];
    for (int c = 0; c < weights.length; c++) {
      weights[c] = LayerWeights.ofAllLayers(layout);
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
    return featuresBefore[concept] * size;
  }

  /** Where an event's row of a concept's hidden layer begins. */
  int at(int concept, int layer, int event) {
    return (concept * size + event) * layout.padded[layer];
  }

  /** Where a concept's units begin. */
  int unitsAt(int concept, int layer) {
    return concept * layout.padded[layer];
  }

  /** Spreads the batch over the concepts' inputs. */
  void gatherInputs() {
    for (int c = 0; c < layout.concepts; c++) {
      int[] group = layout.features[c];
      for (int i = 0; i < group.length; i++) {
        int from = group[i] * size;
        int to = inputAt(c) + i;
        for (int e = 0; e < size; e++) {
          inputs[to + e * group.length] = batch.x()[from + e];
        }
      }
    }
  }

  /** Sets a layer's normalisation by means and variances that begin at the places given. */
  void normaliseBy(
      float[] p, float[] means, int meanAt, float[] variances, int varianceAt, int c, int l) {
    UnitScales scales = units[l];
    int at = unitsAt(c, l);
    for (int r = 0; r < layout.widths[l]; r++) {
      float inverse =
          (float) (1 / Math.sqrt(variances[varianceAt + r] + spec.normalisationEpsilon()));
      scales.mean()[at + r] = means[meanAt + r];
      scales.inverse()[at + r] = inverse;
      scales.scale()[at + r] = p[layout.gamma(c, l) + r] * inverse;
      scales.shift()[at + r] = p[layout.beta(c, l) + r];
    }
  }

  /**
   * Outputs of a concept's hidden layer for some events, from its pre-activations: reading them
   * back would cost more than computing them again.
   *
   * @param active receives {@code [events][units]}
   */
  void activate(int c, int l, int event, int events, float[] active) {
    kernels.activate(
        preactivations[l],
        at(c, l, event),
        events,
        layout.padded[l],
        units[l],
        unitsAt(c, l),
        spec.leakySlope(),
        active,
        0);
    drop(c, l, event, events, active, 0);
  }

  /** Dropout. A mask is 0 or positive, so it may as well act after LeakyReLU. */
  void drop(int c, int l, int event, int events, float[] values, int valuesAt) {
    if (mask != null) {
      int length = events * layout.padded[l];
      kernels.multiply(values, valuesAt, mask[l], at(c, l, event), values, valuesAt, length);
    }
  }

  private void allocate(int n) {
    capacity = n;
    int concepts = spec.conceptCount();
    inputs = new float[featuresBefore[concepts] * n];
    for (int l = 0; l < preactivations.length; l++) {
      int entries = concepts * layout.padded[l] * n;
      preactivations[l] = new float[entries];
      maskStore[l] = spec.dropout() > 0 ? new float[entries] : null;
      if (l == 0 && layout.exu) {
        clipGate = new float[entries];
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
