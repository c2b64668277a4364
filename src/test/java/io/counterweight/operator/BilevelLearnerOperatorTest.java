package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.operator.LearnerHarness.Backend;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BilevelLearnerOperatorTest {
  private static final LearnerSettings SETTINGS = Learners.small();
  private static final SyntheticStream STREAM = Learners.stream(SETTINGS);
  private static final long NEVER = 1_000_000_000;
  private static final long LARGE_CACHE = 1 << 24;

  /** Every key but the one in use is evicted. */
  private static final long TINY_CACHE = 1;

  private static LearnerOptions arrival(long maxLatency, long cacheBytes) {
    return new LearnerOptions(Ordering.ARRIVAL, maxLatency, cacheBytes, 0, 1, "scalar", false);
  }

  private static LearnerOptions eventTime(long maxLatency, long cacheBytes) {
    return new LearnerOptions(Ordering.EVENT_TIME, maxLatency, cacheBytes, 0, 1, "scalar", false);
  }

  // ------------------------------------------------------------------------------------- training

  @Test
  void predictionsComeAtOnce() throws Exception {
    try (LearnerHarness harness = start(arrival(NEVER, LARGE_CACHE))) {
      harness.event(STREAM.labelled("a", 0));
      assertThat(harness.predictions()).extracting(Prediction::eventId).containsExactly("a-0");

      harness.event(STREAM.unlabelled("a", 1));
      assertThat(harness.predictions())
          .extracting(Prediction::eventId)
          .containsExactly("a-0", "a-1");
      assertThat(harness.weights()).isEmpty();
    }
  }

  @Test
  void aFullMiniBatchTrainsAndTheNextPredictionIsTheNewModels() throws Exception {
    try (LearnerHarness harness = start(arrival(NEVER, LARGE_CACHE))) {
      harness.events(STREAM.labelled("a", 0, 3));
      harness.event(STREAM.unlabelled("a", 50));
      harness.event(STREAM.labelled("b", 0));
      assertThat(harness.weights()).isEmpty();

      harness.events(STREAM.labelled("a", 3, 5));

      assertThat(harness.weights())
          .extracting(SampleWeight::eventId)
          .containsExactly("a-0", "a-1", "a-2", "a-3");
      assertThat(harness.models()).hasSize(1);
      assertThat(harness.predictions())
          .extracting(Prediction::modelVersion)
          .containsExactly(0L, 0L, 0L, 0L, 0L, 0L, 1L);
    }
  }

  @Test
  void modelsAreSnapshottedAtTheirCadence() throws Exception {
    LearnerOptions options =
        new LearnerOptions(Ordering.ARRIVAL, NEVER, LARGE_CACHE, 0, 3, "scalar", false);
    try (LearnerHarness harness = start(options)) {
      harness.events(STREAM.labelled("a", 0, 4 * 7));

      assertThat(harness.models()).extracting(ModelSnapshot::modelVersion).containsExactly(3L, 6L);
      LearnerState state = LearnerStateCodec.decode(harness.models().get(1).learner());
      assertThat(state.version).isEqualTo(6);
      assertThat(state.modelKey).isEqualTo("a");
    }
  }

  @Test
  void modelsOfTheBusiestKeysAreSnapshottedAtTheEnd() throws Exception {
    LearnerOptions options =
        new LearnerOptions(Ordering.ARRIVAL, NEVER, TINY_CACHE, 0, 0, "scalar", false)
            .withModelsAtEnd(2);
    try (LearnerHarness harness = start(options)) {
      harness.events(STREAM.labelled("a", 0, 5));
      harness.events(STREAM.labelled("b", 0, 9));
      harness.events(STREAM.labelled("c", 0, 6));
      assertThat(harness.models()).isEmpty();

      harness.finish();

      assertThat(harness.models()).extracting(ModelSnapshot::modelKey).containsExactly("b", "c");
      LearnerState state = LearnerStateCodec.decode(harness.models().get(0).learner());
      assertThat(state.predicted).isEqualTo(9);
      assertThat(state.pending).isEmpty();
    }
  }

  @Test
  void trustedEventsSteerAndGiveNoOutput() throws Exception {
    try (LearnerHarness harness = start(arrival(NEVER, LARGE_CACHE))) {
      for (int n = 0; n < 10; n++) {
        harness.trusted(STREAM.trusted("a", n));
      }
      assertThat(harness.predictions()).isEmpty();

      harness.events(STREAM.labelled("a", 0, 4));
      harness.events(STREAM.labelled("b", 0, 4));

      assertThat(harness.weights().subList(0, 4))
          .allSatisfy(weight -> assertThat(weight.rawWeight()).isLessThan(1));
      assertThat(harness.weights().subList(4, 8))
          .allSatisfy(weight -> assertThat(weight.rawWeight()).isEqualTo(1));
    }
  }

  @Test
  void anOldMiniBatchTrainsByProcessingTime() throws Exception {
    try (LearnerHarness harness = start(arrival(100, LARGE_CACHE))) {
      harness.processingTime(1000);
      harness.event(STREAM.labelled("a", 0));
      harness.processingTime(1060);
      harness.event(STREAM.labelled("a", 1));
      harness.processingTime(1099);
      assertThat(harness.weights()).isEmpty();

      // Timers are shared by neighbours, a quarter of the latency wide.
      harness.processingTime(1125);

      assertThat(harness.weights()).extracting(SampleWeight::eventId).containsExactly("a-0", "a-1");
    }
  }

  @Test
  void theTimerOfAnEarlierMiniBatchDoesNotCutAYoungOne() throws Exception {
    try (LearnerHarness harness = start(arrival(100, LARGE_CACHE))) {
      harness.processingTime(1000);
      harness.events(STREAM.labelled("a", 0, 4));
      harness.event(STREAM.unlabelled("a", 4));
      harness.processingTime(1090);
      harness.event(STREAM.labelled("a", 5));

      harness.processingTime(1189);
      assertThat(harness.weights()).hasSize(4);

      harness.processingTime(1215);
      assertThat(harness.weights()).hasSize(5);
      assertThat(harness.timers()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMiniBatchInStateTrainsByAgeAfterARestore(Backend backend) throws Exception {
    OperatorSubtaskState state;
    try (LearnerHarness harness =
        LearnerHarness.start(SETTINGS, arrival(100, TINY_CACHE), backend)) {
      harness.processingTime(1000);
      for (String key : List.of("a", "b", "c")) {
        harness.event(STREAM.labelled(key, 0));
      }
      state = harness.snapshot();
    }
    try (LearnerHarness harness =
        LearnerHarness.restore(SETTINGS, arrival(100, TINY_CACHE), backend, state)) {
      harness.processingTime(1125);

      assertThat(harness.weights())
          .extracting(SampleWeight::eventId)
          .containsExactlyInAnyOrder("a-0", "b-0", "c-0");
    }
  }

  // ----------------------------------------------------------------------------------- event time

  @Test
  void eventTimeWaitsForTheWatermarkOfBothInputs() throws Exception {
    try (LearnerHarness harness = start(eventTime(NEVER, LARGE_CACHE))) {
      harness.event(STREAM.labelled("a", 1));
      harness.event(STREAM.labelled("a", 0));
      assertThat(harness.predictions()).isEmpty();

      harness.watermark(STREAM.labelled("a", 0).eventTime());
      assertThat(harness.predictions()).extracting(Prediction::eventId).containsExactly("a-0");

      harness.watermark(STREAM.labelled("a", 1).eventTime());
      assertThat(harness.predictions())
          .extracting(Prediction::eventId)
          .containsExactly("a-0", "a-1");
    }
  }

  @Test
  void anOldMiniBatchTrainsByEventTime() throws Exception {
    try (LearnerHarness harness = start(eventTime(1000, LARGE_CACHE))) {
      long first = STREAM.labelled("a", 0).eventTime();
      // Ten steps later, so exactly when the mini-batch has become too old.
      for (int n : new int[] {0, 1, 10}) {
        harness.event(STREAM.labelled("a", n));
      }

      harness.watermark(first + 999);
      assertThat(harness.predictions()).hasSize(2);
      assertThat(harness.weights()).isEmpty();

      harness.watermark(first + 1000);
      assertThat(harness.weights()).extracting(SampleWeight::eventId).containsExactly("a-0", "a-1");
      assertThat(harness.predictions().get(2).modelVersion()).isEqualTo(1);

      harness.watermark(first + 2000);
      assertThat(harness.weights()).hasSize(3);
      assertThat(harness.timers()).isZero();
    }
  }

  @Test
  void lateEventsGoToTheSideAndTeachNothing() throws Exception {
    try (LearnerHarness harness = start(eventTime(NEVER, LARGE_CACHE))) {
      long time = STREAM.labelled("a", 3).eventTime();
      harness.watermark(time);

      harness.event(STREAM.labelled("a", 3));
      harness.trusted(STREAM.trusted("a", 2));
      harness.event(STREAM.labelled("a", 4));
      harness.watermark(Long.MAX_VALUE);

      assertThat(harness.side(OutputTags.LATE_EVENTS))
          .extracting(Event::eventId)
          .containsExactly("a-3");
      assertThat(harness.side(OutputTags.LATE_TRUSTED))
          .extracting(Event::eventId)
          .containsExactly("a-trusted-2");
      assertThat(harness.predictions()).extracting(Prediction::eventId).containsExactly("a-4");
    }
  }

  @ParameterizedTest
  @EnumSource
  void anyNumberOfEventsOfOneTimeStampComesOutInTheOrderOfTheirIds(Backend backend)
      throws Exception {
    List<Event> events = new ArrayList<>();
    for (int n = 0; n < 20_000; n++) {
      Event event = n % 100 == 0 ? STREAM.labelled("a", n) : STREAM.unlabelled("a", n);
      events.add(
          new Event(event.eventId(), "a", 1000, event.features(), event.label(), null, null));
    }
    List<String> expected;
    try (LearnerHarness harness = start(arrival(NEVER, LARGE_CACHE))) {
      harness.events(events);
      expected = harness.outputs().get("prediction a");
    }
    Collections.shuffle(events, new Random(7));

    OperatorSubtaskState state;
    try (LearnerHarness harness =
        LearnerHarness.start(SETTINGS, eventTime(NEVER, LARGE_CACHE), backend)) {
      harness.events(events.subList(0, 12_000));
      state = harness.snapshot();
    }
    try (LearnerHarness harness =
        LearnerHarness.restore(SETTINGS, eventTime(NEVER, LARGE_CACHE), backend, state)) {
      harness.events(events.subList(12_000, 20_000));
      harness.watermark(1000);

      assertThat(harness.outputs().get("prediction a")).isEqualTo(expected);
      assertThat(harness.timers()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void withEventTimeAnyInterleavingGivesTheSameBits() throws Exception {
    Map<String, List<String>> expected = inOrder();

    for (int seed = 0; seed < 8; seed++) {
      assertThat(interleaved(seed)).as("seed %d", seed).isEqualTo(expected);
    }
  }

  /** Without any Flink: in the order of time, events before trusted ones. */
  private static Map<String, List<String>> inOrder() throws Exception {
    try (LearnerHarness harness = start(eventTime(NEVER, LARGE_CACHE))) {
      for (int n = 0; n < 30; n++) {
        for (String key : List.of("a", "b", "c")) {
          harness.event(STREAM.labelled(key, n));
          harness.trusted(STREAM.trusted(key, n));
        }
        harness.watermark(STREAM.labelled("a", n).eventTime());
      }
      harness.finish();
      return harness.outputs();
    }
  }

  /** Both inputs in any order that their watermarks allow; stopped and restored on the way. */
  private static Map<String, List<String>> interleaved(int seed) throws Exception {
    Random random = new Random(seed);
    Backend backend = seed % 4 == 0 ? Backend.ROCKSDB : Backend.HEAP;
    LearnerOptions options = eventTime(NEVER, seed % 2 == 0 ? TINY_CACHE : LARGE_CACHE);
    List<Integer> waiting = new ArrayList<>(IntStream.range(0, 180).boxed().toList());
    LearnerHarness harness = LearnerHarness.start(SETTINGS, options, backend);
    Map<String, List<String>> outputs = new TreeMap<>();
    try {
      int watermark = -1;
      while (!waiting.isEmpty()) {
        watermark += 1 + random.nextInt(9);
        int passed = watermark;
        // All that the watermark passes, and some that are early.
        List<Integer> now =
            new ArrayList<>(
                waiting.stream().filter(i -> i / 6 <= passed || random.nextInt(8) == 0).toList());
        waiting.removeAll(now);
        Collections.shuffle(now, random);
        for (int i : now) {
          String key = List.of("a", "b", "c").get(i % 3);
          if (i % 6 < 3) {
            harness.event(STREAM.labelled(key, i / 6));
          } else {
            harness.trusted(STREAM.trusted(key, i / 6));
          }
        }
        harness.watermark(STREAM.labelled("a", watermark).eventTime());
        if (random.nextInt(3) == 0) {
          OperatorSubtaskState state = harness.snapshot();
          outputs = LearnerHarness.joined(outputs, harness.outputs());
          harness.close();
          harness = LearnerHarness.restore(SETTINGS, options, backend, state);
          harness.watermark(STREAM.labelled("a", watermark).eventTime());
        }
      }
      harness.finish();
      return LearnerHarness.joined(outputs, harness.outputs());
    } finally {
      harness.close();
    }
  }

  @Test
  void withEventTimeAWatermarkThatJumpsCutsTheSameMiniBatches() throws Exception {
    LearnerOptions options = eventTime(350, LARGE_CACHE);
    Map<String, List<String>> stepwise;
    try (LearnerHarness harness = start(options)) {
      for (int n : times()) {
        harness.event(STREAM.labelled("a", n));
        harness.watermark(STREAM.labelled("a", n).eventTime());
      }
      harness.finish();
      stepwise = harness.outputs();
    }

    try (LearnerHarness harness = start(options)) {
      for (int n : times()) {
        harness.event(STREAM.labelled("a", n));
      }
      harness.finish();

      assertThat(harness.outputs()).isEqualTo(stepwise);
      // Some by count, more by age.
      assertThat(harness.models().size()).isGreaterThan(times().size() / 4 + 2);
    }
  }

  /** With gaps. */
  private static List<Integer> times() {
    return IntStream.range(0, 60).filter(n -> n % 7 < 5 && n % 11 != 3).boxed().toList();
  }

  // ----------------------------------------------------------------------- state, restore, rescale

  @ParameterizedTest
  @EnumSource
  void aPendingMiniBatchIsStoredAndNotFlushedByASnapshot(Backend backend) throws Exception {
    LearnerOptions options = arrival(NEVER, LARGE_CACHE);
    OperatorSubtaskState state;
    try (LearnerHarness harness = LearnerHarness.start(SETTINGS, options, backend)) {
      harness.events(STREAM.labelled("a", 0, 3));
      state = harness.snapshot();
      assertThat(harness.weights()).isEmpty();
    }

    try (LearnerHarness harness = LearnerHarness.restore(SETTINGS, options, backend, state)) {
      harness.event(STREAM.labelled("a", 3));

      assertThat(harness.weights())
          .extracting(SampleWeight::eventId)
          .containsExactly("a-0", "a-1", "a-2", "a-3");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRunThatIsStoppedAndRestoredEqualsOneThatNeverWas(Backend backend) throws Exception {
    Map<String, List<String>> expected;
    try (LearnerHarness harness = start(arrival(NEVER, LARGE_CACHE))) {
      feed(harness, 0, 90);
      harness.finish();
      expected = harness.outputs();
    }
    LearnerOptions options = arrival(NEVER, TINY_CACHE);

    for (int stop : new int[] {1, 38, 61}) {
      OperatorSubtaskState state;
      Map<String, List<String>> before;
      try (LearnerHarness harness = LearnerHarness.start(SETTINGS, options, backend)) {
        feed(harness, 0, stop);
        state = harness.snapshot();
        before = harness.outputs();
        // What happens after the snapshot must not leak into it.
        feed(harness, stop, stop + 20);
      }
      try (LearnerHarness harness = LearnerHarness.restore(SETTINGS, options, backend, state)) {
        feed(harness, stop, 90);
        harness.finish();

        assertThat(LearnerHarness.joined(before, harness.outputs()))
            .as("stopped after %d", stop)
            .isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void snapshotsDoNotChangeTheRun(Backend backend) throws Exception {
    Map<String, List<String>> expected;
    try (LearnerHarness harness =
        LearnerHarness.start(SETTINGS, arrival(NEVER, LARGE_CACHE), backend)) {
      feed(harness, 0, 60);
      expected = harness.outputs();
    }

    try (LearnerHarness harness =
        LearnerHarness.start(SETTINGS, arrival(NEVER, LARGE_CACHE), backend)) {
      for (int n = 0; n < 60; n++) {
        feed(harness, n, n + 1);
        harness.snapshot();
      }

      assertThat(harness.outputs()).isEqualTo(expected);
    }
  }

  /** Element n of a sequence over five keys, a third of it trusted. */
  private static void feed(LearnerHarness harness, int from, int to) throws Exception {
    for (int n = from; n < to; n++) {
      feed(n, harness);
    }
  }

  private static void feed(int n, LearnerHarness harness) throws Exception {
    String key = key(n);
    if (n / 5 % 3 == 2) {
      harness.trusted(STREAM.trusted(key, n));
    } else {
      harness.event(STREAM.labelled(key, n));
    }
  }

  private static String key(int n) {
    return "key " + n % 5;
  }

  @ParameterizedTest
  @ValueSource(longs = {TINY_CACHE, LARGE_CACHE})
  void rescalingLosesAndDoublesNothing(long cacheBytes) throws Exception {
    LearnerOptions options = arrival(NEVER, cacheBytes);
    Map<String, List<String>> expected;
    try (LearnerHarness harness = start(options)) {
      feed(harness, 0, 150);
      harness.finish();
      expected = harness.outputs();
    }

    Map<String, List<String>> outputs;
    OperatorSubtaskState state;
    try (LearnerHarness one = LearnerHarness.start(SETTINGS, options, Backend.ROCKSDB)) {
      feed(one, 0, 47);
      state = one.snapshot();
      outputs = one.outputs();
    }
    try (LearnerHarness first =
            LearnerHarness.rescale(SETTINGS, options, Backend.ROCKSDB, state, 1, 2, 0);
        LearnerHarness second =
            LearnerHarness.rescale(SETTINGS, options, Backend.ROCKSDB, state, 1, 2, 1)) {
      List<LearnerHarness> both = List.of(first, second);
      for (int n = 47; n < 103; n++) {
        feed(n, both.get(subtask(key(n))));
      }
      assertThat(first.predictions()).isNotEmpty();
      assertThat(second.predictions()).isNotEmpty();
      state = AbstractStreamOperatorTestHarness.repackageState(first.snapshot(), second.snapshot());
      outputs = LearnerHarness.joined(outputs, first.outputs());
      outputs = LearnerHarness.joined(outputs, second.outputs());
    }
    try (LearnerHarness one =
        LearnerHarness.rescale(SETTINGS, options, Backend.ROCKSDB, state, 2, 1, 0)) {
      feed(one, 103, 150);
      one.finish();
      outputs = LearnerHarness.joined(outputs, one.outputs());
    }

    assertThat(outputs).isEqualTo(expected);
  }

  private static int subtask(String key) {
    return KeyGroupRangeAssignment.assignKeyToParallelOperator(
        key, LearnerHarness.MAX_PARALLELISM, 2);
  }

  @ParameterizedTest
  @EnumSource
  void theOperatorLearnsWhatThePlainLearnerLearns(Backend backend) throws Exception {
    Map<String, String> expected = new HashMap<>();
    try (OnlineLearner learner = new OnlineLearner(SETTINGS, Backends.named("scalar"))) {
      Map<String, LearnerState> states = new HashMap<>();
      for (int n = 0; n < 120; n++) {
        LearnerState state = states.computeIfAbsent(key(n), learner::create);
        if (n / 5 % 3 == 2) {
          learner.observeTrusted(state, STREAM.trusted(key(n), n));
        } else {
          learner.observe(state, STREAM.labelled(key(n), n));
          if (learner.isBatchFull(state)) {
            learner
                .learn(state)
                .weights()
                .forEach(weight -> expected.put(weight.eventId(), weight.toString()));
          }
        }
      }
    }

    try (LearnerHarness harness =
        LearnerHarness.start(SETTINGS, arrival(NEVER, TINY_CACHE), backend)) {
      feed(harness, 0, 120);

      assertThat(harness.weights()).hasSize(expected.size());
      for (SampleWeight weight : harness.weights()) {
        assertThat(weight).hasToString(expected.get(weight.eventId()));
      }
    }
  }

  @Test
  void aStateOfOtherSettingsFailsWithWhatDiffers() throws Exception {
    LearnerOptions options = arrival(NEVER, LARGE_CACHE);
    OperatorSubtaskState state;
    try (LearnerHarness harness = LearnerHarness.start(SETTINGS, options, Backend.HEAP)) {
      harness.event(STREAM.labelled("a", 0));
      state = harness.snapshot();
    }
    LearnerSettings wider = Learners.of(Learners.spec(2, 9, Normalisation.RUNNING, 0));

    LearnerHarness harness = LearnerHarness.restore(wider, options, Backend.HEAP, state);
    assertThatThrownBy(() -> harness.event(STREAM.labelled("a", 1)))
        .isInstanceOf(SuppressRestartsException.class)
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .rootCause()
        .hasMessageContaining("The restored learner of key 'a' has")
        .hasMessageContaining("hidden widths [4, 3], the configuration asks for [9, 3]");
    // The harness ends the input before it closes, which meets the same state.
    assertThatThrownBy(harness::close)
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .hasStackTraceContaining("the configuration asks for");
  }

  // -------------------------------------------------------------------------------- end of input

  @ParameterizedTest
  @EnumSource
  void theEndOfTheInputTrainsWhatIsPendingInCacheAndState(Backend backend) throws Exception {
    LearnerOptions options = arrival(NEVER, TINY_CACHE);
    OperatorSubtaskState state;
    try (LearnerHarness harness = LearnerHarness.start(SETTINGS, options, backend)) {
      for (String key : List.of("c", "a", "b")) {
        harness.events(STREAM.labelled(key, 0, 2));
      }
      harness.events(STREAM.labelled("full", 0, 4));
      harness.event(STREAM.unlabelled("unlabelled", 0));
      state = harness.snapshot();

      harness.finish();

      assertThat(ids(harness.weights().stream().skip(4)))
          .containsExactly("a-0", "a-1", "b-0", "b-1", "c-0", "c-1");
      // What was trained at the end is in the last snapshot.
      OperatorSubtaskState last = harness.snapshot();
      try (LearnerHarness after = LearnerHarness.restore(SETTINGS, options, backend, last)) {
        after.finish();
        assertThat(after.weights()).isEmpty();
      }
    }

    try (LearnerHarness restored = LearnerHarness.restore(SETTINGS, options, backend, state)) {
      restored.finish();

      assertThat(ids(restored.weights().stream()))
          .containsExactly("a-0", "a-1", "b-0", "b-1", "c-0", "c-1");
    }
  }

  private static List<String> ids(Stream<SampleWeight> weights) {
    return weights.map(SampleWeight::eventId).toList();
  }

  @Test
  void anEmptyInputEnds() throws Exception {
    try (LearnerHarness harness = start(eventTime(NEVER, LARGE_CACHE))) {
      harness.finish();

      assertThat(harness.outputs()).isEmpty();
    }
  }

  private static LearnerHarness start(LearnerOptions options) throws Exception {
    return LearnerHarness.start(SETTINGS, options, Backend.ROCKSDB);
  }
}
