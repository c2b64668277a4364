package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.serde.RecordType;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** New keys and the parent's models, on one subtask. */
class InheritingLearnerOperatorTest {
  private static final LearnerSettings SETTINGS = Learners.small();
  private static final SyntheticStream STREAM = Learners.stream(SETTINGS);
  private static final Parent FED = new Parent("global", 0.05);
  private static final Parent OWN = new Parent("global", 0);

  private KeyedTwoInputStreamOperatorTestHarness<
          String, Tuple3<Event, Boolean, Boolean>, ModelSnapshot, Prediction>
      harness;

  @BeforeEach
  void start() throws Exception {
    open(SETTINGS, FED, Ordering.ARRIVAL, null);
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void aNewKeyBeginsAtTheParentsNewestModel() throws Exception {
    model(SETTINGS, "global", 8);
    model(SETTINGS, "global", 40);
    model(SETTINGS, "global", 20); // late: an older version
    model(SETTINGS, "other", 60);

    event(STREAM.unlabelled("shop", 0));

    assertThat(predictions().get(0).probabilities()).isEqualTo(ofParent(40, 0));
    assertThat(predictions().get(0).modelVersion()).isZero();
  }

  @Test
  void aKeyThatHasBegunStaysAsItIs() throws Exception {
    event(STREAM.unlabelled("shop", 0));
    float[] alone = score(learnerOf("shop"), 1);

    model(SETTINGS, "global", 40);
    event(STREAM.unlabelled("shop", 1));
    event(STREAM.unlabelled("late shop", 1));

    assertThat(predictions().get(1).probabilities()).isEqualTo(alone).isNotEqualTo(ofParent(40, 1));
    assertThat(predictions().get(2).probabilities())
        .isEqualTo(score(trained(SETTINGS, 40), STREAM.unlabelled("late shop", 1)));
  }

  @Test
  void theModelSurvivesARestore() throws Exception {
    model(SETTINGS, "global", 40);
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();
    open(SETTINGS, FED, Ordering.ARRIVAL, state);

    event(STREAM.unlabelled("shop", 0));
    model(SETTINGS, "global", 20);
    event(STREAM.unlabelled("market", 0));

    assertThat(predictions().get(0).probabilities()).isEqualTo(ofParent(40, 0));
    assertThat(predictions().get(1).probabilities())
        .isEqualTo(score(trained(SETTINGS, 40), STREAM.unlabelled("market", 0)));
  }

  @Test
  void anotherParentBeginsWithItsNextModel() throws Exception {
    model(SETTINGS, "global", 40);
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();
    open(SETTINGS, new Parent("other", 0.05), Ordering.ARRIVAL, state);

    event(STREAM.unlabelled("first", 0));
    model(SETTINGS, "global", 60);
    model(SETTINGS, "other", 20);
    event(STREAM.unlabelled("shop", 0));

    assertThat(predictions().get(0).probabilities())
        .isEqualTo(score(create("first"), STREAM.unlabelled("first", 0)));
    assertThat(predictions().get(1).probabilities()).isEqualTo(ofParent(20, 0));
  }

  @Test
  void stateOfAJobWithoutParentGoesOn() throws Exception {
    Event first = STREAM.unlabelled("shop", 0);
    LearnerOptions options = options(Ordering.ARRIVAL);
    OperatorSubtaskState state;
    try (LearnerHarness before =
        LearnerHarness.start(SETTINGS, options, LearnerHarness.Backend.ROCKSDB)) {
      before.event(first);
      state = before.snapshot();
    }
    harness.close();
    open(SETTINGS, FED, Ordering.ARRIVAL, state);
    model(SETTINGS, "global", 40);

    event(STREAM.unlabelled("shop", 1));

    assertThat(predictions().get(0).probabilities()).isEqualTo(score(learnerOf("shop"), 1));
  }

  @Test
  void aModelThatDoesNotFitIsRefusedAndTheOneBeforeStays() throws Exception {
    LearnerSettings wider = Learners.of(Learners.spec(2, 5, SETTINGS.spec().normalisation(), 0));
    model(wider, "global", 80);
    event(STREAM.unlabelled("first", 0));
    model(SETTINGS, "global", 40);
    model(wider, "global", 90);
    byte[] garbage = {1, 2, 3};
    model(new ModelSnapshot("global", 95, 95, "", garbage, Map.of()));
    event(STREAM.unlabelled("shop", 0));

    assertThat(predictions().get(0).probabilities())
        .isEqualTo(score(create("first"), STREAM.unlabelled("first", 0)));
    assertThat(predictions().get(1).probabilities()).isEqualTo(ofParent(40, 0));
  }

  @Test
  void copiesTrainTheParentAndAreNotPredicted() throws Exception {
    for (int n = 0; n < 8; n++) {
      event(STREAM.labelled("global", n));
      trusted(STREAM.trusted("global", n));
    }
    event(STREAM.labelled("shop", 0));

    assertThat(predictions()).extracting(Prediction::modelKey).containsExactly("shop");
    assertThat(side(OutputTags.WEIGHTS)).isEmpty();
    List<ModelSnapshot> models = side(OutputTags.MODELS);
    assertThat(models).extracting(ModelSnapshot::modelVersion).containsExactly(1L, 2L);
    assertThat(LearnerStateCodec.decode(models.get(1).learner()).trustedCounts)
        .satisfies(counts -> assertThat(counts[0] + counts[1]).isBetween(7L, 8L));
  }

  @Test
  void aParentWithEventsOfItsOwnIsPredictedLikeAnyKey() throws Exception {
    harness.close();
    open(SETTINGS, OWN, Ordering.ARRIVAL, null);
    model(SETTINGS, "global", 40);
    for (int n = 0; n < 4; n++) {
      event(STREAM.labelled("global", n));
    }

    assertThat(predictions()).hasSize(4);
    assertThat(side(OutputTags.WEIGHTS)).hasSize(4);
    assertThat(predictions().get(0).probabilities())
        .isEqualTo(score(create("global"), STREAM.unlabelled("global", 0)));
  }

  @Test
  void modelsHoldNoWatermarkBack() throws Exception {
    harness.close();
    open(SETTINGS, FED, Ordering.EVENT_TIME, null);
    model(SETTINGS, "global", 40);
    event(STREAM.unlabelled("shop", 0));
    event(STREAM.labelled("global", 0));
    assertThat(predictions()).isEmpty();

    harness.processWatermark1(new Watermark(STREAM.unlabelled("shop", 0).eventTime()));
    assertThat(predictions()).hasSize(1);

    // Late, and a late copy is nobody's reject.
    event(STREAM.unlabelled("shop", 0));
    copy(STREAM.labelled("global", 0), false);
    copy(STREAM.trusted("global", 0), true);
    assertThat(side(OutputTags.LATE_EVENTS)).extracting(Event::modelKey).containsExactly("shop");
    assertThat(side(OutputTags.LATE_TRUSTED)).isEmpty();

    // What producers send under the parent's own key is.
    event(STREAM.labelled("global", 0));
    trusted(STREAM.trusted("global", 0));
    assertThat(side(OutputTags.LATE_EVENTS))
        .extracting(Event::modelKey)
        .containsExactly("shop", "global");
    assertThat(side(OutputTags.LATE_TRUSTED)).hasSize(1);
  }

  @Test
  void theParentHasRoomThoughThereAreAsManyKeysAsMayBe() throws Exception {
    harness.close();
    open(SETTINGS, FED, options(Ordering.ARRIVAL, 1), null);
    event(STREAM.unlabelled("shop", 0));
    event(STREAM.unlabelled("market", 0));
    for (int n = 0; n < 8; n++) {
      copy(STREAM.labelled("global", n), false);
    }
    event(STREAM.unlabelled("shop", 1));

    assertThat(side(OutputTags.REFUSED_EVENTS))
        .extracting(Event::modelKey)
        .containsExactly("market");
    assertThat(side(OutputTags.MODELS)).isNotEmpty();
    assertThat(predictions()).hasSize(2);
  }

  @Test
  void driftOfASilentParentIsNotTold() throws Exception {
    assertThat(driftOf(OWN)).isNotEmpty();
    assertThat(driftOf(FED)).isEmpty();
  }

  /** Of a parent whose classes turn round. */
  private List<DriftEvent> driftOf(Parent parent) throws Exception {
    harness.close();
    open(SETTINGS, parent, Ordering.ARRIVAL, null);
    for (int n = 0; n < 2500; n++) {
      event(turned(STREAM.labelled("global", n), n >= 1500));
      trusted(turned(STREAM.trusted("global", n), n >= 1500));
    }
    return side(OutputTags.DRIFT);
  }

  private static Event turned(Event event, boolean turns) {
    int label = turns ? 1 - event.label() : event.label();
    return new Event(
        event.eventId(),
        event.modelKey(),
        event.eventTime(),
        event.features(),
        label,
        event.labelSource(),
        event.attributes());
  }

  private void event(Event event) throws Exception {
    harness.processElement1(new StreamRecord<>(Tuple3.of(event, false, false), event.eventTime()));
  }

  private void trusted(Event event) throws Exception {
    harness.processElement1(new StreamRecord<>(Tuple3.of(event, true, false), event.eventTime()));
  }

  private void copy(Event event, boolean trusted) throws Exception {
    harness.processElement1(new StreamRecord<>(Tuple3.of(event, trusted, true), event.eventTime()));
  }

  private void model(LearnerSettings settings, String key, int events) throws Exception {
    LearnerState state = trained(settings, events);
    model(
        new ModelSnapshot(
            key, state.version, state.trainedUntil, "", LearnerStateCodec.encode(state), Map.of()));
  }

  private void model(ModelSnapshot snapshot) throws Exception {
    harness.processElement2(new StreamRecord<>(snapshot));
  }

  private List<Prediction> predictions() {
    return harness.extractOutputValues();
  }

  private <T> List<T> side(OutputTag<T> tag) {
    Queue<StreamRecord<T>> records = harness.getSideOutput(tag);
    return records == null ? List.of() : records.stream().map(StreamRecord::getValue).toList();
  }

  private static float[] ofParent(int events, int n) {
    return score(trained(SETTINGS, events), STREAM.unlabelled("shop", n));
  }

  private static LearnerState learnerOf(String key) {
    LearnerState state = create(key);
    try (OnlineLearner learner = learner(SETTINGS)) {
      learner.observe(state, STREAM.unlabelled(key, 0));
    }
    return state;
  }

  private static LearnerState create(String key) {
    try (OnlineLearner learner = learner(SETTINGS)) {
      return learner.create(key);
    }
  }

  private static float[] score(LearnerState state, int n) {
    return score(state, STREAM.unlabelled(state.modelKey, n));
  }

  private static float[] score(LearnerState state, Event event) {
    try (OnlineLearner learner = learner(SETTINGS)) {
      return learner.score(state, event).probabilities();
    }
  }

  private static LearnerState trained(LearnerSettings settings, int events) {
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create("global");
      for (int n = 0; n < events; n++) {
        learner.observe(state, stream.labelled("global", n));
        if (learner.isBatchFull(state)) {
          learner.learn(state);
        }
      }
      learner.sync(state);
      return state;
    }
  }

  private static OnlineLearner learner(LearnerSettings settings) {
    return new OnlineLearner(settings, Backends.named("scalar"));
  }

  private static LearnerOptions options(Ordering ordering) {
    return options(ordering, 0);
  }

  private static LearnerOptions options(Ordering ordering, long maxKeys) {
    return new LearnerOptions(ordering, 3_600_000, 64 << 20, maxKeys, 1, "scalar", false);
  }

  private void open(
      LearnerSettings settings, Parent parent, Ordering ordering, OperatorSubtaskState restored)
      throws Exception {
    open(settings, parent, options(ordering), restored);
  }

  private void open(
      LearnerSettings settings,
      Parent parent,
      LearnerOptions options,
      OperatorSubtaskState restored)
      throws Exception {
    harness =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new InheritingLearnerOperator(settings, options, parent),
            event -> event.f0.modelKey(),
            null,
            Types.STRING,
            LearnerHarness.MAX_PARALLELISM,
            1,
            0);
    harness.setStateBackend(LearnerHarness.Backend.ROCKSDB.create());
    harness.setup(
        RecordType.PREDICTION
            .typeInfo()
            .createSerializer(harness.getExecutionConfig().getSerializerConfig()));
    if (restored != null) {
      harness.initializeState(restored);
    }
    harness.open();
  }
}
