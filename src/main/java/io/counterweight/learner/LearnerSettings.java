package io.counterweight.learner;

import io.counterweight.model.BatmSpec;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that a key's learner needs to know before its first event.
 *
 * @param spec architecture of every lane's model; a classifier
 * @param lanes at least one, unique names
 * @param weightsLane name of the lane whose weights are emitted
 * @param suspectBelow an emitted weight below this marks the label as suspect, at least 0
 * @param miniBatch labelled events in a training step, at least 1
 * @param standardiserHorizon events that the input statistics remember, at least 2
 * @param standardiserClip standard deviations at which inputs are clipped, positive
 * @param trusted how trusted labels are kept and used
 * @param mixture how lanes are mixed
 * @param seed of every random number; a key's own stream is derived from it and the key
 */
public record LearnerSettings(
    BatmSpec spec,
    List<LaneSettings> lanes,
    String weightsLane,
    float suspectBelow,
    int miniBatch,
    int standardiserHorizon,
    float standardiserClip,
    TrustedSettings trusted,
    MixtureSettings mixture,
    long seed)
    implements Serializable {

  public LearnerSettings {
    lanes = List.copyOf(lanes);
    require(spec.isClassifier(), "spec.outputs", spec.outputs(), "at least 2 classes");
    require(!lanes.isEmpty(), "lanes", lanes, "at least one");
    Set<String> names = new HashSet<>();
    for (LaneSettings lane : lanes) {
      require(names.add(lane.name()), "lanes", lane.name(), "unique names");
    }
    require(names.contains(weightsLane), "weightsLane", weightsLane, "one of " + names);
    require(suspectBelow >= 0, "suspectBelow", suspectBelow, "at least 0");
    require(miniBatch >= 1 && miniBatch <= 65_536, "miniBatch", miniBatch, "1 to 65536");
    require(
        standardiserHorizon >= 2, "standardiserHorizon", standardiserHorizon, "at least 2 events");
    require(standardiserClip > 0, "standardiserClip", standardiserClip, "positive");
  }

  private static void require(boolean condition, String name, Object value, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + rule);
    }
  }

  /**
   * Identity of what a learner's arrays mean: features, concepts, layers, polynomial and lanes, as
   * a 64-bit FNV-1a hash. What may change between two runs, such as rates, momenta and penalties,
   * is not part of it.
   */
  public long architecture() {
    List<String> parts = new ArrayList<>();
    parts.add(spec.features() + " " + spec.outputs() + " " + spec.concepts() + " " + spec.hidden());
    parts.add(spec.encoder() + " " + spec.inputLayer() + " " + spec.normalisation());
    parts.add(spec.order() + " " + spec.rank() + " " + spec.expansionPoint());
    for (LaneSettings lane : lanes) {
      parts.add(lane.name() + " " + lane.step().steering() + " " + lane.step().weightInputs());
    }
    long hash = 0xcbf29ce484222325L;
    for (byte b : String.join("\n", parts).getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /** Index of the lane whose weights are emitted. */
  public int weightsLaneIndex() {
    for (int i = 0; i < lanes.size(); i++) {
      if (lanes.get(i).name().equals(weightsLane)) {
        return i;
      }
    }
    throw new IllegalStateException("Checked in the constructor");
  }
}
