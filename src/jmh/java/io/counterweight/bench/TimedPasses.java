package io.counterweight.bench;

import io.counterweight.compute.Batch;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.model.SeededRandom;
import java.util.EnumMap;
import java.util.Map;

/** Passes that note how long each part of a steered step without anchor takes. */
final class TimedPasses implements NetworkPasses {

  /** Passes of a step, in their order. */
  enum Phase {
    TRAIN_FORWARD("forward, train batch"),
    LOOK_AHEAD_BACKWARD("backward for the look-ahead, train batch"),
    TRUSTED_FORWARD("forward at the look-ahead, trusted batch"),
    TRUSTED_BACKWARD("backward there, trusted batch"),
    TANGENT("tangent: alignments, train batch"),
    STEP_BACKWARD("backward for the step, train batch"),
    STATISTICS("batch statistics");

    final String description;

    Phase(String description) {
      this.description = description;
    }
  }

  private final NetworkPasses passes;
  private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
  private Activations train;
  private boolean lookedAhead;

  TimedPasses(NetworkPasses passes) {
    this.passes = passes;
  }

  /** Nanoseconds since {@link #reset}. */
  long nanos(Phase phase) {
    return nanos.getOrDefault(phase, 0L);
  }

  void reset() {
    nanos.clear();
  }

  private void note(Phase phase, long began) {
    nanos.merge(phase, System.nanoTime() - began, Long::sum);
  }

  @Override
  public Activations newActivations() {
    return passes.newActivations();
  }

  @Override
  public void predict(
      float[] parameters, float[] statistics, Batch batch, Activations activations) {
    passes.predict(parameters, statistics, batch, activations);
  }

  @Override
  public void forward(
      float[] parameters,
      float[] statistics,
      Batch batch,
      boolean fold,
      SeededRandom dropout,
      Activations activations) {
    long began = System.nanoTime();
    passes.forward(parameters, statistics, batch, fold, dropout, activations);
    if (fold) {
      train = activations;
      lookedAhead = false;
    }
    note(fold ? Phase.TRAIN_FORWARD : Phase.TRUSTED_FORWARD, began);
  }

  @Override
  public void backwardFrom(
      float[] parameters,
      Activations activations,
      float[] slopes,
      float penalty,
      float[] gradient) {
    passes.backwardFrom(parameters, activations, slopes, penalty, gradient);
  }

  @Override
  public void tangents(
      float[] parameters, Activations activations, float[] direction, float[] tangents) {
    passes.tangents(parameters, activations, direction, tangents);
  }

  @Override
  public void backward(
      float[] parameters,
      Activations activations,
      float[] weights,
      float penalty,
      float[] gradient) {
    long began = System.nanoTime();
    passes.backward(parameters, activations, weights, penalty, gradient);
    if (activations != train) {
      note(Phase.TRUSTED_BACKWARD, began);
    } else {
      note(lookedAhead ? Phase.STEP_BACKWARD : Phase.LOOK_AHEAD_BACKWARD, began);
      lookedAhead = true;
    }
  }

  @Override
  public void alignments(
      float[] parameters, Activations activations, float[] direction, float[] s) {
    long began = System.nanoTime();
    passes.alignments(parameters, activations, direction, s);
    note(Phase.TANGENT, began);
  }

  @Override
  public void updateBatchStatistics(Activations activations, float[] statistics) {
    long began = System.nanoTime();
    passes.updateBatchStatistics(activations, statistics);
    note(Phase.STATISTICS, began);
  }
}
