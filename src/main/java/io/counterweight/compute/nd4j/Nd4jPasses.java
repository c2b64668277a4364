package io.counterweight.compute.nd4j;

import io.counterweight.compute.Batch;
import io.counterweight.compute.Dropout;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.compute.OutputLoss;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The passes: concept encoders, polynomial, loss. What lasts longer than a pass is owned by the
 * passes and their activations and freed by {@link #close}; all else lies in a workspace that each
 * pass opens and closes. The loss of K numbers an event is computed on the heap, where the step
 * wants it.
 */
final class Nd4jPasses implements NetworkPasses {
  private final BatmSpec spec;
  private final Nd4jEncoder encoder;
  private final Nd4jHead head;
  private final OutputLoss loss;
  private final Dropout masks;
  private final PackedParameters parameters;
  private final PackedParameters direction;
  private final PackedParameters gradient;
  private final NativeFloats outputGradient = new NativeFloats();
  private final List<Nd4jActivations> activations = new ArrayList<>();

  private float[] heap = new float[0];
  private boolean closed;

  Nd4jPasses(BatmSpec spec) {
    this.spec = spec;
    encoder = spec.encoder() ? new Nd4jEncoder(spec) : null;
    head = new Nd4jHead(spec);
    loss = new OutputLoss(spec);
    masks = new Dropout(spec);
    boolean exu = spec.encoder() && spec.inputLayer() == InputLayer.EXU;
    parameters = new PackedParameters(spec, exu ? Float.NEGATIVE_INFINITY : 0);
    direction = new PackedParameters(spec, 0);
    gradient = new PackedParameters(spec, 0);
  }

  @Override
  public Activations newActivations() {
    Nd4jActivations made = new Nd4jActivations(spec);
    activations.add(made);
    return made;
  }

  /** Takes back, at its end, all that the pass made and did not keep. */
  private void pass(Runnable work) {
    if (closed) {
      throw new IllegalStateException("These passes are closed");
    }
    Tensors.inWorkspace(work);
  }

  @Override
  public void predict(float[] p, float[] statistics, Batch batch, Activations into) {
    Nd4jActivations a = (Nd4jActivations) into;
    pass(
        () -> {
          parameters.write(p);
          a.start(batch, false);
          encode(statistics, Nd4jEncoder.Mode.PREDICT, a);
          head.forward(parameters, a);
          a.finish();
        });
  }

  @Override
  public void forward(
      float[] p,
      float[] statistics,
      Batch batch,
      boolean fold,
      SeededRandom dropout,
      Activations into) {
    Nd4jActivations a = (Nd4jActivations) into;
    boolean drops = masks.drops(dropout);
    boolean folds = fold && spec.normalisation() == Normalisation.RUNNING;
    pass(
        () -> {
          parameters.write(p);
          if (folds && drops) {
            // The statistics are those of the whole network, so dropout waits for a second pass.
            a.start(batch, false);
            encode(statistics, Nd4jEncoder.Mode.FOLD, a);
          }
          a.start(batch, drops);
          if (drops) {
            drawMasks(a, dropout);
          }
          encode(statistics, folds && !drops ? Nd4jEncoder.Mode.FOLD : Nd4jEncoder.Mode.TRAIN, a);
          head.forward(parameters, a);
          a.finish();
        });
    loss.evaluate(a.logits(), batch.y(), a.size(), a.size(), a.output, a.losses);
  }

  private void encode(float[] statistics, Nd4jEncoder.Mode mode, Nd4jActivations a) {
    if (encoder != null) {
      encoder.forward(parameters, statistics, mode, a);
    }
  }

  /** Layer by layer, each {@code [concept x unit x event]}. */
  private void drawMasks(Nd4jActivations a, SeededRandom random) {
    for (int l = 0; l < spec.hidden().size(); l++) {
      int width = spec.hidden().get(l);
      int size = spec.conceptCount() * width * a.size();
      reserve(size);
      for (int i = 0; i < size; i++) {
        heap[i] = masks.next(random);
      }
      a.mask[l].shaped(spec.conceptCount(), width, a.size());
      a.mask[l].write(heap, size);
    }
  }

  private void reserve(int size) {
    if (heap.length < size) {
      heap = new float[size];
    }
  }

  @Override
  public void backward(float[] p, Activations of, float[] weights, float penalty, float[] addedTo) {
    Nd4jActivations a = (Nd4jActivations) of;
    int n = a.size();
    reserve(spec.outputs() * n);
    for (int q = 0; q < spec.outputs(); q++) {
      for (int e = 0; e < n; e++) {
        heap[q * n + e] = weights[e] * loss.slope(a.output, a.batch().y(), q, e, n);
      }
    }
    backwardFrom(p, a, heap, penalty, addedTo);
  }

  @Override
  public void backwardFrom(
      float[] p, Activations of, float[] slopes, float penalty, float[] addedTo) {
    Nd4jActivations a = (Nd4jActivations) of;
    int n = a.size();
    pass(
        () -> {
          parameters.write(p);
          INDArray byOutputs = outputGradient.shaped(spec.outputs(), n);
          outputGradient.write(slopes, spec.outputs() * n);
          INDArray byConcepts = head.backward(parameters, a, byOutputs, gradient);
          if (encoder != null) {
            byConcepts.addi(a.z.array().mul(2 * penalty / (spec.conceptCount() * n)));
            encoder.backward(parameters, a, byConcepts, gradient);
          }
          gradient.addTo(addedTo);
        });
  }

  @Override
  public void alignments(float[] p, Activations of, float[] along, float[] s) {
    Nd4jActivations a = (Nd4jActivations) of;
    int n = a.size();
    reserve(spec.outputs() * n);
    tangents(p, a, along, heap);
    for (int e = 0; e < n; e++) {
      float change = 0;
      for (int q = 0; q < spec.outputs(); q++) {
        change += loss.slope(a.output, a.batch().y(), q, e, n) * heap[q * n + e];
      }
      s[e] = change;
    }
  }

  @Override
  public void tangents(float[] p, Activations of, float[] along, float[] tangents) {
    Nd4jActivations a = (Nd4jActivations) of;
    int n = a.size();
    pass(
        () -> {
          parameters.write(p);
          direction.write(along);
          INDArray byConcepts = encoder == null ? null : encoder.tangent(parameters, a, direction);
          INDArray logits = head.tangent(parameters, a, direction, byConcepts);
          outputGradient.shaped(spec.outputs(), n).assign(logits);
          outputGradient.read(tangents, spec.outputs() * n);
        });
  }

  @Override
  public void updateBatchStatistics(Activations of, float[] statistics) {
    if (encoder != null) {
      pass(
          () -> {
            encoder.updateBatchStatistics((Nd4jActivations) of, statistics);
          });
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    activations.forEach(Nd4jActivations::close);
    parameters.close();
    direction.close();
    gradient.close();
    outputGradient.close();
    if (encoder != null) {
      encoder.close();
    }
  }
}
