package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import io.counterweight.conformal.AdaptivePredictionSets;
import io.counterweight.conformal.PredictionSetState;
import io.counterweight.meta.TrustedReservoir;
import io.counterweight.model.SeededRandom;
import io.counterweight.optim.AdamState;
import java.util.Arrays;
import java.util.List;

/**
 * What of a learner predicts: statistics of the inputs, of each lane the parameters that predict,
 * the mixture, class shares, thresholds of the prediction sets, the state of drift. It predicts as
 * the learner does, bit for bit, and cannot learn.
 *
 * @param state the learner without moments, averages beside their parameters, trusted and pending
 *     events and buffers; only {@link OnlineLearner#score} may be asked with it
 */
public record ScoringModel(LearnerState state) {
  /** Objects and small arrays. */
  private static final long HEAP_BESIDE_ARRAYS = 2048;

  /**
   * Of an adopted and synced learner; shares its arrays, so the learner must not be trained
   * afterwards.
   */
  public static ScoringModel of(LearnerState learner) {
    int classes = learner.trustedCounts.length;
    BeliefState belief = new BeliefState(classes, 0, 1);
    System.arraycopy(learner.belief.observedShares, 0, belief.observedShares, 0, classes);
    System.arraycopy(learner.belief.trueShares, 0, belief.trueShares, 0, classes);
    LearnerState state =
        new LearnerState(
            learner.modelKey,
            learner.architecture,
            learner.standardizer,
            predicting(learner.lanes),
            learner.laneWeights,
            new TrustedReservoir(classes, 1),
            new long[classes],
            belief,
            learner.drift.shown(),
            Arrays.stream(learner.sets)
                .map(AdaptivePredictionSets::fixed)
                .toArray(PredictionSetState[]::new),
            new SeededRandom(0));
    if (learner.challenger != null) {
      Challenger challenger = learner.challenger;
      state.challenger =
          new Challenger(predicting(challenger.lanes), challenger.weights, challenger.share, 0, 0);
    }
    state.blueprint = learner.blueprint;
    state.version = learner.version;
    state.trainedUntil = learner.trainedUntil;
    return new ScoringModel(state);
  }

  private static List<TrainingState> predicting(List<TrainingState> lanes) {
    return lanes.stream()
        .map(lane -> predicting(lane.predicting(), lane.statistics, lane.conceptMeans))
        .toList();
  }

  /** A lane that only predicts; takes ownership of the arrays. */
  public static TrainingState predicting(
      float[] parameters, float[] statistics, float[] conceptMeans) {
    return new TrainingState(
        parameters,
        new AdamState(0),
        new float[0],
        statistics,
        conceptMeans,
        new float[0],
        new AdamState(0));
  }

  /** Heap that the model holds, in bytes, within a few per cent; for bounding caches. */
  public long heapBytes() {
    long floats = 0;
    for (TrainingState lane : state.models()) {
      floats += lane.parameters.length + lane.statistics.length + lane.conceptMeans.length;
    }
    return 4 * floats + 24L * state.standardizer.mean.length + HEAP_BESIDE_ARRAYS;
  }
}
