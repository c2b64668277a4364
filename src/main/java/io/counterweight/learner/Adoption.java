package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import io.counterweight.drift.DriftMonitor;
import io.counterweight.model.BatmSpec;
import io.counterweight.sampling.MuboState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fits restored learners to the settings of today, or says why that cannot be. Lanes may come and
 * go, and so may everything that has no part in the shape of a lane's arrays.
 */
final class Adoption {
  private final LearnerSettings settings;
  private final BatmSpec spec;
  private final DriftMonitor monitor;
  private final FreshLearners fresh;
  private final LaneTransfer lanes;

  /** What a restored learner is compared with; drawing parameters takes longer than a step. */
  private final LearnerState expected;

  Adoption(
      LearnerSettings settings, DriftMonitor monitor, LaneMixture mixture, FreshLearners fresh) {
    this.settings = settings;
    this.fresh = fresh;
    expected = fresh.create("");
    lanes = new LaneTransfer(settings, mixture, fresh);
    this.monitor = monitor;
    spec = settings.spec();
  }

  /**
   * Takes over a restored state: checks that it belongs to these settings, and fits to them what
   * can be fitted.
   *
   * @throws IllegalStateException naming what differs and what to do
   */
  void adopt(LearnerState state) {
    requireCount(state, "features", state.standardizer.mean.length, spec.features());
    requireCount(state, "classes", state.trustedCounts.length, spec.outputs());
    if (state.blueprint.isKnown()) {
      checkModel(state, state.blueprint, expected.blueprint);
      lanes.transfer(state);
      if (state.drawnFrom != null && state.lanes.isEmpty()) {
        state.lanes = List.copyOf(fresh.lanes(state.drawnFrom));
      }
    }
    checkSizes(state, state.lanes);
    if (state.challenger != null) {
      checkSizes(state, state.challenger.lanes);
    }
    require(
        state.blueprint.isKnown() || state.architecture == expected.architecture,
        state,
        "another architecture of the same sizes: concepts, lanes, kind of layer or order differ",
        "what is configured");
    if (!isOfMonitor(state)) {
      state.drift = monitor.fresh();
    }
    state.architecture = expected.architecture;
    state.blueprint = expected.blueprint;
    state.reservoir.resize(settings.trusted().perClass());
    state.belief.pairs = state.belief.pairs.resized(settings.belief().pairing());
    if (state.sets.length != spec.outputs()) {
      state.sets = settings.sets().fresh(spec.outputs());
    }
    Arrays.setAll(state.sets, k -> settings.sets().fitted(state.sets[k]));
    state.lanes = withAverages(state.lanes);
    if (state.challenger != null) {
      state.challenger.lanes = withAverages(state.challenger.lanes);
    }
    adoptBuffers(state);
    adoptPool(state);
  }

  /**
   * The same for a model that only predicts.
   *
   * @throws IllegalStateException naming what differs and what to do
   */
  ScoringModel adopt(ScoringModel model) {
    LearnerState state = model.state();
    requireCount(state, "features", state.standardizer.mean.length, spec.features());
    requireCount(state, "classes", state.trustedCounts.length, spec.outputs());
    checkModel(state, state.blueprint, expected.blueprint);
    lanes.transfer(state);
    checkPredicting(state, state.lanes);
    if (state.challenger != null) {
      checkPredicting(state, state.challenger.lanes);
    }
    state.architecture = expected.architecture;
    state.blueprint = expected.blueprint;
    return ScoringModel.of(state);
  }

  /** By name, because sizes alone may be equal by chance. */
  private static void checkModel(LearnerState state, Blueprint found, Blueprint wanted) {
    requireSame(state, "concepts", found.concepts(), wanted.concepts());
    requireSame(state, "hidden widths", found.hidden(), wanted.hidden());
    requireSame(state, "encoder", found.encoder(), wanted.encoder());
    requireSame(state, "input layer", found.inputLayer(), wanted.inputLayer());
    requireSame(state, "normalisation", found.normalisation(), wanted.normalisation());
    requireSame(state, "order", found.order(), wanted.order());
    requireSame(state, "rank", found.rank(), wanted.rank());
    requireSame(state, "expansion point", found.expansionPoint(), wanted.expansionPoint());
  }

  private void checkSizes(LearnerState state, List<TrainingState> found) {
    checkPredicting(state, found);
    for (int l = 0; l < found.size(); l++) {
      requireCount(
          state,
          "weight-net parameters of lane '" + settings.lanes().get(l).name() + "'",
          found.get(l).weightNet.length,
          expected.lanes.get(l).weightNet.length);
    }
  }

  private void checkPredicting(LearnerState state, List<TrainingState> found) {
    requireCount(state, "lanes", found.size(), settings.lanes().size());
    for (int l = 0; l < found.size(); l++) {
      String lane = "of lane '" + settings.lanes().get(l).name() + "'";
      TrainingState one = found.get(l);
      TrainingState wanted = expected.lanes.get(l);
      requireCount(state, "parameters " + lane, one.parameters.length, wanted.parameters.length);
      requireCount(state, "concepts " + lane, one.conceptMeans.length, wanted.conceptMeans.length);
      requireCount(state, "statistics " + lane, one.statistics.length, wanted.statistics.length);
    }
  }

  /** States of two detectors may have the same length. */
  private boolean isOfMonitor(LearnerState state) {
    boolean sameDetector =
        !state.blueprint.isKnown()
            || state.blueprint.detector().equals(expected.blueprint.detector());
    return sameDetector && monitor.fits(state.drift);
  }

  private void adoptBuffers(LearnerState state) {
    state.mubo = fitted(state.mubo);
    if (state.challenger != null) {
      state.challenger.mubo = fitted(state.challenger.mubo);
    }
  }

  /** Empty ones where a state has none yet. */
  private List<MuboState> fitted(List<MuboState> found) {
    boolean complete = found.size() == expected.mubo.size();
    List<MuboState> fitted = complete ? found : fresh.mubo();
    fitted.forEach(buffers -> buffers.resize(settings.muboBuffer()));
    return fitted;
  }

  /** A lane that steers from now on looks at the pending events first. */
  private void adoptPool(LearnerState state) {
    if (!settings.steers()) {
      state.pool.clear();
    } else if (state.pool.isEmpty()) {
      state.pool.addAll(state.pending);
    }
    while (state.pool.size() > settings.upper().pool()) {
      state.pool.remove();
    }
  }

  /** Lanes that were stored without an average begin one where they stand, and the other way. */
  private List<TrainingState> withAverages(List<TrainingState> lanes) {
    List<TrainingState> adopted = new ArrayList<>();
    for (int l = 0; l < lanes.size(); l++) {
      adopted.add(lanes.get(l).withAveraging(settings.lanes().get(l).step().averaging() > 0));
    }
    return List.copyOf(adopted);
  }

  private static void requireCount(LearnerState state, String what, int found, int expected) {
    require(found == expected, state, found + " " + what, String.valueOf(expected));
  }

  private static void requireSame(LearnerState state, String what, Object found, Object expected) {
    require(found.equals(expected), state, what + " " + found, String.valueOf(expected));
  }

  /**
   * Refuses a state.
   *
   * @throws IllegalStateException naming what differs and what to do
   */
  static void require(boolean fits, LearnerState state, String found, String expected) {
    if (!fits) {
      throw new IllegalStateException(
          "The restored learner of key '"
              + state.modelKey
              + "' has "
              + found
              + ", the configuration asks for "
              + expected
              + "; restore with the configuration that wrote it, or start from an empty state"
              + " (docs/operations.md, Changing a running job)");
    }
  }
}
