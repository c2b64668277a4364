package io.counterweight.learner;

import io.counterweight.conformal.AdaptivePredictionSets;
import io.counterweight.drift.DriftSettings;
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
 * @param weightsLane name of the lane whose weights are emitted, or {@link #MIXTURE} for those of
 *     all lanes, mixed as their logits are
 * @param suspectPrecision share of suspects that shall be wrong labels, in (0, 1)
 * @param miniBatch labelled events in a training step, at least 1
 * @param standardiserHorizon events that the input statistics remember, at least 2
 * @param standardiserClip standard deviations at which inputs are clipped, positive
 * @param trusted how trusted labels are kept and used
 * @param belief how far labels are believed
 * @param weakWeight of labels that were only assumed, in (0, 1]
 * @param muboBuffer rows of each class that a {@code MUBO} lane keeps, at least 1
 * @param upper cadence of the upper level
 * @param mixture how lanes are mixed
 * @param drift what watches for drift, and what it does
 * @param sets prediction sets
 * @param topReasons contributions that a prediction names, the largest ones; the others are added
 *     up; 0 for all
 * @param topPairs interactions that a prediction names, the strongest ones; 0 for none
 * @param decision which class is predicted
 * @param seed of every random number; a key's own stream is derived from it and the key
 */
public record LearnerSettings(
    BatmSpec spec,
    List<LaneSettings> lanes,
    String weightsLane,
    float suspectPrecision,
    int miniBatch,
    int standardiserHorizon,
    float standardiserClip,
    TrustedSettings trusted,
    BeliefSettings belief,
    float weakWeight,
    int muboBuffer,
    UpperSettings upper,
    MixtureSettings mixture,
    DriftSettings drift,
    AdaptivePredictionSets sets,
    int topReasons,
    int topPairs,
    Decision decision,
    long seed)
    implements Serializable {

  /** The name of all lanes together. */
  public static final String MIXTURE = "mixture";

  /** Which class is predicted. */
  public enum Decision {
    /**
     * The one whose probability has risen most over its share: recalls of all classes count alike.
     */
    BALANCED,
    /** The most probable one. */
    PROBABLE
  }

  public LearnerSettings {
    lanes = List.copyOf(lanes);
    require(spec.isClassifier(), "spec.outputs", spec.outputs(), "at least 2 classes");
    require(!lanes.isEmpty(), "lanes", lanes, "at least one");
    Set<String> names = new HashSet<>();
    for (LaneSettings lane : lanes) {
      require(names.add(lane.name()), "lanes", lane.name(), "unique names");
    }
    boolean mubo = lanes.stream().anyMatch(lane -> lane.policy() == LaneSettings.Policy.MUBO);
    require(!mubo || spec.outputs() == 2, "spec.outputs", spec.outputs(), "2 for a MUBO lane");
    require(weakWeight > 0 && weakWeight <= 1, "weakWeight", weakWeight, "in (0, 1]");
    require(muboBuffer >= 1, "muboBuffer", muboBuffer, "at least 1");
    require(!names.contains(MIXTURE), "lanes", MIXTURE, "another name");
    require(
        names.contains(weightsLane) || weightsLane.equals(MIXTURE),
        "weightsLane",
        weightsLane,
        "mixture or one of " + names);
    require(
        suspectPrecision > 0 && suspectPrecision < 1,
        "suspectPrecision",
        suspectPrecision,
        "in (0, 1)");
    require(topReasons >= 0, "topReasons", topReasons, "at least 0");
    require(topPairs >= 0, "topPairs", topPairs, "at least 0");
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

  /** Whether a lane has a weight net. */
  public boolean steers() {
    return lanes.stream().anyMatch(lane -> lane.step().steering());
  }

  /** Whether a lane needs to know how errors depend on the concepts. */
  public boolean asksForConceptErrors() {
    return lanes.stream().anyMatch(LaneSettings::conceptErrors);
  }
}
