package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.compute.Backends;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.operator.LearnerHarness.Backend;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With a backend that keeps what it learns, all that leaves the cache is what was learned. */
class SyncedStateTest {
  private static final LearnerSettings SETTINGS = Learners.small();
  private static final SyntheticStream STREAM = Learners.stream(SETTINGS);
  private static final long NEVER = 1_000_000_000;
  private static final long LARGE_CACHE = 1 << 24;

  /** Only the learner in use fits. */
  private static final long TINY_CACHE = 1;

  private static final int EVENTS = 120;

  /** Events of a key before it is the other's turn. */
  private static final int TURN = 5;

  private final StayingBackend staying = new StayingBackend();

  @ParameterizedTest
  @EnumSource
  void aSnapshotHasWhatTheBackendLearned(Backend state) throws Exception {
    Map<String, List<String>> expected = plain(0);
    LearnerOptions options = options(LARGE_CACHE, 0);
    Map<String, List<String>> before;
    OperatorSubtaskState snapshot;
    try (LearnerHarness harness = start(options, state, null)) {
      feed(harness, 0, 66);
      before = harness.outputs();
      snapshot = harness.snapshot();
      assertThat(staying.copies).isEmpty();
      feed(harness, 66, EVENTS);

      assertThat(harness.outputs()).isEqualTo(expected);
    }

    try (LearnerHarness harness = start(options, state, snapshot)) {
      feed(harness, 66, EVENTS);

      assertThat(LearnerHarness.joined(before, harness.outputs())).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEvictedLearnerIsStoredWithWhatTheBackendLearned(Backend state) throws Exception {
    Map<String, List<String>> expected = plain(0);

    try (LearnerHarness harness = start(options(TINY_CACHE, 0), state, null)) {
      feed(harness, 0, EVENTS);

      assertThat(harness.outputs()).isEqualTo(expected);
      assertThat(staying.released).hasSize(SETTINGS.lanes().size() * (EVENTS / TURN - 1));
      assertThat(staying.copies).hasSizeLessThanOrEqualTo(SETTINGS.lanes().size());
    }
  }

  @Test
  void anEmittedModelIsWhatTheBackendLearned() throws Exception {
    Map<String, List<String>> expected = plain(2);

    try (LearnerHarness harness = start(options(LARGE_CACHE, 2), Backend.HEAP, null)) {
      feed(harness, 0, EVENTS);

      assertThat(harness.models()).isNotEmpty();
      assertThat(harness.outputs()).isEqualTo(expected);
    }
  }

  private static LearnerOptions options(long cacheBytes, long snapshotEvery) {
    return new LearnerOptions(
        Ordering.ARRIVAL, NEVER, cacheBytes, 0, snapshotEvery, "scalar", false);
  }

  private LearnerHarness start(LearnerOptions options, Backend state, OperatorSubtaskState restored)
      throws Exception {
    BilevelLearnerOperator operator =
        new BilevelLearnerOperator(
            SETTINGS, options, name -> new Backends.Choice(staying, "the test's own"));
    return LearnerHarness.run(operator, state, restored);
  }

  /** What comes out with the backend whose arrays are all there is, never stored. */
  private static Map<String, List<String>> plain(long snapshotEvery) throws Exception {
    LearnerOptions options = options(LARGE_CACHE, snapshotEvery);
    try (LearnerHarness harness = LearnerHarness.start(SETTINGS, options, Backend.HEAP)) {
      feed(harness, 0, EVENTS);
      return harness.outputs();
    }
  }

  /** Two keys by turns; a third of their events are trusted. */
  private static void feed(LearnerHarness harness, int from, int to) throws Exception {
    for (int n = from; n < to; n++) {
      String key = n / TURN % 2 == 0 ? "a" : "b";
      if (n % 3 == 2) {
        harness.trusted(STREAM.trusted(key, n));
      } else {
        harness.event(STREAM.labelled(key, n));
      }
    }
  }
}
