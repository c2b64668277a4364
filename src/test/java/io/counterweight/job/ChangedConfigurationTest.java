package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.compute.TrainingState;
import io.counterweight.config.EngineConfig;
import io.counterweight.drift.DriftDetectors;
import io.counterweight.event.Prediction;
import io.counterweight.learner.Blueprint;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.support.SyntheticStream;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What becomes of a running key under another configuration, as docs/operations.md says it: a
 * learner is stored by one, read by another, and goes on or is refused.
 */
class ChangedConfigurationTest {
  private static final String KEY = "shop";
  private static final SyntheticStream STREAM = new SyntheticStream(4, 2, 0.2, 7);
  private static final String YAML =
      """
      kafka.bootstrap-servers: localhost:9092
      model.features: 4
      model.concepts: {amount: [0, 1], place: [2, 3]}
      model.hidden: [6, 4]
      learner.mini-batch: 4
      learner.trusted.per-class: 20
      learner.trusted.minimum-per-class: 2
      """;

  /** Stored after 60 events, with something pending. */
  private static final byte[] STORED = stored();

  private static byte[] stored(String... changes) {
    LearnerSettings settings = settings(changes);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      run(learner, state, 0, 59);
      return LearnerStateCodec.encode(state);
    }
  }

  private static LearnerSettings settings(String... changes) {
    return EngineConfig.parse(YAML, changes).learner();
  }

  private static OnlineLearner learner(LearnerSettings settings) {
    return new OnlineLearner(settings, Backends.named("scalar"));
  }

  private static void run(OnlineLearner learner, LearnerState state, int from, int to) {
    for (int n = from; n < to; n++) {
      if (n % 3 == 0) {
        learner.observeTrusted(state, STREAM.trusted(KEY, n));
      }
      learner.observe(state, STREAM.labelled(KEY, n));
      if (learner.isBatchFull(state)) {
        learner.learn(state);
      }
    }
  }

  /** Restores the bytes under the changes, looks, and goes on. */
  private static void restore(
      byte[] bytes, BiConsumer<LearnerState, LearnerState> look, String... changes) {
    LearnerState before = LearnerStateCodec.decode(bytes);
    LearnerState state = LearnerStateCodec.decode(bytes);
    try (OnlineLearner learner = learner(settings(changes))) {
      learner.adopt(state);
      look.accept(before, state);
      long version = state.version;
      run(learner, state, 59, 140);
      Prediction prediction = learner.observe(state, STREAM.labelled(KEY, 140));
      assertThat(state.version).isGreaterThan(version);
      assertThat(state.skippedSteps).isZero();
      assertThat(prediction.probabilities()[0] + prediction.probabilities()[1])
          .isCloseTo(1, within(1e-5f));
      double sum = 0;
      for (float weight : prediction.laneWeights().values()) {
        sum += weight;
      }
      assertThat(sum).isCloseTo(1, within(1e-5));
      LearnerState again = LearnerStateCodec.decode(LearnerStateCodec.encode(state));
      learner.adopt(again);
      assertThat(LearnerStateCodec.encode(again)).isEqualTo(LearnerStateCodec.encode(state));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "learner.mini-batch=16",
        "learner.mini-batch=1",
        "learner.trusted.per-class=8",
        "learner.trusted.per-class=200",
        "learner.optimizer.learning-rate=0.001",
        "learner.drift.detector=none",
        "learner.labels.pairing=16",
        "learner.seed=99",
        "learner.mubo.buffer=7",
        "learner.averaging=0.9",
        "learner.decision=probable"
      })
  void whatHasNoPartInShapesMayChange(String change) {
    restore(
        STORED,
        (before, state) -> {
          assertSameLane(state.lanes.get(0), before.lanes.get(0));
          assertThat(state.laneWeights).isEqualTo(before.laneWeights);
          assertThat(state.pending).hasSameSizeAs(before.pending).isNotEmpty();
          assertThat(state.predicted).isEqualTo(59);
        },
        change);
  }

  @Test
  void aSmallerReservoirKeepsTheNewestTrustedEvents() {
    restore(
        STORED,
        (before, state) -> {
          assertThat(before.reservoir.size(0)).isGreaterThan(3);
          assertThat(state.reservoir.size(0)).isEqualTo(3);
          assertThat(state.reservoir.perClass()).isEqualTo(3);
        },
        "learner.trusted.per-class=3");
  }

  @Test
  void averagesBeginWhereTheParametersStandAndEndWithoutATrace() {
    byte[] without = stored("learner.lanes=[\"uniform:averaging=0\"]");
    restore(
        without,
        (before, state) -> {
          assertThat(before.lanes.get(0).averaged).isEmpty();
          assertThat(state.lanes.get(0).averaged).isEqualTo(before.lanes.get(0).parameters);
        },
        "learner.lanes=[\"uniform:averaging=0.99\"]");
    restore(
        stored("learner.lanes=[\"uniform:averaging=0.99\"]"),
        (before, state) -> assertThat(state.lanes.get(0).averaged).isEmpty(),
        "learner.lanes=[\"uniform:averaging=0\"]");
  }

  @Test
  void anotherDetectorBeginsAnew() {
    restore(
        STORED,
        (before, state) -> {
          assertThat(before.drift.arrays().get(1)).isNotEmpty();
          assertThat(state.drift.arrays().get(1)).isEmpty();
        },
        "learner.drift.detector=none");
  }

  @Test
  void aDetectorWhoseStateHasTheSameLengthBeginsAnewToo() {
    restore(
        stored("learner.drift.detector=eddm"),
        (before, state) ->
            assertThat(state.drift.arrays().get(1))
                .hasSameSizeAs(before.drift.arrays().get(1))
                .isEqualTo(DriftDetectors.byName("hddm-w").fresh()),
        "learner.drift.detector=hddm-w");
    restore(
        stored("learner.drift.detector=eddm"),
        (before, state) ->
            assertThat(state.drift.arrays().get(1)).isEqualTo(before.drift.arrays().get(1)),
        "learner.drift.detector=eddm");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model.features=5 | 4 features, the configuration asks for 5",
        "model.classes=3 | 2 classes, the configuration asks for 3",
        "model.hidden=[8, 4] | hidden widths [6, 4], the configuration asks for [8, 4]",
        "model.order=3 | order 2, the configuration asks for 3",
        "model.rank=2 | rank ",
        "model.concepts={amount: [0, 1], place: [2], hour: [3]} | concepts [Concept[name=amount",
        "model.concepts={amount: [0, 2], place: [1, 3]} | concepts [Concept[name=amount"
      })
  void whatChangesShapesIsRefusedWithWhatToDo(String change, String difference) {
    LearnerState state = LearnerStateCodec.decode(STORED);
    String features = change.contains("features") ? "model.concepts={all: [0, 1, 2, 3, 4]}" : null;
    String[] changes = features == null ? new String[] {change} : new String[] {change, features};
    try (OnlineLearner learner = learner(settings(changes))) {
      assertThatThrownBy(() -> learner.adopt(state))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("The restored learner of key 'shop' has ")
          .hasMessageContaining(difference)
          .hasMessageContaining("restore with the configuration that wrote it, or start from an")
          .hasMessageContaining("docs/operations.md, Changing a running job");
    }
  }

  // ------------------------------------------------------------------------------------- lanes

  private static final String THREE = "learner.lanes=[uniform, posterior, bilevel]";

  @Test
  void aNewLaneBeginsWithItsShareAndTheOthersKeepWhatTheyAre() {
    restore(
        stored("learner.lanes=[uniform, posterior]"),
        (before, state) -> {
          assertThat(state.lanes).hasSize(3);
          for (int l = 0; l < 2; l++) {
            assertSameLane(state.lanes.get(l), before.lanes.get(l));
          }
          assertThat(state.lanes.get(2).adam.steps).isZero();
          assertThat(state.laneWeights[2]).isCloseTo(1 / 3.0, within(1e-9));
          assertThat(state.laneWeights[0] / state.laneWeights[1])
              .isCloseTo(before.laneWeights[0] / before.laneWeights[1], within(1e-9));
          assertThat(state.pool).isNotEmpty();
        },
        THREE);
  }

  @Test
  void aRemovedLaneLeavesItsWeightToTheOthers() {
    restore(
        stored(THREE),
        (before, state) -> {
          assertThat(state.lanes).hasSize(2);
          assertSameLane(state.lanes.get(0), before.lanes.get(0));
          assertSameLane(state.lanes.get(1), before.lanes.get(2));
          double kept = before.laneWeights[0] + before.laneWeights[2];
          assertThat(state.laneWeights[0]).isCloseTo(before.laneWeights[0] / kept, within(1e-9));
          assertThat(Arrays.stream(before.belief.errors.mean).sum())
              .isEqualTo(Arrays.stream(state.belief.errors.mean).sum());
        },
        "learner.lanes=[uniform, bilevel]");
  }

  @Test
  void lanesInAnotherOrderAreFoundByName() {
    restore(
        stored(THREE),
        (before, state) -> {
          assertSameLane(state.lanes.get(0), before.lanes.get(2));
          assertSameLane(state.lanes.get(2), before.lanes.get(1));
          assertThat(state.laneWeights[1]).isCloseTo(before.laneWeights[0], within(1e-9));
        },
        "learner.lanes=[bilevel, uniform, posterior]");
  }

  @Test
  void withAnotherFirstLaneConceptErrorsBeginAnew() {
    LearnerState known = LearnerStateCodec.decode(stored("learner.lanes=[uniform, by-concept]"));
    known.belief.errors.coefficients[1][0] = 0.5;
    byte[] bytes = LearnerStateCodec.encode(known);
    restore(
        bytes,
        (before, state) -> assertThat(state.belief.errors.coefficients[1][0]).isZero(),
        "learner.lanes=[by-concept, posterior]");
    restore(
        bytes,
        (before, state) -> assertThat(state.belief.errors.coefficients[1][0]).isEqualTo(0.5),
        "learner.lanes=[uniform, by-concept, posterior]");
  }

  @Test
  void aChallengersLanesChangeToo() {
    LearnerState state = LearnerStateCodec.decode(stored("learner.lanes=[uniform, posterior]"));
    try (OnlineLearner learner = learner(settings("learner.lanes=[uniform, posterior]"))) {
      learner.adopt(state);
      learner.tellOfConceptDrift(state, state.latestEventTime, state.latestEventTime - 1);
      run(learner, state, 59, 67);
    }
    assertThat(state.challenger).isNotNull();
    double share = state.challenger.share;
    restore(
        LearnerStateCodec.encode(state),
        (before, after) -> {
          assertThat(after.challenger.share).isEqualTo(share);
          assertThat(after.challenger.lanes).hasSize(3);
          assertSameLane(after.challenger.lanes.get(0), before.challenger.lanes.get(0));
          assertThat(Arrays.stream(after.challenger.weights).sum()).isCloseTo(1, within(1e-9));
          assertThat(after.challenger.lanes.get(2)).isNotSameAs(after.lanes.get(2));
        },
        THREE);
  }

  @Test
  void buffersFollowTheirLane() {
    byte[] bytes = stored("learner.lanes=[uniform, mubo]");
    restore(
        bytes,
        (before, state) -> {
          assertThat(state.mubo).hasSize(2);
          assertThat(state.mubo.get(1).accepted).isEqualTo(before.mubo.get(0).accepted);
          assertThat(state.mubo.get(1).accepted + state.mubo.get(1).rejected).isPositive();
          assertThat(state.mubo.get(0).accepted + state.mubo.get(0).rejected).isZero();
        },
        "learner.lanes=[\"second=mubo\", uniform, mubo]");
    restore(
        bytes,
        (before, state) -> assertThat(state.mubo).isEmpty(),
        "learner.lanes=[uniform, posterior]");
  }

  @Test
  void noCommonLaneAndAnotherWeightNetAreRefused() {
    LearnerState state = LearnerStateCodec.decode(stored(THREE));
    try (OnlineLearner learner = learner(settings("learner.lanes=[swift, \"mine=uniform\"]"))) {
      assertThatThrownBy(() -> learner.adopt(state))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the lanes [uniform, posterior, bilevel]")
          .hasMessageContaining("[swift, mine], none of which is there");
    }
    try (OnlineLearner learner =
        learner(settings("learner.lanes=[uniform, \"bilevel=posterior\"]"))) {
      assertThatThrownBy(() -> learner.adopt(LearnerStateCodec.decode(stored(THREE))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("in lane 'bilevel'")
          .hasMessageContaining("under another name the lane would begin anew");
    }
  }

  @Test
  void aLearnerWithoutABlueprintKeepsItsLanesByNumber() {
    LearnerState old = LearnerStateCodec.decode(STORED);
    old.blueprint = Blueprint.UNKNOWN;
    byte[] bytes = LearnerStateCodec.encode(old);
    restore(
        bytes,
        (before, state) -> {
          assertSameLane(state.lanes.get(0), before.lanes.get(0));
          assertThat(state.blueprint.isKnown()).isTrue();
        });
    try (OnlineLearner learner = learner(settings("learner.lanes=[uniform]"))) {
      assertThatThrownBy(() -> learner.adopt(LearnerStateCodec.decode(bytes)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("lanes, the configuration asks for 1");
    }
  }

  private static void assertSameLane(TrainingState lane, TrainingState before) {
    for (List<float[]> pair :
        List.of(
            List.of(lane.parameters, before.parameters),
            List.of(lane.adam.firstMoment, before.adam.firstMoment),
            List.of(lane.weightNet, before.weightNet),
            List.of(lane.statistics, before.statistics))) {
      assertThat(pair.get(0)).isEqualTo(pair.get(1));
    }
    assertThat(lane.adam.steps).isEqualTo(before.adam.steps).isPositive();
  }
}
