package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import java.util.List;

/**
 * Which lanes predict, and with which share: the mixture of the present ones, and after a drift the
 * fresh ones that challenge them, until one of the two generations goes.
 */
final class Succession {
  /** Trusted events in a row after which the share of a challenger counts as settled. */
  private static final int SETTLED_AFTER = 20;

  /** After so many the two generations are as good as each other, and the larger one stays. */
  private static final int LONGEST_CHALLENGE = 300;

  private static final double TOOK_OVER = 0.97;

  private final LaneMixture mixture;
  private final LaneComputes computes;
  private final Forecast forecast;
  private final FreshLearners fresh;

  Succession(LaneMixture mixture, LaneComputes computes, Forecast forecast, FreshLearners fresh) {
    this.mixture = mixture;
    this.computes = computes;
    this.forecast = forecast;
    this.fresh = fresh;
  }

  /** Fresh lanes train beside the present ones from now on, if none do yet. */
  void challenge(LearnerState state, double share) {
    if (state.challenger == null) {
      List<TrainingState> lanes = fresh.lanes(state.random.nextLong());
      state.challenger = new Challenger(lanes, mixture.startingWeights(), share, 0, 0);
      state.challenger.mubo = fresh.mubo();
    }
    state.challenger.share = Math.max(state.challenger.share, share);
  }

  /**
   * Moves the shares of lanes, and of the two generations, by an event whose class is known.
   *
   * @param classCounts events seen of each class, or their shares
   */
  void judge(LearnerState state, int label, double[] classCounts) {
    double weight = LaneMixture.classWeight(classCounts, label);
    double[] losses = forecast.losses(state, label);
    Challenger challenger = state.challenger;
    if (challenger != null) {
      double present = forecast.generationLoss(state, false, label);
      double fresh = forecast.generationLoss(state, true, label);
      challenger.share = mixture.judge(challenger.share, fresh, present, weight);
      mixture.judge(challenger.weights, losses, state.laneWeights.length, weight);
    }
    mixture.judge(state.laneWeights, losses, 0, weight);
  }

  /** Once the challenger's share has stayed at either end, one of the two generations goes. */
  void settle(LearnerState state) {
    Challenger challenger = state.challenger;
    if (challenger == null) {
      return;
    }
    int streak = challenger.streak;
    if (challenger.share > TOOK_OVER) {
      challenger.streak = Math.max(streak, 0) + 1;
    } else if (challenger.share < 1 - TOOK_OVER) {
      challenger.streak = Math.min(streak, 0) - 1;
    } else {
      challenger.streak = 0;
    }
    challenger.age++;
    boolean undecided = challenger.age >= LONGEST_CHALLENGE;
    if (challenger.streak >= SETTLED_AFTER || undecided && challenger.share >= 0.5) {
      takeOver(state);
    } else if (challenger.streak <= -SETTLED_AFTER || undecided) {
      dropChallenger(state);
    }
  }

  private void takeOver(LearnerState state) {
    List<TrainingState> retired = state.lanes;
    state.lanes = state.challenger.lanes;
    state.mubo = state.challenger.mubo;
    state.laneWeights = state.challenger.weights;
    state.challenger = null;
    state.drawnFrom = null;
    retired.forEach(computes::release);
  }

  private void dropChallenger(LearnerState state) {
    List<TrainingState> dropped = state.challenger.lanes;
    state.challenger = null;
    dropped.forEach(computes::release);
  }
}
