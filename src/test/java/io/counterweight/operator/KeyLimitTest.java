package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.operator.LearnerHarness.Backend;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No more learners than {@code state.max-keys}, whatever keys come. */
class KeyLimitTest {
  private static final LearnerSettings SETTINGS = Learners.small();
  private static final SyntheticStream STREAM = Learners.stream(SETTINGS);
  private static final long NEVER = 1_000_000_000;

  /** Every key but the one in use is evicted, so that keys are found in state too. */
  private static final long TINY_CACHE = 1;

  private static LearnerOptions options(Ordering ordering, long maxKeys) {
    return new LearnerOptions(ordering, NEVER, TINY_CACHE, maxKeys, 0, "scalar", false);
  }

  private static LearnerOptions arrival(long maxKeys) {
    return options(Ordering.ARRIVAL, maxKeys);
  }

  private static List<String> refused(LearnerHarness harness) {
    return Stream.of(OutputTags.REFUSED_EVENTS, OutputTags.REFUSED_TRUSTED)
        .flatMap(tag -> harness.side(tag).stream())
        .map(Event::eventId)
        .toList();
  }

  private static List<String> predicted(LearnerHarness harness) {
    return harness.predictions().stream().map(Prediction::eventId).toList();
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void eventsOfFurtherKeysAreRefusedAndTheOthersGoOn(Backend backend) throws Exception {
    try (LearnerHarness harness = LearnerHarness.start(SETTINGS, arrival(2), backend)) {
      harness.event(STREAM.unlabelled("a", 0));
      harness.trusted(STREAM.trusted("b", 0));
      harness.event(STREAM.unlabelled("c", 0));
      harness.trusted(STREAM.trusted("c", 1));
      harness.event(STREAM.unlabelled("a", 1));
      harness.event(STREAM.unlabelled("b", 1));
      harness.event(STREAM.unlabelled("c", 2));

      assertThat(predicted(harness)).containsExactly("a-0", "a-1", "b-1");
      assertThat(refused(harness)).containsExactly("c-0", "c-2", "c-trusted-1");
    }
  }

  @Test
  void zeroIsNoLimit() throws Exception {
    try (LearnerHarness harness = LearnerHarness.start(SETTINGS, arrival(0), Backend.HEAP)) {
      for (int i = 0; i < 20; i++) {
        harness.event(STREAM.unlabelled("key " + i, 0));
      }

      assertThat(harness.predictions()).hasSize(20);
      assertThat(refused(harness)).isEmpty();
    }
  }

  @Test
  void withEventTimeTheFirstKeysByTheirTimeAreTaken() throws Exception {
    try (LearnerHarness harness =
        LearnerHarness.start(SETTINGS, options(Ordering.EVENT_TIME, 1), Backend.ROCKSDB)) {
      harness.event(STREAM.labelled("b", 5));
      harness.trusted(STREAM.trusted("b", 6));
      harness.event(STREAM.labelled("a", 1));
      harness.watermark(Long.MAX_VALUE - 1);

      assertThat(predicted(harness)).containsExactly("a-1");
      assertThat(refused(harness)).containsExactly("b-5", "b-trusted-6");
      harness.finish();
    }
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void theCountSurvivesARestore(Backend backend) throws Exception {
    OperatorSubtaskState state = stateOfTwoKeys(backend);

    assertRestoredWithTwoKeys(backend, state);
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void keysOfAStateWithoutCountsAreCounted(Backend backend) throws Exception {
    OperatorSubtaskState state = stateOfTwoKeys(backend);
    assertThat(state.getManagedOperatorState()).isNotEmpty();

    assertRestoredWithTwoKeys(
        backend,
        OperatorSubtaskState.builder().setManagedKeyedState(state.getManagedKeyedState()).build());
  }

  private static OperatorSubtaskState stateOfTwoKeys(Backend backend) throws Exception {
    try (LearnerHarness harness = LearnerHarness.start(SETTINGS, arrival(2), backend)) {
      harness.event(STREAM.unlabelled("a", 0));
      harness.event(STREAM.unlabelled("b", 0));
      harness.event(STREAM.unlabelled("c", 0));
      return harness.snapshot();
    }
  }

  private static void assertRestoredWithTwoKeys(Backend backend, OperatorSubtaskState state)
      throws Exception {
    try (LearnerHarness harness = LearnerHarness.restore(SETTINGS, arrival(3), backend, state)) {
      harness.event(STREAM.unlabelled("c", 1));
      harness.event(STREAM.unlabelled("d", 1));
      harness.event(STREAM.unlabelled("a", 1));

      assertThat(predicted(harness)).containsExactly("c-1", "a-1");
      assertThat(refused(harness)).containsExactly("d-1");
    }
  }

  @Test
  void theCountIsExactAfterARescale() throws Exception {
    List<String> keys = IntStream.range(0, 12).mapToObj(i -> "key " + i).toList();
    OperatorSubtaskState state;
    try (LearnerHarness one = LearnerHarness.start(SETTINGS, arrival(0), Backend.ROCKSDB)) {
      for (String key : keys) {
        one.event(STREAM.unlabelled(key, 0));
      }
      state = one.snapshot();
    }
    for (int subtask = 0; subtask < 2; subtask++) {
      long own = keys.stream().filter(isOn(subtask)).count();
      assertThat(own).isBetween(1L, 11L);
      List<String> fresh =
          Stream.iterate(100, i -> i + 1)
              .map(i -> "key " + i)
              .filter(isOn(subtask))
              .limit(2)
              .toList();
      try (LearnerHarness part =
          LearnerHarness.rescale(
              SETTINGS, arrival(own + 1), Backend.ROCKSDB, state, 1, 2, subtask)) {
        for (String key : fresh) {
          part.event(STREAM.unlabelled(key, 0));
        }

        assertThat(predicted(part)).containsExactly(fresh.get(0) + "-0");
        assertThat(refused(part)).containsExactly(fresh.get(1) + "-0");
      }
    }
  }

  private static Predicate<String> isOn(int subtask) {
    return key ->
        KeyGroupRangeAssignment.assignKeyToParallelOperator(key, LearnerHarness.MAX_PARALLELISM, 2)
            == subtask;
  }
}
