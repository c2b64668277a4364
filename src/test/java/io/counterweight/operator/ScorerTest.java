package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.learner.ScoringModel;
import io.counterweight.serde.RecordType;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.functions.co.BroadcastProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithNonKeyedOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.BroadcastOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events that wait for a model, and versions that come, on one subtask. */
class ScorerTest {
  private static final LearnerSettings SETTINGS = Learners.small();
  private static final SyntheticStream STREAM = Learners.stream(SETTINGS);
  private static final long PATIENCE = 100;
  private static final double TOLERANCE = 0.05;

  private KeyedOneInputStreamOperatorTestHarness<String, ModelSnapshot, ModelSnapshot> gate;
  private BroadcastOperatorTestHarness<Event, ModelSnapshot, Prediction> harness;

  @BeforeEach
  void start() throws Exception {
    gate = openGate(SETTINGS, null);
    harness = open(10, null);
  }

  @AfterEach
  void close() throws Exception {
    gate.close();
    harness.close();
  }

  @Test
  void anEventWaitsForTheFirstModelOfItsKey() throws Exception {
    event("a", 0);
    event("b", 1);
    assertThat(predicted()).isEmpty();

    model("b", 3);
    assertThat(predicted()).containsExactly("b 3");
    model("a", 7);
    assertThat(predicted()).containsExactly("b 3", "a 7");
    assertThat(withoutModel()).isEmpty();
  }

  @Test
  void afterItsPatienceAnEventLeavesThoughAllOthersHaveModels() throws Exception {
    model("a", 1);
    event("stranger", 0);
    harness.setProcessingTime(PATIENCE);
    event("a", 1);
    assertThat(withoutModel()).isEmpty();

    harness.setProcessingTime(PATIENCE + 1);
    event("a", 2);

    assertThat(withoutModel()).containsExactly("stranger");
    model("stranger", 1);
    assertThat(predicted()).containsExactly("a 1", "a 1");
  }

  @Test
  void ofTooManyTheOldestLeaves() throws Exception {
    harness.close();
    harness = open(2, null);
    event("x", 0);
    event("y", 1);
    event("z", 2);

    assertThat(withoutModel()).containsExactly("x");
  }

  @Test
  void neitherAnOlderNorAnUnreadableVersionTakesOver() throws Exception {
    model("a", 5);
    model("a", 5);
    model("a", 4);
    publish(new ModelSnapshot("a", 9, 0, "", new byte[] {1, 2, 3}, Map.of()));
    event("a", 0);

    assertThat(predicted()).containsExactly("a 5");
  }

  @Test
  void aLearnerThatHasBegunAnewIsNewerByWhatItWasTrainedOn() throws Exception {
    model("a", 500, 1000);
    model("a", 3, 900);
    event("a", 0);
    model("a", 4, 2000);
    event("a", 1);

    assertThat(predicted()).containsExactly("a 500", "a 4");
  }

  @Test
  void aRestoreKeepsModelsAndWhatWaits() throws Exception {
    model("a", 5);
    event("b", 0);
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();

    harness = open(10, snapshot);
    event("a", 1);
    model("b", 2);

    assertThat(predicted()).containsExactly("a 5", "b 2");
  }

  @Test
  void whenThereAreAsManyKeysAsMayBeEventsOfFurtherOnesLeaveAtOnce() throws Exception {
    harness.close();
    harness = open(new ScorerOptions(TOLERANCE, PATIENCE, 10, 1 << 20, 2, "scalar"), null);
    model("a", 1);
    event("c", 0);
    assertThat(beyondKeyLimit()).isEmpty();

    model("b", 1);
    assertThat(beyondKeyLimit()).containsExactly("c");
    model("c", 1);
    event("c", 1);
    model("a", 2);
    event("a", 2);
    event("b", 3);
    assertThat(beyondKeyLimit()).containsExactly("c", "c");
    assertThat(predicted()).containsExactly("a 2", "b 1");
    assertThat(withoutModel()).isEmpty();

    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();
    harness = open(new ScorerOptions(TOLERANCE, PATIENCE, 10, 1 << 20, 2, "scalar"), snapshot);
    event("c", 4);
    event("b", 5);
    assertThat(beyondKeyLimit()).containsExactly("c");
    assertThat(predicted()).containsExactly("b 1");
  }

  @Test
  void aModelThatLeftTheCacheIsDecodedAgain() throws Exception {
    harness.close();
    harness = open(new ScorerOptions(TOLERANCE, PATIENCE, 10, 0, 0, "scalar"), null);
    model("a", 1);
    model("b", 2);
    event("a", 0);
    event("b", 0);
    event("a", 1);

    assertThat(predicted()).containsExactly("a 1", "b 2", "a 1");
    assertThat(encoded(harness.extractOutputValues().get(2)))
        .isEqualTo(encoded(scored(learned("a", 1), 1)));
  }

  @Test
  void aRestoreFromWholeLearnersLeavesWhatPredicts() throws Exception {
    harness.close();
    harness = start(new WholeLearners(), null);
    harness.processBroadcastElement(snapshot(learned("a", 5)), 0);
    OperatorSubtaskState old = harness.snapshot(1, 1);
    harness.close();
    harness = open(10, old);
    event("a", 3);
    final long size = bytes(harness.snapshot(2, 2));
    model("a", 6);
    event("a", 4);

    assertThat(predicted()).containsExactly("a 5", "a 6");
    assertThat(encoded(harness.extractOutputValues().get(0)))
        .isEqualTo(encoded(scored(learned("a", 5), 3)));
    assertThat(size).isPositive().isLessThan(bytes(old) * 3 / 4);
  }

  @Test
  void aRunningModelThatTheSettingsCannotUseIsAsNone() throws Exception {
    LearnerSettings wider = Learners.of(Learners.spec(2, 5, SETTINGS.spec().normalisation(), 0));
    ScorerOptions options = new ScorerOptions(TOLERANCE, PATIENCE, 10, 1 << 20, 1, "scalar");
    harness.close();
    gate.close();
    gate = openGate(wider, null);
    harness = start(new Scorer(wider, options), null);
    publish(snapshot(learned(wider, "a", 500)));
    final OperatorSubtaskState gateBefore = gate.snapshot(1, 1);
    final OperatorSubtaskState before = harness.snapshot(1, 1);
    gate.close();
    harness.close();
    gate = openGate(SETTINGS, gateBefore);
    harness = start(new Scorer(SETTINGS, options), before);

    event("a", 0);
    event("stranger", 0);
    assertThat(predicted()).isEmpty();
    assertThat(beyondKeyLimit()).containsExactly("stranger");
    model("a", 3); // of a learner that began anew
    event("a", 1);

    assertThat(predicted()).containsExactly("a 3", "a 3");
    assertThat(withoutModel()).isEmpty();
  }

  private static long bytes(OperatorSubtaskState state) {
    return state.getManagedOperatorState().iterator().next().getStateSize();
  }

  /** Keeps what it is given, as the scorer did before it kept only what predicts. */
  private static final class WholeLearners
      extends BroadcastProcessFunction<Event, ModelSnapshot, Prediction> {
    private static final long serialVersionUID = 1L;

    @Override
    public void processElement(Event event, ReadOnlyContext context, Collector<Prediction> out) {}

    @Override
    public void processBroadcastElement(
        ModelSnapshot snapshot, Context context, Collector<Prediction> out) throws Exception {
      context.getBroadcastState(Scorer.MODELS).put(snapshot.modelKey(), snapshot);
    }
  }

  /**
   * The inputs have moved since the running version was published. On events of today it is worse
   * than the next version, though it would be better if they were standardised for it too.
   */
  @Test
  void theRunningVersionIsJudgedAsItSeesTheTrustedEventsItself() throws Exception {
    try (OnlineLearner learner = new OnlineLearner(SETTINGS, Backends.named("scalar"))) {
      LearnerState running = trained(learner);
      LearnerState next = LearnerStateCodec.decode(LearnerStateCodec.encode(running));
      next.version++;
      next.lanes.forEach(
          lane -> {
            for (int i = 0; i < lane.parameters.length; i++) {
              lane.parameters[i] *= 0.9f;
            }
          });
      double before = learner.trustedLoss(ScoringModel.of(running), next);
      assertThat(learner.trustedLoss(ScoringModel.of(next), next))
          .isGreaterThan(before + TOLERANCE);
      publish(snapshot(running));
      publish(snapshot(next));
      event("a", 500);
      for (int f = 0; f < next.standardizer.mean.length; f++) {
        next.standardizer.mean[f] += 12;
      }
      publish(snapshot(next));
      event("a", 501);

      assertThat(predicted()).containsExactly("a " + running.version, "a " + next.version);
    }
  }

  private static LearnerState trained(OnlineLearner learner) {
    LearnerState state = learner.create("a");
    for (int n = 0; n < 400; n++) {
      learner.observe(state, STREAM.labelled("a", n));
      learner.observeTrusted(state, STREAM.trusted("a", n));
      if (learner.isBatchFull(state)) {
        learner.learn(state);
      }
    }
    return state;
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, ModelSnapshot, ModelSnapshot>
      openGate(LearnerSettings settings, OperatorSubtaskState restored) throws Exception {
    KeyedOneInputStreamOperatorTestHarness<String, ModelSnapshot, ModelSnapshot> gate =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(
                new ModelGate(settings, new ScorerOptions(TOLERANCE, PATIENCE, 0, 0, 0, "scalar"))),
            ModelSnapshot::modelKey,
            Types.STRING);
    gate.setup(
        RecordType.MODEL_SNAPSHOT
            .typeInfo()
            .createSerializer(gate.getExecutionConfig().getSerializerConfig()));
    if (restored != null) {
      gate.initializeState(restored);
    }
    gate.open();
    return gate;
  }

  private static BroadcastOperatorTestHarness<Event, ModelSnapshot, Prediction> open(
      int mostWaiting, OperatorSubtaskState restored) throws Exception {
    return open(
        new ScorerOptions(TOLERANCE, PATIENCE, mostWaiting, 1 << 20, 0, "scalar"), restored);
  }

  private static BroadcastOperatorTestHarness<Event, ModelSnapshot, Prediction> open(
      ScorerOptions options, OperatorSubtaskState restored) throws Exception {
    return start(new Scorer(SETTINGS, options), restored);
  }

  private static BroadcastOperatorTestHarness<Event, ModelSnapshot, Prediction> start(
      BroadcastProcessFunction<Event, ModelSnapshot, Prediction> function,
      OperatorSubtaskState restored)
      throws Exception {
    BroadcastOperatorTestHarness<Event, ModelSnapshot, Prediction> harness =
        new BroadcastOperatorTestHarness<>(
            new CoBroadcastWithNonKeyedOperator<>(function, List.of(Scorer.MODELS)), 1, 1, 0);
    harness.setup(
        RecordType.PREDICTION
            .typeInfo()
            .createSerializer(harness.getExecutionConfig().getSerializerConfig()));
    if (restored != null) {
      harness.initializeState(restored);
    }
    harness.open();
    return harness;
  }

  private void event(String key, int n) throws Exception {
    harness.processElement(new StreamRecord<>(STREAM.unlabelled(key, n)));
  }

  private void model(String key, long version) throws Exception {
    model(key, version, 0);
  }

  private void model(String key, long version, long trainedUntil) throws Exception {
    LearnerState state = learned(key, version);
    state.trainedUntil = trainedUntil;
    publish(snapshot(state));
  }

  /** Through the gate to the scorer. */
  private void publish(ModelSnapshot snapshot) throws Exception {
    int before = gate.extractOutputValues().size();
    gate.processElement(snapshot, 0);
    for (ModelSnapshot passed :
        gate.extractOutputValues().subList(before, gate.extractOutputValues().size())) {
      harness.processBroadcastElement(passed, 0);
    }
  }

  private static LearnerState learned(String key, long version) {
    return learned(SETTINGS, key, version);
  }

  private static LearnerState learned(LearnerSettings settings, String key, long version) {
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"))) {
      LearnerState state = learner.create(key);
      state.version = version;
      state.trainedUntil = 0;
      state.drawnFrom = null; // stored in full, as what was trained is
      return state;
    }
  }

  private static ModelSnapshot snapshot(LearnerState state) {
    return new ModelSnapshot(
        state.modelKey,
        state.version,
        state.trainedUntil,
        "",
        LearnerStateCodec.encode(state),
        Map.of());
  }

  /** All of it, bit for bit. */
  private static byte[] encoded(Prediction prediction) {
    return RecordType.PREDICTION.newCodec().encode(prediction);
  }

  private static Prediction scored(LearnerState state, int n) {
    try (OnlineLearner learner = new OnlineLearner(SETTINGS, Backends.named("scalar"))) {
      return learner.score(state, STREAM.unlabelled(state.modelKey, n));
    }
  }

  private List<String> predicted() {
    return harness.extractOutputValues().stream()
        .map(prediction -> prediction.modelKey() + " " + prediction.modelVersion())
        .toList();
  }

  private List<String> withoutModel() {
    return keys(Scorer.WITHOUT_MODEL);
  }

  private List<String> beyondKeyLimit() {
    return keys(Scorer.BEYOND_KEY_LIMIT);
  }

  private List<String> keys(OutputTag<Event> tag) {
    Queue<StreamRecord<Event>> output = harness.getSideOutput(tag);
    return output == null
        ? List.of()
        : output.stream().map(event -> event.getValue().modelKey()).toList();
  }
}
