package io.counterweight.compute.scalar;

import io.counterweight.compute.Batch;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import io.counterweight.model.SeededRandom;
import java.util.Arrays;

/** The passes as plain loops: concept encoders, polynomial, loss. */
public final class ScalarPasses implements NetworkPasses {
  private final BatmSpec spec;
  private final ConceptEncoder encoder;
  private final TuckerHead head;

  private float[] conceptGradient = new float[0];
  private float[] outputGradient = new float[0];

  public ScalarPasses(BatmSpec spec) {
    this.spec = spec;
    ParameterLayout layout = ParameterLayout.parameters(spec);
    encoder = spec.encoder() ? new ConceptEncoder(spec, layout) : null;
    head = new TuckerHead(spec, layout);
  }

  @Override
  public Activations newActivations() {
    return new ScalarActivations(spec);
  }

  @Override
  public void predict(
      float[] parameters, float[] statistics, Batch batch, Activations activations) {
    ScalarActivations a = (ScalarActivations) activations;
    a.start(batch, false);
    encode(parameters, statistics, ConceptEncoder.Mode.PREDICT, a);
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
    ScalarActivations a = (ScalarActivations) activations;
    boolean drops = dropout != null && spec.dropout() > 0;
    if (fold && drops && spec.normalisation() == BatmSpec.Normalisation.RUNNING) {
      // The statistics are those of the whole network, so dropout waits for a second pass.
      a.start(batch, false);
      encode(parameters, statistics, ConceptEncoder.Mode.FOLD, a);
    }
    a.start(batch, drops);
    if (drops) {
      drawMasks(a, dropout);
    }
    encode(
        parameters,
        statistics,
        fold && !drops ? ConceptEncoder.Mode.FOLD : ConceptEncoder.Mode.TRAIN,
        a);
    head.forward(parameters, a);
    losses(a);
  }

  private void encode(
      float[] parameters, float[] statistics, ConceptEncoder.Mode mode, ScalarActivations a) {
    if (encoder == null) {
      System.arraycopy(a.batch.x(), 0, a.z, 0, spec.features() * a.size);
    } else {
      encoder.forward(parameters, statistics, mode, a);
    }
  }

  private void drawMasks(ScalarActivations a, SeededRandom random) {
    float kept = 1 / (1 - spec.dropout());
    for (int l = 0; l < a.mask.length; l++) {
      int entries = spec.conceptCount() * spec.hidden().get(l) * a.size;
      for (int i = 0; i < entries; i++) {
        a.mask[l][i] = random.nextFloat() < spec.dropout() ? 0 : kept;
      }
    }
  }

  private void losses(ScalarActivations a) {
    int n = a.size;
    float[] y = a.batch.y();
    if (!spec.isClassifier()) {
      for (int e = 0; e < n; e++) {
        float residual = a.logits[e] - y[e];
        a.output[e] = residual;
        a.losses[e] = residual * residual;
      }
      return;
    }
    int classes = spec.outputs();
    for (int e = 0; e < n; e++) {
      float largest = Float.NEGATIVE_INFINITY;
      for (int q = 0; q < classes; q++) {
        largest = Math.max(largest, a.logits[q * n + e]);
      }
      double sum = 0;
      for (int q = 0; q < classes; q++) {
        double p = Math.exp(a.logits[q * n + e] - largest);
        a.output[q * n + e] = (float) p;
        sum += p;
      }
      for (int q = 0; q < classes; q++) {
        a.output[q * n + e] /= (float) sum;
      }
      a.losses[e] = (float) (Math.log(sum) + largest - a.logits[(int) y[e] * n + e]);
    }
  }

  @Override
  public void backward(
      float[] parameters,
      Activations activations,
      float[] weights,
      float penalty,
      float[] gradient) {
    ScalarActivations a = (ScalarActivations) activations;
    int n = a.size;
    int concepts = spec.conceptCount();
    reserve(n);
    lossGradient(a, weights);
    Arrays.fill(conceptGradient, 0, concepts * n, 0);
    head.backward(parameters, a, outputGradient, conceptGradient, gradient);
    if (encoder != null) {
      float scale = 2 * penalty / (concepts * n);
      for (int i = 0; i < concepts * n; i++) {
        conceptGradient[i] += scale * a.z[i];
      }
      encoder.backward(parameters, a, conceptGradient, gradient);
    }
  }

  private void reserve(int n) {
    if (conceptGradient.length < spec.conceptCount() * n) {
      conceptGradient = new float[spec.conceptCount() * n];
      outputGradient = new float[spec.outputs() * n];
    }
  }

  private void lossGradient(ScalarActivations a, float[] weights) {
    int n = a.size;
    float[] y = a.batch.y();
    for (int q = 0; q < spec.outputs(); q++) {
      for (int e = 0; e < n; e++) {
        float slope =
            spec.isClassifier() ? a.output[q * n + e] - ((int) y[e] == q ? 1 : 0) : 2 * a.output[e];
        outputGradient[q * n + e] = weights[e] * slope;
      }
    }
  }

  @Override
  public void alignments(
      float[] parameters, Activations activations, float[] direction, float[] s) {
    ScalarActivations a = (ScalarActivations) activations;
    int n = a.size;
    reserve(n);
    Arrays.fill(conceptGradient, 0, spec.conceptCount() * n, 0);
    if (encoder != null) {
      encoder.tangent(parameters, a, direction, conceptGradient);
    }
    head.tangent(parameters, a, direction, conceptGradient, outputGradient);
    float[] y = a.batch.y();
    for (int e = 0; e < n; e++) {
      float change = 0;
      for (int q = 0; q < spec.outputs(); q++) {
        float slope =
            spec.isClassifier() ? a.output[q * n + e] - ((int) y[e] == q ? 1 : 0) : 2 * a.output[e];
        change += slope * outputGradient[q * n + e];
      }
      s[e] = change;
    }
  }

  @Override
  public void updateBatchStatistics(Activations activations, float[] statistics) {
    if (encoder != null) {
      encoder.updateBatchStatistics((ScalarActivations) activations, statistics);
    }
  }
}
