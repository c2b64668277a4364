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
import io.counterweight.serde.RecordType;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithNonKeyedOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.BroadcastOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events that wait for a model, and versions that come, on one subtask. */
class ScorerTest {
  private static final LearnerSettings SETTINGS = Learners.small();
  private static final SyntheticStream STREAM = Learners.stream(SETTINGS);
  private static final long PATIENCE = 100;

  private BroadcastOperatorTestHarness<Event, ModelSnapshot, Prediction> harness;

  @BeforeEach
  void start() throws Exception {
    harness = open(10, null);
  }

  @AfterEach
  void close() throws Exception {
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
    harness.processBroadcastElement(
        new ModelSnapshot("a", 9, 0, "", new byte[] {1, 2, 3}, Map.of()), 0);
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

  private static BroadcastOperatorTestHarness<Event, ModelSnapshot, Prediction> open(
      int mostWaiting, OperatorSubtaskState restored) throws Exception {
    Scorer scorer = new Scorer(SETTINGS, new ScorerOptions(0.05, PATIENCE, mostWaiting, "scalar"));
    BroadcastOperatorTestHarness<Event, ModelSnapshot, Prediction> harness =
        new BroadcastOperatorTestHarness<>(
            new CoBroadcastWithNonKeyedOperator<>(scorer, List.of(Scorer.MODELS)), 1, 1, 0);
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
    try (OnlineLearner learner = new OnlineLearner(SETTINGS, Backends.named("scalar"))) {
      LearnerState state = learner.create(key);
      state.version = version;
      harness.processBroadcastElement(
          new ModelSnapshot(
              key, version, trainedUntil, "", LearnerStateCodec.encode(state), Map.of()),
          0);
    }
  }

  private List<String> predicted() {
    return harness.extractOutputValues().stream()
        .map(prediction -> prediction.modelKey() + " " + prediction.modelVersion())
        .toList();
  }

  private List<String> withoutModel() {
    Queue<StreamRecord<Event>> output = harness.getSideOutput(Scorer.WITHOUT_MODEL);
    return output == null
        ? List.of()
        : output.stream().map(event -> event.getValue().modelKey()).toList();
  }
}
