package io.counterweight.learner;

import io.counterweight.meta.ConceptErrors;
import io.counterweight.meta.LabelPairs;
import java.util.Arrays;

/** What a key has seen of its labels; plain values. */
public final class BeliefState {
  public LabelPairs pairs;

  /** Fading pair counts {@code [true][observed]}. */
  public final double[][] pairCounts;

  public final ConceptErrors.State errors;

  /** Fading shares of the labels as received {@code [classes]}, sum to 1. */
  public final double[] observedShares;

  /** Shares of the true classes {@code [classes]}, sum to 1. */
  public final double[] trueShares;

  /** Labels seen. */
  public long labels;

  /** Nothing seen yet. */
  public BeliefState(int classes, int concepts, int pairing) {
    this(
        new LabelPairs(pairing),
        new double[classes][classes],
        new ConceptErrors.State(classes, concepts),
        new double[classes],
        new double[classes]);
    Arrays.fill(observedShares, 1.0 / classes);
    Arrays.fill(trueShares, 1.0 / classes);
  }

  /** Takes ownership of everything. */
  public BeliefState(
      LabelPairs pairs,
      double[][] pairCounts,
      ConceptErrors.State errors,
      double[] observedShares,
      double[] trueShares) {
    this.pairs = pairs;
    this.pairCounts = pairCounts;
    this.errors = errors;
    this.observedShares = observedShares;
    this.trueShares = trueShares;
  }
}
