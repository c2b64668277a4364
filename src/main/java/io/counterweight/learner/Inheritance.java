package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import io.counterweight.meta.ConceptErrors;
import java.util.Arrays;
import java.util.List;

/**
 * Begins a key where another one, its parent, stands: with its lanes and their optimisers, its
 * mixture, its input statistics, class shares, flip rates and errors by concepts. What was seen
 * counts as little, so that the key's own events are soon heard. What belongs to single events of
 * the parent, or watches it, begins empty: pending mini-batch, trusted events, pairs of labels,
 * pool and buffers, drift monitor, prediction sets, all counters. Of two generations of lanes the
 * one with the larger share is inherited, because a young key could not decide between them; errors
 * by concepts are told in concepts of the present lanes, and are inherited with these only.
 */
final class Inheritance {
  private final FreshLearners fresh;
  private final Standardizer standardizer;

  Inheritance(FreshLearners fresh, Standardizer standardizer) {
    this.fresh = fresh;
    this.standardizer = standardizer;
  }

  /**
   * A key's learner before its first event. The parent stays as it is.
   *
   * @param parent adopted by the same settings, its arrays current
   */
  LearnerState inherit(String modelKey, LearnerState parent) {
    LearnerState own = fresh.create(modelKey);
    Challenger challenger = parent.challenger;
    boolean next = challenger != null && challenger.share >= 0.5;
    List<TrainingState> lanes = next ? challenger.lanes : parent.lanes;
    double[] weights = next ? challenger.weights : parent.laneWeights;
    LearnerState state =
        new LearnerState(
            modelKey,
            own.architecture,
            standardizerOf(parent.standardizer),
            lanes.stream().map(TrainingState::copy).toList(),
            weights.clone(),
            own.reservoir,
            own.trustedCounts,
            beliefOf(parent.belief, own.belief, !next),
            own.drift,
            own.sets,
            own.random);
    state.blueprint = own.blueprint;
    state.mubo = own.mubo;
    return state;
  }

  private StandardizerState standardizerOf(StandardizerState parent) {
    StandardizerState copy =
        new StandardizerState(parent.count.clone(), parent.mean.clone(), parent.variance.clone());
    standardizer.hasten(copy);
    return copy;
  }

  private static BeliefState beliefOf(BeliefState parent, BeliefState own, boolean ofPresent) {
    BeliefState belief =
        new BeliefState(
            own.pairs,
            rows(parent.pairCounts),
            ofPresent ? copy(parent.errors) : own.errors,
            parent.observedShares.clone(),
            parent.trueShares.clone());
    belief.labels = parent.labels;
    LabelBelief.hasten(belief);
    return belief;
  }

  private static ConceptErrors.State copy(ConceptErrors.State errors) {
    return new ConceptErrors.State(
        rows(errors.coefficients), errors.mean.clone(), errors.variance.clone());
  }

  private static double[][] rows(double[][] from) {
    return Arrays.stream(from).map(double[]::clone).toArray(double[][]::new);
  }
}
