package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import io.counterweight.sampling.MuboState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Brings the lanes of a restored learner to those that are configured now. A lane that both know by
 * name keeps all that it has learned; a new one begins as in a new key, with its configured share
 * of the mixture; the others share the rest as they did. The weight of a lane that is gone is
 * theirs.
 */
final class LaneTransfer {
  private static final int NEW = -1;

  private final LearnerSettings settings;
  private final Blueprint wanted;
  private final LaneMixture mixture;
  private final FreshLearners fresh;

  /** One generation of lanes. */
  private record Generation(List<TrainingState> lanes, double[] weights, List<MuboState> mubo) {}

  LaneTransfer(LearnerSettings settings, LaneMixture mixture, FreshLearners fresh) {
    this.settings = settings;
    this.mixture = mixture;
    this.fresh = fresh;
    wanted = Blueprint.of(settings);
  }

  /**
   * Changes the lanes of a state whose blueprint is known, and nothing where they are the same.
   *
   * @throws IllegalStateException if no lane of it is left
   */
  void transfer(LearnerState state) {
    List<Blueprint.Lane> stored = state.blueprint.lanes();
    if (stored.equals(wanted.lanes())) {
      return;
    }
    int[] places = places(state);
    if (state.drawnFrom != null) {
      state.lanes = List.copyOf(placed(fresh.lanes(state.drawnFrom), stored.size(), places));
      state.drawnFrom = null;
    }
    Generation present =
        transferred(
            state, new Generation(state.lanes, state.laneWeights, state.mubo), stored, places);
    state.lanes = present.lanes;
    state.laneWeights = present.weights;
    state.mubo = present.mubo;
    Challenger challenger = state.challenger;
    if (challenger != null) {
      Generation next =
          transferred(
              state,
              new Generation(challenger.lanes, challenger.weights, challenger.mubo),
              stored,
              places);
      state.challenger =
          new Challenger(
              next.lanes, next.weights, challenger.share, challenger.streak, challenger.age);
      state.challenger.mubo = next.mubo;
    }
    if (places[0] != 0) {
      forgetConceptErrors(state.belief);
    }
  }

  /** Where each configured lane lies in the state. */
  private int[] places(LearnerState state) {
    int[] places = new int[settings.lanes().size()];
    for (int l = 0; l < places.length; l++) {
      Blueprint.Lane lane = wanted.lanes().get(l);
      places[l] = state.blueprint.indexOf(lane.name());
      if (places[l] != NEW) {
        String found = state.blueprint.lanes().get(places[l]).weightInputs();
        Adoption.require(
            found.equals(lane.weightInputs()),
            state,
            "a weight net of '" + found + "' in lane '" + lane.name() + "'",
            "'" + lane.weightInputs() + "'; under another name the lane would begin anew");
      }
    }
    Adoption.require(
        Arrays.stream(places).anyMatch(place -> place != NEW),
        state,
        "the lanes " + state.blueprint.lanes().stream().map(Blueprint.Lane::name).toList(),
        wanted.lanes().stream().map(Blueprint.Lane::name).toList() + ", none of which is there");
    return places;
  }

  private Generation transferred(
      LearnerState state, Generation from, List<Blueprint.Lane> stored, int[] places) {
    List<TrainingState> drawn = fresh.lanesOf(state.modelKey);
    List<TrainingState> lanes = new ArrayList<>();
    for (int l = 0; l < places.length; l++) {
      lanes.add(places[l] == NEW ? drawn.get(l) : from.lanes.get(places[l]));
    }
    return new Generation(
        List.copyOf(lanes), weights(from.weights, places), buffers(from.mubo, stored, places));
  }

  /** Lanes of the present settings at the places of the stored ones; others do not matter. */
  private static List<TrainingState> placed(List<TrainingState> drawn, int stored, int[] places) {
    TrainingState[] placed = new TrainingState[stored];
    Arrays.fill(placed, drawn.get(0));
    for (int l = 0; l < places.length; l++) {
      if (places[l] != NEW) {
        placed[places[l]] = drawn.get(l);
      }
    }
    return List.of(placed);
  }

  private double[] weights(double[] from, int[] places) {
    double[] weights = mixture.startingWeights();
    double kept =
        Arrays.stream(places).filter(place -> place != NEW).mapToDouble(p -> from[p]).sum();
    if (!(kept > 0)) {
      return weights;
    }
    double left = 1;
    for (int l = 0; l < places.length; l++) {
      left -= places[l] == NEW ? weights[l] : 0;
    }
    for (int l = 0; l < places.length; l++) {
      if (places[l] != NEW) {
        weights[l] = left * from[places[l]] / kept;
      }
    }
    return weights;
  }

  private List<MuboState> buffers(List<MuboState> from, List<Blueprint.Lane> stored, int[] places) {
    List<Integer> owners = new ArrayList<>();
    for (int l = 0; l < stored.size(); l++) {
      if (stored.get(l).mubo()) {
        owners.add(l);
      }
    }
    List<MuboState> buffers = new ArrayList<>();
    for (int l = 0; l < places.length; l++) {
      if (wanted.lanes().get(l).mubo()) {
        int own = owners.size() == from.size() ? owners.indexOf(places[l]) : NEW;
        buffers.add(own == NEW ? new MuboState(settings.muboBuffer()) : from.get(own));
      }
    }
    return List.copyOf(buffers);
  }

  /** They are told in the concepts of the first lane, which is another one now. */
  private static void forgetConceptErrors(BeliefState belief) {
    for (double[] row : belief.errors.coefficients) {
      Arrays.fill(row, 0);
    }
    Arrays.fill(belief.errors.mean, 0);
    Arrays.fill(belief.errors.variance, 1);
  }
}
