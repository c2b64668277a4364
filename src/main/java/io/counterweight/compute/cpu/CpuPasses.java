package io.counterweight.compute.cpu;

import io.counterweight.compute.Batch;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import io.counterweight.model.SeededRandom;
import java.util.Arrays;

/** The passes: concept encoders, polynomial, loss. */
final class CpuPasses implements NetworkPasses {
  private final BatmSpec spec;
  private final Kernels kernels;
  private final ConceptEncoder encoder;
  private final TuckerHead head;

  private float[] conceptGradient = new float[0];
  private float[] outputGradient = new float[0];

  CpuPasses(BatmSpec spec, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    ParameterLayout layout = ParameterLayout.parameters(spec);
    encoder = spec.encoder() ? new ConceptEncoder(spec, layout, kernels) : null;
    head = new TuckerHead(spec, layout, kernels);
  }

  @Override
  public Activations newActivations() {
    return new CpuActivations(spec, kernels);
  }

  @Override
  public void predict(
      float[] parameters, float[] statistics, Batch batch, Activations activations) {
    CpuActivations a = (CpuActivations) activations;
    a.start(batch, false);
    if (encoder == null) {
      copyInputs(a);
    } else if (batch.size() == 1 && encoder.canEncodeEvent()) {
      encoder.encodeEvent(parameters, statistics, a);
    } else {
      a.gatherInputs();
      encoder.predict(parameters, statistics, a);
    }
    head.forward(parameters, a);
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
    boolean drops = dropout != null && spec.dropout() > 0;
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
    losses(a);
  }

  private static CpuActivations start(CpuActivations a, Batch batch, boolean drops) {
    a.start(batch, drops);
    a.gatherInputs();
    return a;
  }

  private void encode(float[] parameters, float[] statistics, boolean fold, CpuActivations a) {
    if (encoder == null) {
      copyInputs(a);
    } else {
      encoder.forward(parameters, statistics, fold, a);
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
    float kept = 1 / (1 - spec.dropout());
    for (int l = 0; l < a.mask.length; l++) {
      int rows = spec.hidden().get(l);
      for (int channel = 0; channel < spec.conceptCount() * rows; channel++) {
        int at = channel / rows * rows * a.stride + channel % rows * a.width;
        for (int e = 0; e < a.size; e++) {
          a.mask[l][at + e / a.width * rows * a.width + e % a.width] =
              random.nextFloat() < spec.dropout() ? 0 : kept;
        }
      }
    }
  }

  private void losses(CpuActivations a) {
    int stride = a.stride;
    float[] y = a.batch.y();
    if (!spec.isClassifier()) {
      for (int e = 0; e < a.size; e++) {
        float residual = a.logits[e] - y[e];
        a.output[e] = residual;
        a.losses[e] = residual * residual;
      }
      return;
    }
    int classes = spec.outputs();
    for (int e = 0; e < a.size; e++) {
      float largest = Float.NEGATIVE_INFINITY;
      for (int q = 0; q < classes; q++) {
        largest = Math.max(largest, a.logits[q * stride + e]);
      }
      double sum = 0;
      for (int q = 0; q < classes; q++) {
        double p = Math.exp(a.logits[q * stride + e] - largest);
        a.output[q * stride + e] = (float) p;
        sum += p;
      }
      for (int q = 0; q < classes; q++) {
        a.output[q * stride + e] /= (float) sum;
      }
      a.losses[e] = (float) (Math.log(sum) + largest - a.logits[(int) y[e] * stride + e]);
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
    int concepts = spec.conceptCount();
    reserve(stride);
    Arrays.fill(outputGradient, 0, spec.outputs() * stride, 0);
    for (int q = 0; q < spec.outputs(); q++) {
      for (int e = 0; e < a.size; e++) {
        outputGradient[q * stride + e] = weights[e] * lossSlope(a, q, e);
      }
    }
    head.backward(parameters, a, outputGradient, conceptGradient, gradient);
    if (encoder != null) {
      float scale = 2 * penalty / (concepts * a.size);
      for (int c = 0; c < concepts; c++) {
        for (int i = c * stride; i < c * stride + a.size; i++) {
          conceptGradient[i] += scale * a.z[i];
        }
      }
      encoder.backward(parameters, a, conceptGradient, gradient);
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

  /** Derivative of the event's loss by one logit, or by the regression output. */
  private float lossSlope(CpuActivations a, int q, int e) {
    return spec.isClassifier()
        ? a.output[q * a.stride + e] - ((int) a.batch.y()[e] == q ? 1 : 0)
        : 2 * a.output[e];
  }

  @Override
  public void alignments(
      float[] parameters, Activations activations, float[] direction, float[] s) {
    CpuActivations a = (CpuActivations) activations;
    reserve(a.stride);
    Arrays.fill(conceptGradient, 0, spec.conceptCount() * a.stride, 0);
    if (encoder != null) {
      encoder.tangent(parameters, a, direction, conceptGradient);
    }
    head.tangent(parameters, a, direction, conceptGradient, outputGradient);
    for (int e = 0; e < a.size; e++) {
      float change = 0;
      for (int q = 0; q < spec.outputs(); q++) {
        change += lossSlope(a, q, e) * outputGradient[q * a.stride + e];
      }
      s[e] = change;
    }
  }

  @Override
  public void updateBatchStatistics(Activations activations, float[] statistics) {
    if (encoder != null) {
      encoder.updateBatchStatistics((CpuActivations) activations, statistics);
    }
  }
}
