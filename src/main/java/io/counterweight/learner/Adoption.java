package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import io.counterweight.drift.DriftMonitor;
import io.counterweight.model.BatmSpec;
import io.counterweight.sampling.MuboState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Fits restored learners to the settings of today, or says why that cannot be. */
final class Adoption {
  private final LearnerSettings settings;
  private final BatmSpec spec;
  private final DriftMonitor monitor;
  private final FreshLearners fresh;

  /** What a restored learner is compared with; drawing parameters takes longer than a step. */
  private final LearnerState expected;

  Adoption(LearnerSettings settings, DriftMonitor monitor, FreshLearners fresh) {
    this.settings = settings;
    this.fresh = fresh;
    expected = fresh.create("");
    this.monitor = monitor;
    spec = settings.spec();
  }

  /**
   * Takes over a restored state: checks that it belongs to these settings, and trims its reservoir
   * to theirs.
   *
   * @throws IllegalStateException naming what differs and what to do
   */
  void adopt(LearnerState state) {
    check(state, "features", state.standardizer.mean.length, spec.features());
    check(state, "classes", state.trustedCounts.length, spec.outputs());
    check(state, "lanes", state.lanes.size(), settings.lanes().size());
    for (int l = 0; l < state.lanes.size(); l++) {
      String lane = "of lane '" + settings.lanes().get(l).name() + "'";
      TrainingState found = state.lanes.get(l);
      TrainingState wanted = expected.lanes.get(l);
      check(state, "parameters " + lane, found.parameters.length, wanted.parameters.length);
      check(state, "concepts " + lane, found.conceptMeans.length, wanted.conceptMeans.length);
      check(state, "statistics " + lane, found.statistics.length, wanted.statistics.length);
      check(
          state, "weight-net parameters " + lane, found.weightNet.length, wanted.weightNet.length);
    }
    if (state.architecture != expected.architecture) {
      throw new IllegalStateException(
          "The restored learner of key '"
              + state.modelKey
              + "' has another architecture of the same sizes: concepts, lanes, kind of layer or order differ;"
              + " restore with the configuration that wrote it, or start from an empty state");
    }
    state.reservoir.resize(settings.trusted().perClass());
    state.belief.pairs = state.belief.pairs.resized(settings.belief().pairing());
    if (!monitor.fits(state.drift)) {
      state.drift = monitor.fresh();
    }
    if (state.sets.length != spec.outputs()) {
      state.sets = settings.sets().fresh(spec.outputs());
    }
    Arrays.setAll(state.sets, k -> settings.sets().fitted(state.sets[k]));
    state.lanes = withAverages(state.lanes);
    if (state.challenger != null) {
      state.challenger.lanes = withAverages(state.challenger.lanes);
    }
    adoptBuffers(state);
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

  /** Lanes that were stored without an average begin one where they stand, and the other way. */
  private List<TrainingState> withAverages(List<TrainingState> lanes) {
    List<TrainingState> adopted = new ArrayList<>();
    for (int l = 0; l < lanes.size(); l++) {
      adopted.add(lanes.get(l).withAveraging(settings.lanes().get(l).step().averaging() > 0));
    }
    return List.copyOf(adopted);
  }

  private static void check(LearnerState state, String what, int found, int expected) {
    if (found != expected) {
      throw new IllegalStateException(
          "The restored learner of key '"
              + state.modelKey
              + "' has "
              + found
              + " "
              + what
              + ", the configuration asks for "
              + expected
              + "; restore with the configuration that wrote it, or start from an empty state");
    }
  }
}
