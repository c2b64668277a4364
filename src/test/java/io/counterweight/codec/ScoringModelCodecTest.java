package io.counterweight.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.compute.Backends;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.learner.LaneSettings;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.learner.ScoringModel;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.serde.RecordType;
import io.counterweight.support.Learners;
import io.counterweight.support.Steps;
import io.counterweight.support.SyntheticStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What of a learner predicts, as bytes. */
class ScoringModelCodecTest {
  private static final String KEY = "shop ☂";
  private static final int EVENTS = 120;

  static Stream<Arguments> learners() {
    LearnerSettings three =
        Learners.settings(
            Learners.spec(3, 4, Normalisation.RUNNING, 0), List.of("uniform", "bilevel"), 3);
    LaneSettings averaged = Learners.lane("averaged", Steps.uniform().averaging(0.9f).settings());
    LearnerSettings averages =
        Learners.withLanes(Learners.small(), List.of(Learners.small().lanes().get(0), averaged));
    return Stream.of(
        Arguments.of("control and bilevel", Learners.small(), "scalar", false),
        Arguments.of("with a challenger", Learners.small(), "scalar", true),
        Arguments.of("three classes", three, "scalar", false),
        Arguments.of("averages", averages, "scalar", true),
        Arguments.of("averages on vectors", averages, Backends.AUTO, true),
        Arguments.of("no balance", Learners.plain(Learners.small().spec()), "scalar", false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("learners")
  void itPredictsAsTheLearnerDoesBitForBit(
      String name, LearnerSettings settings, String backend, boolean challenged) {
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named(backend))) {
      LearnerState state = trained(learner, challenged);
      byte[] whole = LearnerStateCodec.encode(state);

      byte[] bytes = ScoringModelCodec.encode(ScoringModel.of(LearnerStateCodec.decode(whole)));
      ScoringModel model = learner.adopt(ScoringModelCodec.decode(bytes));

      assertThat(bytes.length).isLessThan(whole.length / 2);
      assertThat(state.challenger != null).isEqualTo(challenged);
      SyntheticStream stream = Learners.stream(settings);
      for (int n = 1000; n < 1050; n++) {
        Event event = stream.unlabelled(KEY, n);
        Prediction expected = learner.score(state, event);
        assertThat(encoded(learner.score(model, event))).isEqualTo(encoded(expected));
      }
      assertThat(ScoringModelCodec.encode(model)).isEqualTo(bytes);
    }
  }

  /** All of it, bit for bit. */
  private static byte[] encoded(Prediction prediction) {
    return RecordType.PREDICTION.newCodec().encode(prediction);
  }

  private static LearnerState trained(OnlineLearner learner, boolean challenged) {
    SyntheticStream stream = Learners.stream(learner.settings());
    LearnerState state = learner.create(KEY);
    for (int n = 0; n < EVENTS; n++) {
      learner.observe(state, stream.labelled(KEY, n));
      learner.observeTrusted(state, stream.trusted(KEY, n));
      if (learner.isBatchFull(state)) {
        learner.learn(state);
      }
      if (challenged && n == EVENTS - 20) {
        long now = state.latestEventTime;
        learner.tellOfConceptDrift(state, now, now);
      }
    }
    learner.sync(state);
    return state;
  }

  @Test
  void underOtherLanesItKeepsThoseThatItKnowsByName() {
    LearnerSettings two = Learners.small();
    LearnerSettings one = Learners.withLanes(two, two.lanes().subList(1, 2));
    try (OnlineLearner learner = new OnlineLearner(two, Backends.named("scalar"));
        OnlineLearner other = new OnlineLearner(one, Backends.named("scalar"))) {
      LearnerState state = trained(learner, false);
      ScoringModel stored = ScoringModelCodec.decode(bytes(state));
      other.adopt(state);

      ScoringModel model = other.adopt(stored);

      Event event = Learners.stream(two).unlabelled(KEY, 2000);
      assertThat(encoded(other.score(model, event))).isEqualTo(encoded(other.score(state, event)));
    }
  }

  @Test
  void ofAnotherModelItIsRefusedWithWhatDiffers() {
    LearnerSettings wider = Learners.of(Learners.spec(2, 5, Normalisation.RUNNING, 0));
    try (OnlineLearner learner = new OnlineLearner(wider, Backends.named("scalar"))) {
      assertThatThrownBy(() -> learner.adopt(ScoringModelCodec.decode(bytes())))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("hidden widths [4, 3], the configuration asks for [5, 3]");
    }
  }

  @Test
  void everyTruncationAndEveryExtensionIsRefused() {
    byte[] bytes = bytes();
    for (int length = 0; length <= bytes.length + 1; length++) {
      byte[] other = Arrays.copyOf(bytes, length);
      if (length != bytes.length) {
        assertThatThrownBy(() -> ScoringModelCodec.decode(other))
            .isInstanceOf(StateFormatException.class);
      }
    }
  }

  @Test
  void damagedBytesAreDecodedOrRefusedAndNothingElse() {
    byte[] bytes = bytes();
    List<byte[]> damaged = new ArrayList<>();
    for (int at = 0; at + 4 <= bytes.length; at++) {
      for (int claim : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 1 << 28}) {
        byte[] changed = bytes.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, claim);
        damaged.add(changed);
      }
    }
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] changed = bytes.clone();
      changed[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      damaged.add(changed);
    }
    int refused = 0;
    for (byte[] changed : damaged) {
      try {
        ScoringModelCodec.decode(changed);
      } catch (StateFormatException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(1000, damaged.size() - 1);
  }

  @Test
  void otherBytesAndNewerVersionsAreRefused() {
    byte[] bytes = bytes();
    assertThat(ScoringModelCodec.isScoringModel(bytes)).isTrue();
    try (OnlineLearner learner = new OnlineLearner(Learners.small(), Backends.named("scalar"))) {
      byte[] whole = LearnerStateCodec.encode(learner.create(KEY));
      assertThat(ScoringModelCodec.isScoringModel(whole)).isFalse();
      assertThatThrownBy(() -> ScoringModelCodec.decode(whole))
          .isInstanceOf(StateFormatException.class)
          .hasMessageContaining("Not a scoring model");
    }
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(4, 2);
    assertThatThrownBy(() -> ScoringModelCodec.decode(bytes))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("version 2; this build reads versions 1 to 1");
  }

  private static byte[] bytes() {
    try (OnlineLearner learner = new OnlineLearner(Learners.small(), Backends.named("scalar"))) {
      return bytes(trained(learner, true));
    }
  }

  private static byte[] bytes(LearnerState state) {
    return ScoringModelCodec.encode(ScoringModel.of(state));
  }
}
