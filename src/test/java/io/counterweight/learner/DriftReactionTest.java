package io.counterweight.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.support.Learners;
import io.counterweight.support.Steps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A concept that turns round, and what the learner does about it. */
class DriftReactionTest {
  private static final int CHANGE = 4000;
  private static final LearnerSettings SETTINGS = Learners.small();

  @Test
  void aConceptThatTurnsRoundIsFoundPurgedAndTakenOverByFreshLanes() {
    try (OnlineLearner learner = learner()) {
      LearnerState state = learner.create("k");
      List<DriftEvent> events = new ArrayList<>();
      long oldest = 0;
      boolean challenged = false;
      boolean settled = false;
      for (int n = 0; n < CHANGE + 2500; n++) {
        step(learner, state, n);
        for (DriftEvent event : learner.takeDriftEvents()) {
          events.add(event);
          if (event.state() == DriftState.DRIFT) {
            oldest =
                state.reservoir.seasoned(0).stream().mapToLong(e -> e.eventTime()).min().orElse(0);
          }
        }
        challenged |= state.challenger != null;
        settled |= challenged && state.challenger == null;
      }

      DriftEvent drift =
          events.stream().filter(e -> e.state() == DriftState.DRIFT).findFirst().orElseThrow();
      assertThat(drift.kind()).isEqualTo(DriftKind.CONCEPT);
      assertThat(drift.eventTime()).isBetween((long) CHANGE, CHANGE + 600L);
      assertThat(oldest).isGreaterThanOrEqualTo(drift.onset());
      assertThat(challenged).isTrue();
      assertThat(settled).as("one of the two generations has gone").isTrue();
      int right = 0;
      for (int n = CHANGE + 2500; n < CHANGE + 3000; n++) {
        right += step(learner, state, n).predictedClass() == truth(n) ? 1 : 0;
      }
      assertThat(right).isGreaterThan(425);
    }
  }

  @Test
  void predictionsWithAChallengerNameItsLanesAndStillAddUp() {
    try (OnlineLearner learner = learner()) {
      LearnerState state = learner.create("k");
      for (int n = 0; n < 300; n++) {
        step(learner, state, n);
      }
      learner.tellOfConceptDrift(state, 300, 200);
      Prediction prediction = step(learner, state, 300);

      assertThat(prediction.laneWeights())
          .containsOnlyKeys("uniform", "bilevel", "uniform-challenger", "bilevel-challenger");
      assertThat(prediction.laneWeights().values().stream().mapToDouble(w -> w).sum())
          .isCloseTo(1, within(1e-6));
      double sum = prediction.baseValue();
      for (float contribution : prediction.contributions().values()) {
        sum += contribution;
      }
      float[] p = prediction.probabilities();
      assertThat(sum).isCloseTo(Math.log(p[1]) - Math.log(p[0]), within(1e-4));
      assertThat(learner.takeDriftEvents()).extracting(DriftEvent::signal).contains("told");
    }
  }

  @Test
  void aChallengerIsStoredAndContinues() {
    try (OnlineLearner learner = learner();
        OnlineLearner successor = learner()) {
      LearnerState state = learner.create("k");
      for (int n = 0; n < 300; n++) {
        step(learner, state, n);
      }
      learner.tellOfConceptDrift(state, 300, 200);
      LearnerState restored = LearnerStateCodec.decode(LearnerStateCodec.encode(state));
      successor.adopt(restored);
      for (int n = 300; n < 400; n++) {
        step(learner, state, n);
        step(successor, restored, n);
      }

      assertThat(LearnerStateCodec.encode(restored)).isEqualTo(LearnerStateCodec.encode(state));
    }
  }

  @Test
  void lanesOfAChallengerHaveAnAverageWhereTheSettingsOfTodayAskForOne() {
    try (OnlineLearner without = new OnlineLearner(averaging(0), Backends.named("scalar"));
        OnlineLearner with = new OnlineLearner(averaging(0.9f), Backends.named("scalar"))) {
      LearnerState state = without.create("k");
      without.tellOfConceptDrift(state, 0, 0);
      assertThat(state.models()).allMatch(lane -> lane.averaged.length == 0);

      with.adopt(state);

      assertThat(state.models()).hasSize(2).allMatch(lane -> lane.averaged.length > 0);
    }
  }

  private static LearnerSettings averaging(float averaging) {
    LaneSettings lane = SETTINGS.lanes().get(0);
    return Learners.withLanes(
        SETTINGS,
        List.of(
            new LaneSettings(
                lane.name(),
                lane.policy(),
                lane.balance(),
                lane.soft(),
                lane.conceptErrors(),
                lane.normalisationMomentum(),
                lane.start(),
                lane.share(),
                Steps.uniform().averaging(averaging).settings())));
  }

  @Test
  void beliefsFindWrongLabels() {
    try (OnlineLearner learner = learner()) {
      LearnerState state = learner.create("k");
      double[] belief = new double[2];
      int[] count = new int[2];
      for (int n = 0; n < CHANGE; n++) {
        learner.observe(state, labelled(n));
        if (n % 5 == 0) {
          learner.observeTrusted(state, trusted(n));
        }
        if (learner.isBatchFull(state)) {
          for (SampleWeight weight : learner.learn(state).weights()) {
            int number = Integer.parseInt(weight.eventId().substring(1));
            if (number > 1500) {
              int wrong = weight.label() != truth(number) ? 1 : 0;
              belief[wrong] += weight.belief();
              count[wrong]++;
              assertThat(weight.suspect()).isEqualTo(weight.belief() < 0.5f);
            }
          }
        }
      }

      assertThat(count[1]).isGreaterThan(300);
      assertThat(belief[0] / count[0]).isGreaterThan(0.85);
      assertThat(belief[1] / count[1]).isLessThan(0.5);
      assertThat(state.belief.observedShares[0]).isCloseTo(0.5, within(0.1));
    }
  }

  @Test
  void aModelThatIsNotFiniteBelievesLabelsAndCanStillBeStored() {
    try (OnlineLearner learner = learner()) {
      LearnerState state = learner.create("k");
      for (int n = 0; n < 301; n++) {
        step(learner, state, n);
      }
      Arrays.fill(state.lanes.get(0).parameters, Float.NaN);
      learner.observe(state, labelled(301));

      PendingEvent pending = state.pending.get(state.pending.size() - 1);
      assertThat(pending.belief()[labelled(301).label()]).isEqualTo(1);
      assertThat(pending.loss()).isFinite();
    }
  }

  @Test
  void anOracleNeedsTheTruth() {
    LaneSettings lane = SETTINGS.lanes().get(0);
    LaneSettings oracle =
        new LaneSettings(
            "oracle",
            LaneSettings.Policy.ORACLE,
            lane.balance(),
            lane.soft(),
            lane.conceptErrors(),
            lane.normalisationMomentum(),
            lane.start(),
            lane.share(),
            lane.step());
    LearnerSettings settings = Learners.withLanes(SETTINGS, List.of(oracle));

    assertThatThrownBy(() -> new OnlineLearner(settings, Backends.named("scalar")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("truth");
    try (OnlineLearner learner =
        new OnlineLearner(
            settings, Backends.named("scalar"), id -> truth(Integer.parseInt(id.substring(1))))) {
      LearnerState state = learner.create("k");
      for (int n = 0; n < settings.miniBatch(); n++) {
        learner.observe(state, labelled(n));
      }
      for (SampleWeight weight : learner.learn(state).weights()) {
        boolean right = weight.label() == truth(Integer.parseInt(weight.eventId().substring(1)));
        assertThat(weight.rawWeight()).isEqualTo(right ? 1 : 0);
      }
    }
  }

  private static Prediction step(OnlineLearner learner, LearnerState state, int n) {
    Prediction prediction = learner.observe(state, labelled(n));
    if (n % 5 == 0) {
      learner.observeTrusted(state, trusted(n));
    }
    if (learner.isBatchFull(state)) {
      learner.learn(state);
    }
    return prediction;
  }

  private static float[] features(int n) {
    Random random = new Random(n * 31L + 7);
    float[] x = new float[4];
    for (int f = 0; f < x.length; f++) {
      x[f] = (float) random.nextGaussian();
    }
    return x;
  }

  private static int truth(int n) {
    float[] x = features(n);
    boolean above = x[0] + 0.7f * x[1] > 0;
    return above == n < CHANGE ? 1 : 0;
  }

  private static Event labelled(int n) {
    int label = new Random(n).nextInt(100) < 15 ? 1 - truth(n) : truth(n);
    return new Event("e" + n, "k", n, features(n), label, null, null);
  }

  private static Event trusted(int n) {
    return new Event("e" + n, "k", n, features(n), truth(n), null, null);
  }

  private static OnlineLearner learner() {
    return new OnlineLearner(SETTINGS, Backends.named("scalar"));
  }
}
