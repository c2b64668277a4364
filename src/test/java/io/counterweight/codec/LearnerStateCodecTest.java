package io.counterweight.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.compute.Backends;
import io.counterweight.learner.Blueprint;
import io.counterweight.learner.Challenger;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.learner.PendingEvent;
import io.counterweight.meta.TrustedExample;
import io.counterweight.meta.TrustedReservoir;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.SeededRandom;
import io.counterweight.sampling.MuboState;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LearnerStateCodecTest {
  private static final String KEY = "shop ☂";

  @Test
  void everythingComesBack() {
    LearnerState state = state();

    LearnerState decoded = LearnerStateCodec.decode(LearnerStateCodec.encode(state));

    assertThat(decoded).usingRecursiveComparison().isEqualTo(state);
    assertThat(decoded.modelKey).isEqualTo(KEY);
    assertThat(decoded.pending).isNotEmpty();
    assertThat(decoded.reservoir.seasoned(0)).isNotEmpty();
    assertThat(decoded.reservoir.size(0) + decoded.reservoir.size(1))
        .isGreaterThan(decoded.reservoir.seasoned(0).size() + decoded.reservoir.seasoned(1).size());
    assertThat(decoded.version).isPositive();
  }

  @Test
  void encodingDoesNotDependOnWhereTheStateWas() {
    byte[] bytes = LearnerStateCodec.encode(state());

    assertThat(LearnerStateCodec.encode(LearnerStateCodec.decode(bytes))).isEqualTo(bytes);
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] bytes = LearnerStateCodec.encode(state());

    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> LearnerStateCodec.decode(cut))
          .isInstanceOf(StateFormatException.class);
    }
  }

  @Test
  void bytesAfterTheEndAreRefused() {
    byte[] bytes = LearnerStateCodec.encode(state());

    assertThatThrownBy(() -> LearnerStateCodec.decode(Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("1 bytes left at the end, expected 0");
  }

  @Test
  void noIntegerCanClaimMemoryThatIsNotThere() {
    byte[] bytes = LearnerStateCodec.encode(state());

    for (int at = 0; at + 4 <= bytes.length; at++) {
      for (int claim : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 1 << 28}) {
        byte[] changed = bytes.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, claim);
        decodeOrRefuse(changed, "claim of " + claim + " at offset " + at);
      }
    }
  }

  @Test
  void mutatedBytesAreDecodedOrRefusedAndNothingElse() {
    byte[] bytes = LearnerStateCodec.encode(state());
    int refused = 0;
    for (int seed = 0; seed < 100_000; seed++) {
      Random random = new Random(seed);
      byte[] changed = bytes.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        // Half of them near the front, where the structure is.
        int range = random.nextBoolean() ? bytes.length : 64;
        changed[random.nextInt(range)] ^= (byte) (1 << random.nextInt(8));
      }
      refused += decodeOrRefuse(changed, "seed " + seed) ? 0 : 1;
    }

    assertThat(refused).isBetween(20_000, 99_000);
  }

  /** Whether it was decoded; such a state can be written again. */
  private static boolean decodeOrRefuse(byte[] bytes, String what) {
    try {
      LearnerState state = LearnerStateCodec.decode(bytes);
      assertThat(LearnerStateCodec.encode(state)).as(what).isNotEmpty();
      return true;
    } catch (StateFormatException e) {
      assertThat(e.getMessage()).as(what).isNotBlank();
      return false;
    } catch (RuntimeException | OutOfMemoryError e) {
      throw new AssertionError(what, e);
    }
  }

  @Test
  void otherBytesAreNotALearner() {
    assertThatThrownBy(() -> LearnerStateCodec.decode("{\"key\": 1}".getBytes()))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("Not a learner state: it begins with");
    assertThatThrownBy(() -> LearnerStateCodec.decode(new byte[0]))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("ends inside marker");
  }

  @Test
  void aNewerVersionIsRefusedWithBothVersions() {
    byte[] bytes = LearnerStateCodec.encode(state());
    for (int version : new int[] {0, -1, LearnerStateCodec.VERSION + 1}) {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(4, version);

      assertThatThrownBy(() -> LearnerStateCodec.decode(bytes))
          .isInstanceOf(StateFormatException.class)
          .hasMessageContaining("version " + version)
          .hasMessageContaining("reads versions 1 to " + LearnerStateCodec.VERSION);
    }
  }

  static Stream<Arguments> contradictions() {
    return Stream.of(
        contradiction("predicted", s -> s.predicted = -1),
        contradiction("model version", s -> s.version = -1),
        contradiction("skipped steps", s -> s.skippedSteps = -1),
        contradiction("value counts", s -> s.standardizer.count[1] = -1),
        contradiction("means", s -> s.standardizer.mean[1] = Double.NaN),
        contradiction("variances", s -> s.standardizer.variance[1] = -1e-9),
        contradiction("parameters", s -> s.lanes.get(1).parameters[3] = Float.NaN),
        contradiction("optimiser steps", s -> s.lanes.get(1).adam.steps = -1),
        contradiction("first moments", s -> s.lanes.get(0).adam.firstMoment[0] = 1f / 0),
        contradiction("second moments", s -> s.lanes.get(0).adam.secondMoment[0] = -1),
        contradiction("concept means", s -> s.lanes.get(0).conceptMeans[0] = Float.NaN),
        contradiction("weight-net parameters", s -> s.lanes.get(1).weightNet[0] = -1f / 0),
        contradiction("lane weights", s -> s.laneWeights[0] = -0.1),
        contradiction("sum of lane weights", s -> s.laneWeights[0] += 0.01),
        contradiction("trusted counts", s -> s.trustedCounts[1] = -1),
        contradiction("ordinary label", s -> s.reservoir.add(0, example(2))),
        contradiction("ordinary label", s -> s.reservoir.add(0, example(-2))),
        contradiction("pair counts", s -> s.belief.pairCounts[0][1] = -1),
        contradiction("coefficients", s -> s.belief.errors.coefficients[1][0] = Double.NaN),
        contradiction("variances of concepts", s -> s.belief.errors.variance[0] = -1),
        contradiction("shares of labels", s -> s.belief.observedShares[0] += 0.1),
        contradiction("shares of classes", s -> s.belief.trueShares[1] = 0),
        contradiction("labels seen", s -> s.belief.labels = -1),
        contradiction("drift state", s -> s.drift.arrays().get(0)[0] = Double.NaN),
        contradiction("drift monitor's state", s -> s.drift.arrays().get(5)[0] = 9),
        contradiction("drift monitor's kind", s -> s.drift.arrays().get(5)[1] = 0.5),
        contradiction(
            "challenger's share",
            s -> s.challenger = new Challenger(s.lanes, s.laneWeights.clone(), 1, 0, 0)),
        contradiction(
            "sum of lane weights",
            s -> s.challenger = new Challenger(s.lanes, new double[] {1, 1}, 0.5, 0, 0)),
        contradiction(
            "trusted events of class 1",
            s -> {
              for (int i = 0; i < 21; i++) {
                s.reservoir.addSeasoned(1, new TrustedExample(i, new float[4], 0));
              }
            }),
        contradiction("accepted micro-samples", s -> s.mubo = List.of(mubo(-1, 4))),
        contradiction("inputs", s -> s.mubo = List.of(mubo(1, 3))),
        contradiction("names of lanes", s -> s.blueprint = blueprint(1, 3, 2)),
        contradiction(
            "lane weights",
            s -> {
              s.drawnFrom = 7L;
              s.blueprint = blueprint(3, 3, 2);
            }),
        contradiction("features of concept c", s -> s.blueprint = blueprint(2, 4, 2)),
        contradiction("order", s -> s.blueprint = blueprint(2, 3, 4)),
        contradiction("inputs", s -> s.reservoir.add(0, new TrustedExample(0, new float[3], 0))),
        contradiction("label", s -> s.pending.add(pending(2, 4))),
        contradiction("label", s -> s.pending.add(pending(-1, 4))),
        contradiction("inputs", s -> s.pending.add(pending(1, 5))));
  }

  private static MuboState mubo(long accepted, int features) {
    MuboState lane = new MuboState(2);
    lane.accepted = accepted;
    lane.rows[1].add(new float[features]);
    return lane;
  }

  private static Blueprint blueprint(int lanes, int feature, int order) {
    return new Blueprint(
        List.of(new Concept("c", List.of(feature))),
        List.of(2),
        true,
        BatmSpec.InputLayer.LINEAR,
        Normalisation.RUNNING,
        order,
        3,
        0,
        "cusum",
        Collections.nCopies(lanes, new Blueprint.Lane("lane", "", false)));
  }

  private static TrustedExample example(int observed) {
    return new TrustedExample(0, new float[4], observed);
  }

  private static Arguments contradiction(String what, Consumer<LearnerState> cause) {
    return Arguments.of(what, cause);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("contradictions")
  void aContradictionIsRefusedByName(String what, Consumer<LearnerState> cause) {
    LearnerState state = state();
    cause.accept(state);

    assertThatThrownBy(() -> LearnerStateCodec.decode(LearnerStateCodec.encode(state)))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining(what);
  }

  @Test
  void aReservoirOfNoCapacityAndALearnerOfOneClassAreRefused() {
    assertThatThrownBy(() -> decodeWith(new TrustedReservoir(2, 0), new long[2]))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("0 as trusted events kept per class");
    assertThatThrownBy(() -> decodeWith(new TrustedReservoir(2, -5), new long[2]))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("-5 as trusted events kept per class");
    assertThatThrownBy(() -> decodeWith(new TrustedReservoir(1, 5), new long[1]))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("1 as classes");
  }

  private static LearnerState decodeWith(TrustedReservoir reservoir, long[] trustedCounts) {
    LearnerState state = state();
    return LearnerStateCodec.decode(
        LearnerStateCodec.encode(
            new LearnerState(
                KEY,
                state.architecture,
                state.standardizer,
                state.lanes,
                state.laneWeights,
                reservoir,
                trustedCounts,
                state.belief,
                state.drift,
                state.sets,
                new SeededRandom(1))));
  }

  private static PendingEvent pending(int label, int features) {
    float[] belief = {0.2f, 0.8f};
    return new PendingEvent("x", 0, label, 1, new float[features], 0.5f, belief, belief);
  }

  /** Small, with something in every field. */
  private static LearnerState state() {
    BatmSpec spec = Learners.spec(2, 2, Normalisation.RUNNING, 0);
    LearnerSettings settings = Learners.settings(spec, List.of("uniform", "bilevel"), 1);
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"))) {
      LearnerState state = learner.create(KEY);
      for (int n = 0; n < 14; n++) {
        learner.observeTrusted(state, stream.trusted(KEY, n));
        learner.observe(state, stream.labelled(KEY, n));
        if (learner.isBatchFull(state)) {
          learner.learn(state);
        }
      }
      state.skippedSteps = 1;
      return state;
    }
  }
}
