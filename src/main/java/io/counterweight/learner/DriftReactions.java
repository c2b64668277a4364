package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import io.counterweight.drift.DriftChange;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tells of drift and does what SPEC 5 asks for, as far as it is switched on. */
final class DriftReactions {
  private static final double SHARE_AT_WARNING = 0.1;
  private static final double SHARE_AT_DRIFT = 0.5;

  private final LearnerSettings settings;
  private final LaneComputes computes;
  private final Standardizer standardizer;
  private final LabelBelief beliefs;
  private final Succession succession;
  private final FreshLearners fresh;

  /** Of the newest calls, not yet taken. */
  private final List<DriftEvent> raised = new ArrayList<>();

  DriftReactions(
      LearnerSettings settings,
      LaneComputes computes,
      Standardizer standardizer,
      LabelBelief beliefs,
      Succession succession,
      FreshLearners fresh) {
    this.settings = settings;
    this.computes = computes;
    this.standardizer = standardizer;
    this.beliefs = beliefs;
    this.succession = succession;
    this.fresh = fresh;
  }

  /** What has drifted since the last time this was asked; of the keys that were worked on since. */
  List<DriftEvent> take() {
    if (raised.isEmpty()) {
      return List.of();
    }
    List<DriftEvent> taken = List.copyOf(raised);
    raised.clear();
    return taken;
  }

  /** Tells of changes and does what SPEC 5 asks for. */
  void react(LearnerState state, long eventTime, List<DriftChange> changes) {
    for (DriftChange change : changes) {
      raised.add(
          new DriftEvent(
              state.modelKey,
              eventTime,
              change.onset(),
              change.state(),
              change.kind(),
              change.signal(),
              change.detector(),
              change.statistic(),
              change.threshold(),
              state.version,
              change.affected()));
      boolean trusted = change.signal().startsWith("trusted");
      if (change.state() == DriftState.WARNING && trusted && settings.drift().challenge()) {
        succession.challenge(state, SHARE_AT_WARNING);
      } else if (change.state() == DriftState.DRIFT) {
        reactToDrift(state, change);
      }
    }
  }

  /**
   * Does what a confirmed drift of the concept asks for, on the word of someone who knows of it.
   *
   * @param eventTime now, milliseconds since the epoch
   * @param onset since when the concept is another one, milliseconds since the epoch
   */
  void tellOfConceptDrift(LearnerState state, long eventTime, long onset) {
    react(
        state,
        eventTime,
        List.of(
            new DriftChange(
                DriftState.DRIFT,
                DriftKind.CONCEPT,
                onset,
                "told",
                "none",
                Double.NaN,
                Double.NaN,
                List.of())));
  }

  private void reactToDrift(LearnerState state, DriftChange change) {
    if (change.kind() == DriftKind.CONCEPT && settings.drift().purge()) {
      state.reservoir.expire(change.onset());
      state.pool.removeIf(event -> event.eventTime() < change.onset());
    }
    if (change.kind() == DriftKind.CONCEPT && settings.drift().challenge()) {
      succession.challenge(state, SHARE_AT_DRIFT);
    }
    if (settings.drift().reset()) {
      switch (change.kind()) {
        case NOISE -> beliefs.forget(state.belief);
        case COVARIATE -> standardizer.hasten(state.standardizer);
        case PRIOR -> LabelBelief.hasten(state.belief);
        default -> {
          // A concept's drift is answered above.
        }
      }
      if (change.kind() == DriftKind.NOISE) {
        resetWeightNets(state);
      }
    }
  }

  private void resetWeightNets(LearnerState state) {
    state.models().forEach(computes::sync);
    state.drawnFrom = null;
    List<TrainingState> drawn = fresh.lanes(state.random.nextLong());
    for (int m = 0; m < state.models().size(); m++) {
      TrainingState from = drawn.get(m % drawn.size());
      TrainingState to = state.models().get(m);
      System.arraycopy(from.weightNet, 0, to.weightNet, 0, to.weightNet.length);
      Arrays.fill(to.weightAdam.firstMoment, 0);
      Arrays.fill(to.weightAdam.secondMoment, 0);
      to.weightAdam.steps = 0;
    }
  }
}
