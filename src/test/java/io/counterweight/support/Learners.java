package io.counterweight.support;

import io.counterweight.compute.StepSettings;
import io.counterweight.compute.StepSettings.LookAhead;
import io.counterweight.conformal.AdaptivePredictionSets;
import io.counterweight.drift.DriftSettings;
import io.counterweight.learner.BeliefSettings;
import io.counterweight.learner.LaneSettings;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.MixtureSettings;
import io.counterweight.learner.TrustedSettings;
import io.counterweight.learner.UpperSettings;
import io.counterweight.meta.ConceptErrors;
import io.counterweight.meta.FlipRates;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.optim.Adam;
import java.util.ArrayList;
import java.util.List;

/** Settings of small learners for the events of {@link SyntheticStream}. */
public final class Learners {
  public static final int MINI_BATCH = 4;

  public static final BeliefSettings BELIEF =
      new BeliefSettings(new FlipRates(10, 0.1, 400), new ConceptErrors(0.05, 1e-3), 64, 500);

  public static final DriftSettings DRIFT =
      new DriftSettings(DriftSettings.CUSUM, 250, 6, true, true, true);

  public static final AdaptivePredictionSets SETS = new AdaptivePredictionSets(0.9f, 0.03f, 50);

  private Learners() {}

  /** A control and a bilevel lane, two classes, four features in three concepts. */
  public static LearnerSettings small() {
    return settings(spec(2, 4, Normalisation.RUNNING, 0), List.of("uniform", "bilevel"), 1);
  }

  /** As {@link #small} with another architecture. */
  public static LearnerSettings of(BatmSpec spec) {
    return settings(spec, List.of("uniform", "bilevel"), 1);
  }

  /** As {@link #small} with another seed. */
  public static LearnerSettings seeded(long seed) {
    return settings(spec(2, 4, Normalisation.RUNNING, 0), List.of("uniform", "bilevel"), seed);
  }

  /** Lanes of the given names; those that begin with "bilevel" steer. The last one's weights. */
  public static LearnerSettings settings(BatmSpec spec, List<String> lanes, long seed) {
    return settings(spec, lanes, MINI_BATCH, seed);
  }

  public static LearnerSettings settings(
      BatmSpec spec, List<String> lanes, int miniBatch, long seed) {
    List<LaneSettings> laneSettings = new ArrayList<>();
    for (String lane : lanes) {
      laneSettings.add(
          lane(lane, lane.startsWith("bilevel") ? bilevel() : Steps.uniform().settings()));
    }
    return new LearnerSettings(
        spec,
        laneSettings,
        lanes.get(lanes.size() - 1),
        0.5f,
        miniBatch,
        500,
        10,
        new TrustedSettings(20, 6, 2, 60_000),
        BELIEF,
        0.3f,
        16,
        new UpperSettings(2, 12),
        new MixtureSettings(0.1f, 0.01f, 4, 0.3f),
        DRIFT,
        SETS,
        0,
        3,
        LearnerSettings.Decision.BALANCED,
        seed);
  }

  /** One lane that learns labels as they are. */
  public static LearnerSettings plain(BatmSpec spec) {
    LaneSettings lane = of(spec).lanes().get(0);
    LaneSettings plain =
        new LaneSettings(
            lane.name(),
            lane.policy(),
            LaneSettings.Balance.NONE,
            lane.soft(),
            lane.conceptErrors(),
            lane.normalisationMomentum(),
            lane.start(),
            lane.share(),
            lane.step());
    return withLanes(of(spec), List.of(plain));
  }

  /** The same with these lanes, whose weights are emitted mixed. */
  public static LearnerSettings withLanes(LearnerSettings s, List<LaneSettings> lanes) {
    return new LearnerSettings(
        s.spec(),
        lanes,
        LearnerSettings.MIXTURE,
        s.suspectPrecision(),
        s.miniBatch(),
        s.standardiserHorizon(),
        s.standardiserClip(),
        s.trusted(),
        s.belief(),
        s.weakWeight(),
        s.muboBuffer(),
        s.upper(),
        s.mixture(),
        s.drift(),
        s.sets(),
        s.topReasons(),
        s.topPairs(),
        s.decision(),
        s.seed());
  }

  /** A lane of this name and step, which begins as all others do. */
  public static LaneSettings lane(String name, StepSettings step) {
    return new LaneSettings(
        name,
        step.steering() ? LaneSettings.Policy.BILEVEL : LaneSettings.Policy.UNIFORM,
        LaneSettings.Balance.LOGIT,
        true,
        false,
        0.05f,
        0,
        1,
        step);
  }

  private static StepSettings bilevel() {
    Adam adam = new Adam(0.01f, 0.9f, 0.999f, 1e-8f, 0.01f);
    return Steps.steering()
        .weights("loss", WeightNormalisation.SUM)
        .lookAhead(LookAhead.ADAM)
        .lower(adam, 0, 0.3f)
        .caps(100, 1, 3)
        .settings();
  }

  /** Three concepts of four features or more. */
  public static BatmSpec spec(int classes, int width, Normalisation normalisation, float dropout) {
    int features = Math.max(4, classes);
    List<Integer> rest = new ArrayList<>();
    for (int f = 2; f < features; f++) {
      rest.add(f);
    }
    return new BatmSpec(
        features,
        classes,
        List.of(
            new Concept("amount", List.of(0)),
            new Concept("place", List.of(1, 0)),
            new Concept("rest", rest)),
        List.of(width, 3),
        true,
        BatmSpec.InputLayer.LINEAR,
        normalisation,
        0.05f,
        1e-5f,
        dropout,
        0.01f,
        2,
        3,
        BatmSpec.Initialisation.TAYLOR,
        0,
        1e-4f);
  }

  /** The stream that fits the settings; a fifth of its labels are wrong. */
  public static SyntheticStream stream(LearnerSettings settings) {
    return new SyntheticStream(settings.spec().features(), settings.spec().outputs(), 0.2, 7);
  }
}
