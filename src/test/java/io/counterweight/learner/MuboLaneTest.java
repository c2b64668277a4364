package io.counterweight.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.compute.Batch;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.TrainingState;
import io.counterweight.event.Event;
import io.counterweight.event.SampleWeight;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.SeededRandom;
import io.counterweight.sampling.AcceptRule;
import io.counterweight.sampling.MuboState;
import io.counterweight.support.Learners;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A rare class 1 whose events are often labelled 0. */
class MuboLaneTest {
  private static final String KEY = "k";
  private static final LearnerSettings SETTINGS = settings();

  private static LearnerSettings settings() {
    LearnerSettings base = Learners.small();
    LaneSettings uniform = base.lanes().get(0);
    LaneSettings mubo =
        new LaneSettings(
            "mubo",
            LaneSettings.Policy.MUBO,
            LaneSettings.Balance.LOGIT,
            true,
            false,
            uniform.normalisationMomentum(),
            1,
            1,
            uniform.step());
    return Learners.withLanes(base, List.of(uniform, mubo));
  }

  /**
   * Every decision, judged from outside: of an accepted micro-sample the loss of the frequent class
   * on buffer and micro-sample has not risen, and of a rejected one nothing of the lane has moved.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void acceptedOnesNeverRaiseTheMajorityLossAndRejectedOnesChangeNothing(long seed) {
    LaneSettings lane = SETTINGS.lanes().get(1);
    MuboState buffers = new MuboState(SETTINGS.muboBuffer());
    TrainingState model = TrainingState.fresh(SETTINGS.spec(), lane.step(), new SeededRandom(seed));
    double[] shares = {0.9, 0.1};
    int n = 0;
    try (LaneComputes computes = new LaneComputes(SETTINGS, Backends.named("scalar"))) {
      for (int round = 0; round < 400; round++) {
        List<PendingEvent> pending = new ArrayList<>();
        while (pending.size() < 12) {
          pending.add(pending(event(seed, n++)));
        }
        List<float[]> kept = buffers.rows[0].rows();
        long accepted = buffers.accepted;
        MuboTrial trial = new MuboTrial(lane, computes, buffers, model, pending, shares);
        StepRequest request = trial.request(null, new SeededRandom(seed + n));
        TrainingState before = model.copy();

        TrainingState after = trial.conclude(computes.of(lane).step(request));

        boolean wasAccepted = buffers.accepted > accepted;
        List<float[]> microSample = majority(pending);
        List<float[]> judged = new ArrayList<>(kept);
        judged.addAll(microSample);
        String description = "seed " + seed + ", round " + round;
        if (wasAccepted) {
          double bound =
              kept.isEmpty() ? AcceptRule.STARTING_LOSS : loss(computes, lane, before, judged);
          assertThat(loss(computes, lane, after, judged))
              .as(description)
              .isLessThanOrEqualTo(bound);
          assertThat(after).isNotSameAs(model);
          assertThat(buffers.rows[0].rows()).endsWith(microSample.toArray(float[][]::new));
        } else {
          assertThat(after).isSameAs(model);
          assertThat(bytes(after)).as(description).isEqualTo(bytes(before));
          assertThat(buffers.rows[0].rows()).isEqualTo(kept);
        }
        float[] weights = new float[pending.size()];
        trial.weigh(pending, wasAccepted, weights);
        for (int e = 0; e < weights.length; e++) {
          boolean counts = wasAccepted || pending.get(e).label() == 1;
          assertThat(weights[e]).isEqualTo(counts ? 1 : 0);
        }
        model = after;
      }
      assertThat(buffers.accepted).as("seed %d", seed).isBetween(40L, 360L);
      assertThat(buffers.rejected).isEqualTo(400 - buffers.accepted);
    }
  }

  /** All that a lane is. */
  private static List<Object> bytes(TrainingState model) {
    List<Object> all = new ArrayList<>();
    for (float[] array :
        List.of(
            model.parameters,
            model.averaged,
            model.statistics,
            model.conceptMeans,
            model.adam.firstMoment,
            model.adam.secondMoment)) {
      all.add(Arrays.hashCode(array));
    }
    all.add(model.adam.steps);
    return all;
  }

  private static PendingEvent pending(Event event) {
    float[] belief = LabelBelief.certain(2, event.label());
    return new PendingEvent(
        event.eventId(), event.eventTime(), event.label(), 1, event.features(), 0, belief, belief);
  }

  @Test
  void inTheLearnerItsWeightsAreOneOrNothing() {
    LearnerSettings alone = Learners.withLanes(SETTINGS, List.of(SETTINGS.lanes().get(1)));
    try (OnlineLearner learner = learner(alone)) {
      LearnerState state = learner.create(KEY);
      int rejected = 0;
      for (int n = 0; n < 800; n++) {
        learner.observe(state, event(1, n));
        if (learner.isBatchFull(state)) {
          LearnReport report = learner.learn(state);
          LearnReport.Mubo mubo = report.mubo().get(0);
          for (SampleWeight weight : report.weights()) {
            boolean counts = mubo.accepted() || weight.label() == 1;
            assertThat(weight.rawWeight()).isEqualTo(counts ? 1 : 0);
          }
          rejected += mubo.accepted() ? 0 : 1;
        }
      }
      assertThat(rejected).isPositive();
      assertThat(state.mubo.get(0).rejected).isEqualTo(rejected);
      assertThat(state.mubo.get(0).rows[1].size()).isEqualTo(SETTINGS.muboBuffer());
    }
  }

  @Test
  void restoredBitForBitItGoesOnAsIfItHadNotStopped() {
    try (OnlineLearner learner = learner(SETTINGS)) {
      LearnerState state = learner.create(KEY);
      run(learner, state, 0, 500);
      LearnerState restored = LearnerStateCodec.decode(LearnerStateCodec.encode(state));
      learner.adopt(restored);

      run(learner, state, 500, 900);
      run(learner, restored, 500, 900);

      assertThat(LearnerStateCodec.encode(restored)).isEqualTo(LearnerStateCodec.encode(state));
      assertThat(restored.mubo.get(0).accepted).isPositive();
    }
  }

  @Test
  void aChallengerBeginsWithEmptyBuffersOfItsOwnAndTakesThemAlong() {
    try (OnlineLearner learner = learner(SETTINGS)) {
      LearnerState state = learner.create(KEY);
      run(learner, state, 0, 500);
      learner.tellOfConceptDrift(state, 500, 400);
      MuboState fresh = state.challenger.mubo.get(0);
      assertThat(fresh.rows[0].size() + fresh.rows[1].size()).isZero();

      run(learner, state, 500, 620);
      assertThat(state.challenger).isNotNull();

      assertThat(fresh.rows[1].size()).isPositive();
      LearnerState restored = LearnerStateCodec.decode(LearnerStateCodec.encode(state));
      assertThat(LearnerStateCodec.encode(restored)).isEqualTo(LearnerStateCodec.encode(state));
      assertThat(restored.challenger.mubo).hasSize(1);
    }
  }

  @Test
  void aBufferOfAnotherSizeKeepsItsNewestRows() {
    try (OnlineLearner learner = learner(SETTINGS)) {
      LearnerState state = learner.create(KEY);
      run(learner, state, 0, 500);
      MuboState buffers = state.mubo.get(0);
      List<float[]> rows = buffers.rows[1].rows();
      buffers.resize(5);

      assertThat(buffers.rows[1].rows()).isEqualTo(rows.subList(rows.size() - 5, rows.size()));
    }
  }

  @Test
  void buffersOfAChallengerCountAsHeap() {
    try (OnlineLearner learner = learner(SETTINGS)) {
      LearnerState state = learner.create(KEY);
      learner.tellOfConceptDrift(state, 0, 0);
      long before = state.heapBytes();
      state.challenger.mubo.get(0).rows[1].add(new float[4]);

      assertThat(state.heapBytes()).isGreaterThan(before);
    }
  }

  @Test
  void moreThanTwoClassesAreRefused() {
    LearnerSettings three = Learners.of(Learners.spec(3, 2, Normalisation.RUNNING, 0));

    assertThatThrownBy(() -> Learners.withLanes(three, SETTINGS.lanes()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 for a MUBO lane");
  }

  private static OnlineLearner learner(LearnerSettings settings) {
    return new OnlineLearner(settings, Backends.named("scalar"));
  }

  private static void run(OnlineLearner learner, LearnerState state, int from, int to) {
    for (int n = from; n < to; n++) {
      learner.observe(state, event(1, n));
      if (learner.isBatchFull(state)) {
        learner.learn(state);
      }
    }
  }

  private static List<float[]> majority(List<PendingEvent> pending) {
    return pending.stream().filter(e -> e.label() == 0).map(PendingEvent::inputs).toList();
  }

  private static double loss(
      LaneComputes computes, LaneSettings lane, TrainingState model, List<float[]> rows) {
    int n = rows.size();
    float[] logits = new float[2 * n];
    computes
        .of(lane)
        .predict(
            model.withAveraging(false),
            Batch.ofRows(rows.toArray(float[][]::new), null),
            logits,
            new float[SETTINGS.spec().conceptCount() * n]);
    double sum = 0;
    for (int e = 0; e < n; e++) {
      double margin = (double) logits[e] - logits[n + e];
      sum += Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(0, -margin);
    }
    return sum / n;
  }

  private static Event event(long seed, int n) {
    SeededRandom random = SeededRandom.forKey(seed + n, KEY);
    float[] x = new float[SETTINGS.spec().features()];
    for (int f = 0; f < x.length; f++) {
      x[f] = (float) random.nextGaussian();
    }
    boolean rare = x[0] + x[1] > 1.4;
    int label = rare && random.nextDouble() > 0.3 ? 1 : 0;
    return new Event("e" + n, KEY, n, x, label, null, null);
  }
}
