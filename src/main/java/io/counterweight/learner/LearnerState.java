package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import io.counterweight.conformal.PredictionSetState;
import io.counterweight.drift.DriftMonitorState;
import io.counterweight.meta.TrustedReservoir;
import io.counterweight.model.SeededRandom;
import io.counterweight.sampling.MuboState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * All that a key's learner remembers; what is live is what is persisted. Plain values, changed only
 * by {@link OnlineLearner}. The pending mini-batch is part of it, so that training does not depend
 * on when checkpoints happen.
 */
public final class LearnerState {
  private static final String FRESH = " (fresh)";

  public final String modelKey;

  /** {@link LearnerSettings#architecture} of the settings that it was made with or adopted by. */
  public long architecture;

  /** What its arrays mean. */
  public Blueprint blueprint = Blueprint.UNKNOWN;

  public final StandardizerState standardizer;

  /** In the order of {@link LearnerSettings#lanes}. */
  public List<TrainingState> lanes;

  /** Share of each lane in the mixture of the present lanes, sum to 1. */
  public double[] laneWeights;

  /** Of the {@code MUBO} lanes, in their order. */
  public List<MuboState> mubo = List.of();

  /** Fresh lanes that may take over, or null. */
  public Challenger challenger;

  public final BeliefState belief;

  public DriftMonitorState drift;

  /** What the prediction set of each class is made from, {@code [classes]}. */
  public PredictionSetState[] sets;

  /** Newest labelled events that the upper level looks at, oldest first; empty without one. */
  public final Deque<PendingEvent> pool;

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
      BeliefState belief,
      DriftMonitorState drift,
      PredictionSetState[] sets,
      SeededRandom random) {
    this.modelKey = modelKey;
    this.architecture = architecture;
    this.standardizer = standardizer;
    this.lanes = List.copyOf(lanes);
    this.laneWeights = laneWeights;
    this.reservoir = reservoir;
    this.trustedCounts = trustedCounts;
    this.belief = belief;
    this.drift = drift;
    this.sets = sets;
    this.pool = new ArrayDeque<>();
    this.random = random;
    this.pending = new ArrayList<>();
    this.trainedUntil = Long.MIN_VALUE;
    this.latestEventTime = Long.MIN_VALUE;
  }

  /** Present lanes, then the challenger's. */
  public List<TrainingState> models() {
    if (challenger == null) {
      return lanes;
    }
    List<TrainingState> models = new ArrayList<>(lanes);
    models.addAll(challenger.lanes);
    return models;
  }

  /** Names of {@link #models}: of the lanes, and of a challenger's the same with a mark. */
  public List<String> modelNames() {
    List<String> names = new ArrayList<>();
    int present = lanes.size();
    for (int m = 0; m < models().size(); m++) {
      int lane = m % present;
      String name = blueprint.isKnown() ? blueprint.lanes().get(lane).name() : "lane " + (lane + 1);
      names.add(m < present ? name : name + FRESH);
    }
    return names;
  }

  /** Share of each of {@link #models} in the whole mixture, sum to 1. */
  public double[] modelShares() {
    if (challenger == null) {
      return laneWeights;
    }
    double[] shares = new double[laneWeights.length + challenger.weights.length];
    for (int l = 0; l < laneWeights.length; l++) {
      shares[l] = (1 - challenger.share) * laneWeights[l];
      shares[laneWeights.length + l] = challenger.share * challenger.weights[l];
    }
    return shares;
  }

  /** Heap that the state holds, in bytes, within a few per cent; for bounding caches. */
  public long heapBytes() {
    long floats = 0;
    for (TrainingState lane : models()) {
      floats +=
          3L * lane.parameters.length
              + lane.averaged.length
              + lane.statistics.length
              + 3L * lane.weightNet.length;
    }
    int row = standardizer.mean.length;
    long rows = pending.size() + pool.size();
    for (int k = 0; k < reservoir.classes(); k++) {
      rows += reservoir.size(k);
    }
    rows += rows(mubo) + (challenger == null ? 0 : rows(challenger.mubo));
    long doubles = 3L * row;
    for (double[] values : drift.arrays()) {
      doubles += values.length;
    }
    for (PredictionSetState set : sets) {
      doubles += 3L * set.window();
    }
    return 4 * floats + 8 * doubles + rows * (4L * row + 96) + 10L * belief.pairs.capacity() + 1024;
  }

  private static long rows(List<MuboState> lanes) {
    long rows = 0;
    for (MuboState buffers : lanes) {
      rows += buffers.rows[0].size() + buffers.rows[1].size();
    }
    return rows;
  }
}
