package io.counterweight.compute.cpu;

import io.counterweight.compute.Batch;
import io.counterweight.compute.Dropout;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.compute.OutputLoss;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import io.counterweight.model.SeededRandom;
import java.util.Arrays;

/** The passes: concept encoders, polynomial, loss. */
final class CpuPasses implements NetworkPasses {
  private final BatmSpec spec;
  private final Kernels kernels;

  /** Null without an encoder. */
  private final ConceptEncoder encoder;

  private final TuckerHead head;
  private final OutputLoss loss;
  private final Dropout masks;

  private float[] conceptGradient = new float[0];
  private float[] outputGradient = new float[0];

  CpuPasses(BatmSpec spec, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    ParameterLayout layout = ParameterLayout.parameters(spec);
    encoder = spec.encoder() ? ConceptEncoder.of(spec, layout, kernels) : null;
    head = new TuckerHead(spec, layout, kernels);
    loss = new OutputLoss(spec);
    masks = new Dropout(spec);
  }

  @Override
  public Activations newActivations() {
    return new CpuActivations(spec, encoder == null ? null : encoder.layout(), kernels);
  }

  @Override
  public void predict(
      float[] parameters, float[] statistics, Batch batch, Activations activations) {
    CpuActivations a = (CpuActivations) activations;
    a.start(batch, false);
    if (encoder == null) {
      copyInputs(a);
    } else if (batch.size() == 1 && encoder.prediction().canPredictEvent()) {
      encoder.prediction().predictEvent(parameters, statistics, a);
    } else {
      a.gatherInputs();
      encoder.prediction().predict(parameters, statistics, a);
    }
    if (batch.size() == 1) {
      head.predictEvent(parameters, a);
    } else {
      head.forward(parameters, a);
    }
  }

  @Override
  public void forward(
      float[] parameters,
      float[] statistics,
      Batch batch,
      boolean fold,
      SeededRandom dropout,
      Activations activations) {
    CpuActivations a = (CpuActivations) activations;
    boolean drops = masks.drops(dropout);
    if (fold && drops && spec.normalisation() == BatmSpec.Normalisation.RUNNING) {
      // The statistics are those of the whole network, so dropout waits for a second pass.
      encode(parameters, statistics, true, start(a, batch, false));
    }
    start(a, batch, drops);
    if (drops) {
      drawMasks(a, dropout);
    }
    encode(parameters, statistics, fold && !drops, a);
    head.forward(parameters, a);
    loss.evaluate(a.logits, a.batch.y(), a.size, a.stride, a.output, a.losses);
  }

  private CpuActivations start(CpuActivations a, Batch batch, boolean drops) {
    a.start(batch, drops);
    if (encoder != null) {
      a.gatherInputs();
    }
    return a;
  }

  private void encode(float[] parameters, float[] statistics, boolean fold, CpuActivations a) {
    if (encoder == null) {
      copyInputs(a);
    } else {
      encoder.forward().forward(parameters, statistics, fold, a);
    }
  }

  /** Without an encoder the inputs are the concepts. */
  private void copyInputs(CpuActivations a) {
    for (int f = 0; f < spec.features(); f++) {
      System.arraycopy(a.batch.x(), f * a.size, a.z, f * a.stride, a.size);
      Arrays.fill(a.z, f * a.stride + a.size, (f + 1) * a.stride, 0);
    }
  }

  private void drawMasks(CpuActivations a, SeededRandom random) {
    EncoderLayout layout = encoder.layout();
    for (int l = 0; l < a.mask.length; l++) {
      for (int c = 0; c < layout.concepts; c++) {
        for (int unit = 0; unit < layout.widths[l]; unit++) {
          for (int e = 0; e < a.size; e++) {
            a.mask[l][a.at(c, l, e) + unit] = masks.next(random);
          }
        }
      }
    }
  }

  @Override
  public void backward(
      float[] parameters,
      Activations activations,
      float[] weights,
      float penalty,
      float[] gradient) {
    CpuActivations a = (CpuActivations) activations;
    int stride = a.stride;
    reserve(stride);
    Arrays.fill(outputGradient, 0, spec.outputs() * stride, 0);
    for (int q = 0; q < spec.outputs(); q++) {
      for (int e = 0; e < a.size; e++) {
        outputGradient[q * stride + e] =
            weights[e] * loss.slope(a.output, a.batch.y(), q, e, stride);
      }
    }
    backwardFrom(parameters, a, outputGradient, penalty, gradient);
  }

  @Override
  public void backwardFrom(
      float[] parameters,
      Activations activations,
      float[] slopes,
      float penalty,
      float[] gradient) {
    CpuActivations a = (CpuActivations) activations;
    int stride = a.stride;
    int concepts = spec.conceptCount();
    reserve(stride);
    head.backward(parameters, a, slopes, conceptGradient, gradient);
    if (encoder != null) {
      float scale = 2 * penalty / (concepts * a.size);
      for (int c = 0; c < concepts; c++) {
        for (int i = c * stride; i < c * stride + a.size; i++) {
          conceptGradient[i] += scale * a.z[i];
        }
      }
      encoder.backward().backward(parameters, a, conceptGradient, gradient);
    }
  }

  private void reserve(int stride) {
    if (conceptGradient.length < spec.conceptCount() * stride) {
      conceptGradient = new float[spec.conceptCount() * stride];
    }
    if (outputGradient.length < spec.outputs() * stride) {
      outputGradient = new float[spec.outputs() * stride];
    }
  }

  @Override
  public void alignments(
      float[] parameters, Activations activations, float[] direction, float[] s) {
    CpuActivations a = (CpuActivations) activations;
    int stride = a.stride;
    reserve(stride);
    tangents(parameters, a, direction, outputGradient);
    for (int e = 0; e < a.size; e++) {
      float change = 0;
      for (int q = 0; q < spec.outputs(); q++) {
        change += loss.slope(a.output, a.batch.y(), q, e, stride) * outputGradient[q * stride + e];
      }
      s[e] = change;
    }
  }

  @Override
  public void tangents(
      float[] parameters, Activations activations, float[] direction, float[] tangents) {
    CpuActivations a = (CpuActivations) activations;
    reserve(a.stride);
    Arrays.fill(conceptGradient, 0, spec.conceptCount() * a.stride, 0);
    if (encoder != null) {
      encoder.tangent().tangent(parameters, a, direction, conceptGradient);
    }
    head.tangent(parameters, a, direction, conceptGradient, tangents);
  }

  @Override
  public void updateBatchStatistics(Activations activations, float[] statistics) {
    if (encoder == null || !encoder.layout().byBatch) {
      return;
    }
    CpuActivations a = (CpuActivations) activations;
    int n = a.size;
    float momentum = spec.normalisationMomentum();
    float unbiased = n > 1 ? (float) n / (n - 1) : 1;
    for (int l = 0; l < a.batchMean.length; l++) {
      int mean = encoder.layout().mean(0, l);
      int variance = encoder.layout().variance(0, l);
      for (int channel = 0; channel < a.batchMean[l].length; channel++) {
        move(statistics, mean + channel, a.batchMean[l][channel], momentum);
        move(statistics, variance + channel, a.batchVariance[l][channel] * unbiased, momentum);
      }
    }
  }

  private static void move(float[] statistics, int at, float to, float momentum) {
    statistics[at] = (1 - momentum) * statistics[at] + momentum * to;
  }
}
