package io.counterweight.compute.nd4j;

import static io.counterweight.compute.nd4j.Tensors.eventMeans;
import static io.counterweight.compute.nd4j.Tensors.eventSums;
import static io.counterweight.compute.nd4j.Tensors.leakySlopes;
import static io.counterweight.compute.nd4j.Tensors.leftTransposedProduct;
import static io.counterweight.compute.nd4j.Tensors.product;
import static io.counterweight.compute.nd4j.Tensors.rightTransposedProduct;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.ParameterLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.clip.ClipByValue;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The concepts' encoders over a batch (SPEC 4.1), all concepts at once: forward, backward and
 * tangent side by side.
 *
 * <p>Layer: linear or EXU → normalisation → dropout → LeakyReLU; at the end one linear unit, z_c.
 * LeakyReLU and dropout together are a factor of every unit and event, kept by the forward pass.
 */
final class Nd4jEncoder implements AutoCloseable {

  /** Where normalisation takes its statistics from, and whether the pass changes them. */
  enum Mode {
    /** Running statistics in every architecture. */
    PREDICT,
    /** Running statistics, or the batch's own with batch normalisation. */
    TRAIN,
    /** As TRAIN, but running normalisation folds the batch in first. */
    FOLD
  }

  private final BatmSpec spec;
  private final int concepts;
  private final int layers;
  private final boolean exu;
  private final boolean batchStatistics;

  /** Place of the number of folded batches, or −1. */
  private final int countAt;

  private final int statisticsSize;
  private final NativeFloats statistics;

  /** By layer, views of the statistics {@code [C x h x 1]}. */
  private final INDArray[] means;

  private final INDArray[] variances;

  Nd4jEncoder(BatmSpec spec) {
    this.spec = spec;
    concepts = spec.conceptCount();
    layers = spec.hidden().size();
    exu = spec.inputLayer() == InputLayer.EXU;
    batchStatistics = spec.normalisation() == Normalisation.BATCH;
    ParameterLayout layout = ParameterLayout.statistics(spec);
    countAt = spec.normalisation() == Normalisation.RUNNING ? layout.offset("count") : -1;
    statisticsSize = layout.size();
    statistics = new NativeFloats(Math.max(1, statisticsSize));
    means = new INDArray[layers];
    variances = new INDArray[layers];
    for (int l = 0; l < layers && spec.isNormalised(); l++) {
      int width = spec.hidden().get(l);
      means[l] = statistics.block(layout.offset("bn" + l + ".mean"), concepts, width, 1);
      variances[l] = statistics.block(layout.offset("bn" + l + ".var"), concepts, width, 1);
    }
  }

  /** Leaves z in the activations. */
  void forward(PackedParameters p, float[] statisticsOnHeap, Mode mode, Nd4jActivations a) {
    boolean folds = mode == Mode.FOLD && countAt >= 0;
    statistics.write(statisticsOnHeap, statisticsSize);
    for (int l = 0; l < layers; l++) {
      INDArray pre =
          l == 0 && exu
              ? exuForward(p, a)
              : product(p.block(weights(l)), below(a, l)).addi(p.block(biases(l)));
      if (spec.isNormalised()) {
        if (folds) {
          fold(pre, l, statisticsOnHeap[countAt] == 0);
        }
        pre = normalise(p, pre, mode, l, a);
      }
      activate(pre, l, a);
    }
    INDArray z = a.z.shaped(concepts, a.size()).reshape('c', concepts, 1, a.size());
    product(p.block(weights(layers)), a.active[layers - 1].array(), z);
    z.addi(p.block(biases(layers)));
    if (folds) {
      float count = statisticsOnHeap[countAt];
      statistics.read(statisticsOnHeap, statisticsSize);
      statisticsOnHeap[countAt] = count + 1;
    }
  }

  private static String weights(int l) {
    return "enc" + l + ".W";
  }

  private static String biases(int l) {
    return "enc" + l + ".b";
  }

  private static INDArray below(Nd4jActivations a, int l) {
    return l == 0 ? a.x.array() : a.active[l - 1].array();
  }

  private INDArray shape(NativeFloats floats, int l, Nd4jActivations a) {
    return floats.shaped(concepts, spec.hidden().get(l), a.size());
  }

  private INDArray column(NativeFloats floats, int l) {
    return floats.shaped(concepts, spec.hidden().get(l), 1);
  }

  /** clip(exp(W)ᵀ (x − b), 0, 1). */
  private INDArray exuForward(PackedParameters p, Nd4jActivations a) {
    INDArray w = p.block("enc0.W");
    INDArray x = a.x.array();
    INDArray exponents = a.exponents.shaped(w.shape()).assign(Transforms.exp(w));
    INDArray centred = x.sub(p.block("enc0.b"), a.centred.shaped(x.shape()));
    INDArray pre = leftTransposedProduct(exponents, centred);
    shape(a.gate, 0, a)
        .assign(pre.gte(0).castTo(DataType.FLOAT).muli(pre.lte(1).castTo(DataType.FLOAT)));
    return Nd4j.exec(new ClipByValue(pre, 0, 1))[0];
  }

  /**
   * The first batch sets the statistics; later ones move them by the momentum, around the old mean.
   */
  private void fold(INDArray pre, int l, boolean first) {
    INDArray mean = eventMeans(pre);
    INDArray variance = eventMeans(Transforms.pow(pre.sub(first ? mean : means[l]), 2, false));
    if (first) {
      means[l].assign(mean);
      variances[l].assign(variance);
    } else {
      float momentum = spec.normalisationMomentum();
      means[l].muli(1 - momentum).addi(mean.muli(momentum));
      variances[l].muli(1 - momentum).addi(variance.muli(momentum));
    }
  }

  /** Also scaled and shifted; what comes before that is kept. */
  private INDArray normalise(
      PackedParameters p, INDArray pre, Mode mode, int l, Nd4jActivations a) {
    INDArray mean = means[l];
    INDArray variance = variances[l];
    if (batchStatistics && mode != Mode.PREDICT) {
      mean = column(a.batchMean[l], l).assign(eventMeans(pre));
      variance =
          column(a.batchVariance[l], l).assign(eventMeans(Transforms.pow(pre.sub(mean), 2, false)));
    }
    INDArray inverse =
        column(a.inverseDeviation[l], l)
            .assign(Transforms.sqrt(variance.add(spec.normalisationEpsilon()), false).rdivi(1));
    INDArray normalised = pre.sub(mean, shape(a.normalised[l], l, a)).muli(inverse);
    return normalised.mul(p.block("bn" + l + ".gamma")).addi(p.block("bn" + l + ".beta"));
  }

  private void activate(INDArray pre, int l, Nd4jActivations a) {
    INDArray slopes = shape(a.slopes[l], l, a);
    leakySlopes(pre, spec.leakySlope(), slopes);
    if (a.drops()) {
      slopes.muli(a.mask[l].array());
    }
    pre.mul(slopes, shape(a.active[l], l, a));
  }

  /**
   * Sets the encoder's blocks of the gradient. The bias before batch normalisation changes nothing;
   * its gradient stays 0, where rounding noise would be turned into steps by Adam.
   *
   * @param conceptGradient dL/dz {@code [C x n]}
   */
  void backward(
      PackedParameters p, Nd4jActivations a, INDArray conceptGradient, PackedParameters gradient) {
    INDArray d = conceptGradient.reshape('c', concepts, 1, a.size());
    gradient.block(biases(layers)).assign(eventSums(d));
    for (int l = layers; l > 0; l--) {
      rightTransposedProduct(d, below(a, l), gradient.block(weights(l)));
      d = leftTransposedProduct(p.block(weights(l)), d).muli(a.slopes[l - 1].array());
      if (spec.isNormalised()) {
        throughNormalisation(p, a, d, l - 1, gradient);
      }
      if (!batchStatistics && !(l == 1 && exu)) {
        gradient.block(biases(l - 1)).assign(eventSums(d));
      }
    }
    if (exu) {
      exuBackward(d, a, gradient);
    } else {
      rightTransposedProduct(d, a.x.array(), gradient.block("enc0.W"));
    }
  }

  /** {@code d}: from the gradient at the scaled values to that at the pre-activations, in place. */
  private void throughNormalisation(
      PackedParameters p, Nd4jActivations a, INDArray d, int l, PackedParameters gradient) {
    INDArray normalised = a.normalised[l].array();
    INDArray byScale = eventSums(d.mul(normalised));
    INDArray byShift = eventSums(d);
    gradient.block("bn" + l + ".gamma").assign(byScale);
    gradient.block("bn" + l + ".beta").assign(byShift);
    if (batchStatistics) {
      d.subi(byShift.divi(a.size())).subi(normalised.mul(byScale.divi(a.size())));
    }
    d.muli(p.block("bn" + l + ".gamma").mul(a.inverseDeviation[l].array()));
  }

  /** By W: exp(W) ⊙ (x − b) dᵀ; by b: −exp(W) Σ_e d. */
  private static void exuBackward(INDArray d, Nd4jActivations a, PackedParameters gradient) {
    d.muli(a.gate.array());
    INDArray exponents = a.exponents.array();
    rightTransposedProduct(a.centred.array(), d, gradient.block("enc0.W"));
    gradient.block("enc0.W").muli(exponents);
    product(exponents, eventSums(d), gradient.block("enc0.b"));
    gradient.block("enc0.b").negi();
  }

  /** Tangent of z along a direction of the parameters, {@code [C x n]}. */
  INDArray tangent(PackedParameters p, Nd4jActivations a, PackedParameters direction) {
    INDArray t = null;
    for (int l = 0; l < layers; l++) {
      if (l == 0 && exu) {
        t = exuTangent(a, direction);
      } else {
        INDArray along = product(direction.block(weights(l)), below(a, l));
        t = l == 0 ? along : along.addi(product(p.block(weights(l)), t));
        if (!batchStatistics) {
          t.addi(direction.block(biases(l)));
        }
      }
      if (spec.isNormalised()) {
        t = tangentOfNormalisation(p, a, direction, t, l);
      }
      t.muli(a.slopes[l].array());
    }
    return product(direction.block(weights(layers)), a.active[layers - 1].array())
        .addi(product(p.block(weights(layers)), t))
        .addi(direction.block(biases(layers)))
        .reshape('c', concepts, a.size());
  }

  private static INDArray exuTangent(Nd4jActivations a, PackedParameters direction) {
    INDArray exponents = a.exponents.array();
    INDArray t = leftTransposedProduct(exponents.mul(direction.block("enc0.W")), a.centred.array());
    return t.subi(leftTransposedProduct(exponents, direction.block("enc0.b"))).muli(a.gate.array());
  }

  private INDArray tangentOfNormalisation(
      PackedParameters p, Nd4jActivations a, PackedParameters direction, INDArray t, int l) {
    INDArray normalised = a.normalised[l].array();
    if (batchStatistics) {
      INDArray along = eventMeans(t.mul(normalised));
      t.subi(eventMeans(t)).subi(normalised.mul(along));
    }
    t.muli(p.block("bn" + l + ".gamma").mul(a.inverseDeviation[l].array()));
    return t.addi(normalised.mul(direction.block("bn" + l + ".gamma")))
        .addi(direction.block("bn" + l + ".beta"));
  }

  /** Batch normalisation: running mean and unbiased running variance move by the momentum. */
  void updateBatchStatistics(Nd4jActivations a, float[] statisticsOnHeap) {
    if (!batchStatistics) {
      return;
    }
    float momentum = spec.normalisationMomentum();
    int n = a.size();
    float unbiased = n > 1 ? (float) n / (n - 1) : 1;
    statistics.write(statisticsOnHeap, statisticsSize);
    for (int l = 0; l < layers; l++) {
      means[l].muli(1 - momentum).addi(a.batchMean[l].array().mul(momentum));
      variances[l].muli(1 - momentum).addi(a.batchVariance[l].array().mul(momentum * unbiased));
    }
    statistics.read(statisticsOnHeap, statisticsSize);
  }

  @Override
  public void close() {
    statistics.close();
  }
}
