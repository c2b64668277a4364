package io.counterweight.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.cuda.EmulatedCuda;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.support.CpuBackend;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several keys at once, and backends that keep what was learned. */
class LearnAllTest {
  private static final LearnerSettings SETTINGS =
      Learners.of(Learners.spec(2, 4, Normalisation.RUNNING, 0.2f));

  /** What a device can do: labels as they are. */
  private static final LearnerSettings PLAIN =
      Learners.plain(Learners.spec(2, 4, Normalisation.RUNNING, 0.2f));

  private static final List<String> KEYS = List.of("a", "b", "c");

  static Stream<CpuBackend> backends() {
    return CpuBackend.all().filter(CpuBackend::knowsTargets);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void keysLearnTogetherWhatTheyLearnAlone(CpuBackend backend) {
    List<byte[]> alone = new ArrayList<>();
    for (String key : KEYS) {
      alone.addAll(learned(backend.backend(), List.of(key)));
    }

    assertThat(learned(backend.backend(), KEYS)).containsExactlyElementsOf(alone);
  }

  @Test
  void whatStaysOnADeviceIsTheSameOnceItIsSynced() {
    assumeTrue(EmulatedCuda.isAvailable(), "no g++ on this machine to compile the kernels with");

    assertThat(learned(PLAIN, EmulatedCuda.staying(), KEYS))
        .containsExactlyElementsOf(learned(PLAIN, new EmulatedCuda(), KEYS));
  }

  /** Bytes of the keys' learners after 12 mini-batches, each learned together with the others'. */
  private static List<byte[]> learned(ComputeBackend backend, List<String> keys) {
    return learned(SETTINGS, backend, keys);
  }

  private static List<byte[]> learned(
      LearnerSettings settings, ComputeBackend backend, List<String> keys) {
    SyntheticStream stream = Learners.stream(settings);
    List<LearnerState> states = new ArrayList<>();
    try (OnlineLearner learner = new OnlineLearner(settings, backend)) {
      keys.forEach(key -> states.add(learner.create(key)));
      for (int n = 0; n < 12 * settings.miniBatch(); n++) {
        for (LearnerState state : states) {
          learner.observe(state, stream.labelled(state.modelKey, n));
          if (n % 3 == 0) {
            learner.observeTrusted(state, stream.trusted(state.modelKey, n));
          }
        }
        if (learner.isBatchFull(states.get(0))) {
          learner.learnAll(states);
        }
      }
      states.forEach(learner::sync);
      assertThat(states).allMatch(state -> state.version == 12);
      return states.stream().map(LearnerStateCodec::encode).toList();
    }
  }

  @Test
  void aKeyWithoutPendingEventsStopsAllBeforeAnythingChanges() {
    SyntheticStream stream = Learners.stream(SETTINGS);
    try (OnlineLearner learner = new OnlineLearner(SETTINGS, Backends.named("scalar"))) {
      LearnerState ready = learner.create("ready");
      learner.observe(ready, stream.labelled("ready", 1));
      byte[] before = LearnerStateCodec.encode(ready);

      assertThatThrownBy(() -> learner.learnAll(List.of(ready, learner.create("idle"))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Nothing is pending for key idle");
      assertThat(LearnerStateCodec.encode(ready)).isEqualTo(before);
    }
  }
}
