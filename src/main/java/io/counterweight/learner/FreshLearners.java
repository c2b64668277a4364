package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import io.counterweight.drift.DriftMonitor;
import io.counterweight.meta.TrustedReservoir;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import io.counterweight.model.SeededRandom;
import io.counterweight.sampling.MuboState;
import java.util.ArrayList;
import java.util.List;

/** Draws learners and lanes that have seen nothing yet. */
final class FreshLearners {
  private final LearnerSettings settings;
  private final BatmSpec spec;
  private final LaneMixture mixture;
  private final DriftMonitor monitor;
  private final Blueprint blueprint;
  private final ParameterLayout layout;
  private final long architecture;

  FreshLearners(LearnerSettings settings, LaneMixture mixture, DriftMonitor monitor) {
    this.settings = settings;
    this.mixture = mixture;
    this.monitor = monitor;
    spec = settings.spec();
    blueprint = Blueprint.of(settings);
    layout = ParameterLayout.parameters(spec);
    architecture = settings.architecture();
  }

  /**
   * A key's learner before its first event. The same seed and key give the same learner anywhere.
   */
  LearnerState create(String modelKey) {
    SeededRandom random = SeededRandom.forKey(settings.seed(), modelKey);
    long start = random.nextLong();
    LearnerState state =
        new LearnerState(
            modelKey,
            architecture,
            new StandardizerState(spec.features()),
            lanes(start),
            mixture.startingWeights(),
            new TrustedReservoir(spec.outputs(), settings.trusted().perClass()),
            new long[spec.outputs()],
            new BeliefState(spec.outputs(), spec.conceptCount(), settings.belief().pairing()),
            monitor.fresh(),
            settings.sets().fresh(spec.outputs()),
            random);
    state.blueprint = blueprint;
    state.mubo = mubo();
    state.drawnFrom = start;
    return state;
  }

  /** The lanes of a key as they are before its first event. */
  List<TrainingState> lanesOf(String modelKey) {
    return lanes(SeededRandom.forKey(settings.seed(), modelKey).nextLong());
  }

  /** Empty buffers of the {@code MUBO} lanes, in their order. */
  List<MuboState> mubo() {
    return settings.lanes().stream()
        .filter(lane -> lane.policy() == LaneSettings.Policy.MUBO)
        .map(lane -> new MuboState(settings.muboBuffer()))
        .toList();
  }

  /** Lanes with the same number of start begin with the same parameters. */
  List<TrainingState> lanes(long start) {
    List<TrainingState> lanes = new ArrayList<>();
    for (LaneSettings lane : settings.lanes()) {
      long own = start + lane.start() * 0x9e3779b97f4a7c15L;
      lanes.add(TrainingState.fresh(spec, layout, lane.step(), new SeededRandom(own)));
    }
    return lanes;
  }
}
