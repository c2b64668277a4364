package io.counterweight.learner;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import java.util.List;

/**
 * What a stored learner's arrays mean: the parts of the settings that decide on their shapes and
 * places, and the names of its lanes. Stored with the learner, so that another configuration can
 * tell what it may take over, and a reader what it sees.
 *
 * @param concepts names and feature lists, in order
 * @param hidden hidden widths of each concept's encoder
 * @param encoder whether concepts are encoded
 * @param inputLayer kind of the encoders' first layer
 * @param normalisation statistics used inside the encoders
 * @param order of the polynomial
 * @param rank of the polynomial
 * @param expansionPoint of the polynomial
 * @param detector name of the drift detector
 * @param lanes in the order of the learner's; none where nothing is known
 */
public record Blueprint(
    List<Concept> concepts,
    List<Integer> hidden,
    boolean encoder,
    InputLayer inputLayer,
    Normalisation normalisation,
    int order,
    int rank,
    float expansionPoint,
    String detector,
    List<Lane> lanes) {

  private static final float DEFAULT_EPSILON = 1e-5f;
  private static final float DEFAULT_SLOPE = 0.01f;

  /** Of a learner that was stored before blueprints were. */
  public static final Blueprint UNKNOWN =
      new Blueprint(
          List.of(),
          List.of(),
          false,
          InputLayer.LINEAR,
          Normalisation.NONE,
          1,
          1,
          0,
          "",
          List.of());

  /**
   * A lane.
   *
   * @param name unique
   * @param weightInputs what its weight net sees; empty without one
   * @param mubo whether it has buffers
   */
  public record Lane(String name, String weightInputs, boolean mubo) {
    static Lane of(LaneSettings lane) {
      return new Lane(
          lane.name(),
          lane.step().steering() ? lane.step().weightInputs().toString() : "",
          lane.policy() == LaneSettings.Policy.MUBO);
    }
  }

  public Blueprint {
    concepts = List.copyOf(concepts);
    hidden = List.copyOf(hidden);
    lanes = List.copyOf(lanes);
  }

  static Blueprint of(LearnerSettings settings) {
    BatmSpec spec = settings.spec();
    return new Blueprint(
        spec.concepts(),
        spec.hidden(),
        spec.encoder(),
        spec.inputLayer(),
        spec.normalisation(),
        spec.order(),
        spec.rank(),
        spec.expansionPoint(),
        settings.drift().detector(),
        settings.lanes().stream().map(Lane::of).toList());
  }

  /**
   * The architecture, complete enough to predict and to explain with. Two numbers that a blueprint
   * does not hold have their defaults: the slope of the encoders' activation and what is added to
   * their variances.
   *
   * @param features of the model
   * @param outputs classes of the model
   * @throws IllegalStateException if nothing is known
   */
  public BatmSpec spec(int features, int outputs) {
    if (!isKnown()) {
      throw new IllegalStateException(
          "The learner was stored by a build that did not store its architecture");
    }
    return new BatmSpec(
        features,
        outputs,
        concepts,
        hidden,
        encoder,
        inputLayer,
        normalisation,
        1,
        DEFAULT_EPSILON,
        0,
        DEFAULT_SLOPE,
        order,
        rank,
        BatmSpec.Initialisation.TAYLOR,
        expansionPoint,
        0);
  }

  public boolean isKnown() {
    return !lanes.isEmpty();
  }

  /** Place of the lane of that name, or −1. */
  int indexOf(String lane) {
    for (int l = 0; l < lanes.size(); l++) {
      if (lanes.get(l).name().equals(lane)) {
        return l;
      }
    }
    return -1;
  }
}
