package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import io.counterweight.meta.TrustedReservoir;
import io.counterweight.model.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a key's learner remembers; what is live is what is persisted. Plain values, changed only
 * by {@link OnlineLearner}. The pending mini-batch is part of it, so that training does not depend
 * on when checkpoints happen.
 */
public final class LearnerState {
  public final String modelKey;

  /** {@link LearnerSettings#architecture} of the settings that it was made with. */
  public final long architecture;

  public final StandardizerState standardizer;

  /** In the order of {@link LearnerSettings#lanes}. */
  public final List<TrainingState> lanes;

  /** Share of each lane in the mixture, sum to 1. */
  public final double[] laneWeights;

  public final TrustedReservoir reservoir;

  /** Trusted events seen, by class. */
  public final long[] trustedCounts;

  /** Labelled events that wait for their mini-batch, in order of arrival. */
  public final List<PendingEvent> pending;

  public final SeededRandom random;

  /** Events predicted. */
  public long predicted;

  /** Mini-batches trained on; the version of the model. */
  public long version;

  /** Lane steps skipped because a gradient was not finite. */
  public long skippedSteps;

  /** Latest event time that was trained on, or {@link Long#MIN_VALUE}. */
  public long trainedUntil;

  /** Latest event time seen, or {@link Long#MIN_VALUE}. */
  public long latestEventTime;

  /** Takes ownership of everything. */
  public LearnerState(
      String modelKey,
      long architecture,
      StandardizerState standardizer,
      List<TrainingState> lanes,
      double[] laneWeights,
      TrustedReservoir reservoir,
      long[] trustedCounts,
      SeededRandom random) {
    this.modelKey = modelKey;
    this.architecture = architecture;
    this.standardizer = standardizer;
    this.lanes = List.copyOf(lanes);
    this.laneWeights = laneWeights;
    this.reservoir = reservoir;
    this.trustedCounts = trustedCounts;
    this.random = random;
    this.pending = new ArrayList<>();
    this.trainedUntil = Long.MIN_VALUE;
    this.latestEventTime = Long.MIN_VALUE;
  }

  /** Heap that the state holds, in bytes, within a few per cent; for bounding caches. */
  public long heapBytes() {
    long floats = 0;
    for (TrainingState lane : lanes) {
      floats += 3L * lane.parameters.length + lane.statistics.length + 3L * lane.weightNet.length;
    }
    int row = standardizer.mean.length;
    long rows = pending.size();
    for (int k = 0; k < reservoir.classes(); k++) {
      rows += reservoir.size(k);
    }
    return 4 * floats + 24L * row + rows * (4L * row + 64) + 1024;
  }
}
