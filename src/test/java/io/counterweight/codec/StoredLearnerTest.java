package io.counterweight.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.compute.Backends;
import io.counterweight.compute.StepSettings;
import io.counterweight.compute.StepSettings.LookAhead;
import io.counterweight.compute.TrainingState;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.learner.Blueprint;
import io.counterweight.learner.LaneSettings;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.MixtureSettings;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.learner.ScoringModel;
import io.counterweight.learner.TrustedSettings;
import io.counterweight.learner.UpperSettings;
import io.counterweight.meta.WeightInputs;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.optim.Adam;
import io.counterweight.sampling.MuboState;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import io.counterweight.support.Learners;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/**
 * The bytes of each codec version, kept for ever: state that a user's savepoint may hold. A new
 * version gets a file and a test of its own; the old files are never written again. Nothing here
 * comes from the other tests' support, which may change.
 */
class StoredLearnerTest {
  private static final String VERSION_1 = "/state/learner-v1.bin";
  private static final String VERSION_2 = "/state/learner-v2.bin";
  private static final String VERSION_3 = "/state/learner-v3.bin";
  private static final String SCORING_VERSION_1 = "/state/scoring-model-v1.bin";
  private static final String VERSION_4 = "/state/learner-v4.bin";
  private static final String VERSION_4_DRAWN = "/state/learner-v4-drawn.bin";
  private static final int FEATURES = 3;

  @Test
  void version1IsRead() throws IOException {
    byte[] bytes = stored(VERSION_1);

    LearnerState state = LearnerStateCodec.decode(bytes);

    assertThat(bytes).hasSizeLessThan(50_000);
    assertThat(state.modelKey).isEqualTo("kept/for ever é");
    assertThat(state.predicted).isEqualTo(23);
    assertThat(state.version).isEqualTo(5);
    assertThat(state.skippedSteps).isZero();
    assertThat(state.trainedUntil).isEqualTo(1_700_000_019_000L);
    assertThat(state.latestEventTime).isEqualTo(1_700_000_022_500L);
    assertThat(state.random.state()).isEqualTo(RANDOM_STATE);
    assertThat(state.standardizer.count).containsExactly(23, 23, 18);
    assertThat(state.lanes).hasSize(2);
    assertThat(state.lanes.get(0).weightNet).isEmpty();
    assertThat(state.lanes.get(1).weightNet).hasSize(5 * 3 + 5 + 5 + 1);
    assertThat(state.lanes.get(1).adam.steps).isEqualTo(5);
    assertThat(state.laneWeights[0]).isCloseTo(LANE_WEIGHT, within(1e-15));
    assertThat(state.reservoir.perClass()).isEqualTo(6);
    assertThat(state.trustedCounts).containsExactly(6, 6);
    assertThat(state.reservoir.size(0)).isEqualTo(6);
    assertThat(state.reservoir.size(1)).isEqualTo(6);
    assertThat(state.reservoir.fresh(1)).hasSize(FRESH);
    assertThat(state.pending)
        .extracting("eventId")
        .containsExactly("event-20", "event-21", "event-22");
    assertThat(state.pending.get(2).label()).isZero();
    assertThat(checksum(state)).isEqualTo(CHECKSUM);
  }

  /**
   * What the stored model says is what it said when it was stored, and the learner goes on from it,
   * with an average of its parameters from here on. How it goes on may change.
   */
  @Test
  void version1Continues() throws IOException {
    LearnerState state = LearnerStateCodec.decode(stored(VERSION_1));

    Prediction prediction;
    try (OnlineLearner learner = learner()) {
      learner.adopt(state);
      prediction = learner.observe(state, event("last", 28, Event.NO_LABEL));
      assertThat(continued(learner, state).modelVersion()).isEqualTo(7);
    }

    assertThat(prediction.modelVersion()).isEqualTo(5);
    assertThat(prediction.probabilities()[1]).isCloseTo(PROBABILITY, within(1e-4f));
    assertThat(prediction.contributions().get("pair")).isCloseTo(CONTRIBUTION, within(1e-4f));
  }

  private static final long RANDOM_STATE = 0xed67dad5d6bba1d9L;
  private static final double LANE_WEIGHT = 0.49977318924315756;
  private static final int FRESH = 1;
  private static final long CHECKSUM = 2095399508L;
  private static final float PROBABILITY = 0.5167194f;
  private static final float CONTRIBUTION = 0.020008584f;

  @Test
  void version2IsReadAndContinues() throws IOException {
    byte[] bytes = stored(VERSION_2);

    LearnerState state = LearnerStateCodec.decode(bytes);

    assertThat(bytes).hasSizeLessThan(50_000);
    assertThat(state.mubo).isEmpty();
    assertThat(state.blueprint.isKnown()).isFalse();
    assertThat(state.lanes.get(0).averaged).hasSameSizeAs(state.lanes.get(0).parameters);
    assertThat(state.challenger.share).isCloseTo(0.5, within(0.01));
    assertThat(state.pool).hasSize(8);
    assertThat(state.pending).hasSize(3);
    assertThat(state.belief.labels).isEqualTo(43);
    assertThat(state.belief.pairCounts[0][0] + state.belief.pairCounts[1][1]).isPositive();
    assertThat(state.sets).hasSize(2);
    assertThat(checksum(state)).isEqualTo(CHECKSUM_2);
    try (OnlineLearner learner = learner(0.9f)) {
      learner.adopt(state);
      assertThat(learner.observe(state, event("next", 43, 1)).laneWeights()).hasSize(4);
      learner.learn(state);
      assertThat(state.version).isEqualTo(11);
    }
  }

  private static final long CHECKSUM_2 = 3004127734L;

  @Test
  void version3IsReadAndContinues() throws IOException {
    byte[] bytes = stored(VERSION_3);

    LearnerState state = LearnerStateCodec.decode(bytes);

    assertThat(bytes).hasSizeLessThan(50_000);
    MuboState mubo = state.mubo.get(0);
    assertThat(state.mubo).hasSize(1);
    assertThat(mubo.accepted + mubo.rejected).isEqualTo(10);
    assertThat(mubo.rows[0].capacity()).isEqualTo(16);
    assertThat(mubo.rows[1].size()).isPositive();
    assertThat(state.challenger.mubo).hasSize(1);
    assertThat(state.blueprint.lanes())
        .containsExactly(
            new Blueprint.Lane("uniform", "", false), new Blueprint.Lane("mubo", "", true));
    assertThat(state.blueprint.concepts()).extracting(Concept::name).contains("pair", "single");
    assertThat(state.blueprint.hidden()).containsExactly(4, 3);
    assertThat(checksum(state)).isEqualTo(CHECKSUM_3);
    try (OnlineLearner learner = muboLearner()) {
      learner.adopt(state);
      assertThat(learner.observe(state, event("next", 43, 1)).laneWeights()).hasSize(4);
      learner.learn(state);
      assertThat(state.version).isEqualTo(11);
    }
  }

  private static final long CHECKSUM_3 = 1163305005L;

  @Test
  void theScoringModelOfVersion1PredictsAsItsLearner() throws IOException {
    ScoringModel model = ScoringModelCodec.decode(stored(SCORING_VERSION_1));
    LearnerState state = LearnerStateCodec.decode(stored(VERSION_3));

    try (OnlineLearner learner = muboLearner()) {
      learner.adopt(state);
      Prediction expected = learner.score(state, event("next", 43, 1));
      RecordCodec<Prediction> codec = RecordType.PREDICTION.newCodec();
      Prediction scored = learner.score(learner.adopt(model), event("next", 43, 1));
      assertThat(codec.encode(scored)).isEqualTo(codec.encode(expected));
      assertThat(expected.laneWeights()).hasSize(4);
    }
    assertThat(ScoringModelCodec.encode(model)).isEqualTo(stored(SCORING_VERSION_1));
  }

  /** How scoring-model-v1.bin came to be; see {@link #writeVersion1}. */
  @Test
  @Disabled("writes a file that must not change")
  void writeScoringVersion1() throws IOException {
    try (OnlineLearner learner = muboLearner()) {
      LearnerState state = LearnerStateCodec.decode(stored(VERSION_3));
      learner.adopt(state);
      Files.write(
          Path.of("src/test/resources" + SCORING_VERSION_1),
          ScoringModelCodec.encode(ScoringModel.of(state)));
    }
  }

  @Test
  void version4IsReadAndContinues() throws IOException {
    byte[] bytes = stored(VERSION_4);

    LearnerState state = LearnerStateCodec.decode(bytes);

    assertThat(bytes).hasSizeLessThan(50_000);
    assertThat(LearnerStateCodec.encode(state)).isEqualTo(bytes);
    assertThat(state.drawnFrom).isNull();
    assertThat(state.challenger.mubo).hasSize(1);
    assertThat(checksum(state)).isEqualTo(CHECKSUM_3);
    try (OnlineLearner learner = muboLearner()) {
      learner.adopt(state);
      assertThat(learner.observe(state, event("next", 43, 1)).laneWeights()).hasSize(4);
      learner.learn(state);
      assertThat(state.version).isEqualTo(11);
    }
  }

  @Test
  void version4WithLanesThatAreDrawnAgainIsReadAndContinues() throws IOException {
    byte[] bytes = stored(VERSION_4_DRAWN);

    LearnerState state = LearnerStateCodec.decode(bytes);

    assertThat(bytes).hasSizeLessThan(3_000);
    assertThat(LearnerStateCodec.encode(state)).isEqualTo(bytes);
    assertThat(state.lanes).isEmpty();
    assertThat(state.laneWeights).hasSize(2);
    assertThat(state.pending).hasSize(3);
    try (OnlineLearner learner = muboLearner()) {
      learner.adopt(state);
      assertThat(checksum(state)).isEqualTo(CHECKSUM_4_DRAWN);
      assertThat(LearnerStateCodec.encode(state)).isEqualTo(bytes);
      learner.observe(state, event("next", 3, 1));
      learner.learn(state);
      assertThat(state.version).isEqualTo(1);
    }
  }

  private static final long CHECKSUM_4_DRAWN = 3003112360L;

  /** How the files of version 4 came to be; see {@link #writeVersion1}. */
  @Test
  @Disabled("writes files that must not change")
  void writeVersion4() throws IOException {
    try (OnlineLearner learner = muboLearner()) {
      LearnerState state = lived(learner);
      Files.write(Path.of("src/test/resources" + VERSION_4), LearnerStateCodec.encode(state));
      LearnerState young = learner.create("kept/for ever é");
      for (int n = 0; n < 3; n++) {
        learner.observe(young, event("event-" + n, n, label(n)));
      }
      Files.write(Path.of("src/test/resources" + VERSION_4_DRAWN), LearnerStateCodec.encode(young));
      System.out.printf("CHECKSUM_4_DRAWN = %dL%n", checksum(young));
    }
  }

  /** How learner-v3.bin came to be; see {@link #writeVersion1}. */
  @Test
  @Disabled("writes a file that must not change")
  void writeVersion3() throws IOException {
    try (OnlineLearner learner = muboLearner()) {
      LearnerState state = lived(learner);
      Files.write(Path.of("src/test/resources" + VERSION_3), LearnerStateCodec.encode(state));
      System.out.printf("CHECKSUM_3 = %dL%n", checksum(state));
    }
  }

  /** How learner-v2.bin came to be; see {@link #writeVersion1}. */
  @Test
  @Disabled("writes a file that must not change")
  void writeVersion2() throws IOException {
    try (OnlineLearner learner = learner(0.9f)) {
      LearnerState state = lived(learner);
      Files.write(Path.of("src/test/resources" + VERSION_2), LearnerStateCodec.encode(state));
      System.out.printf("CHECKSUM_2 = %dL%n", checksum(state));
    }
  }

  private static LearnerState lived(OnlineLearner learner) {
    LearnerState state = learner.create("kept/for ever é");
    for (int n = 0; n < 43; n++) {
      learner.observe(state, event("event-" + n, n, label(n)));
      if (n % 2 == 0) {
        learner.observeTrusted(state, event("event-" + n, n, n / 2 % 2));
      }
      if (learner.isBatchFull(state)) {
        learner.learn(state);
      }
      if (n == 41) {
        learner.tellOfConceptDrift(state, 1_700_000_041_000L, 1_700_000_020_000L);
      }
    }
    return state;
  }

  /**
   * How learner-v1.bin came to be. To be run by hand, for a new version under a new name; prints
   * what the tests above expect.
   */
  @Test
  @Disabled("writes a file that must not change")
  void writeVersion1() throws IOException {
    try (OnlineLearner learner = learner()) {
      LearnerState state = learner.create("kept/for ever é");
      for (int n = 0; n < 23; n++) {
        if (n % 2 == 0) {
          learner.observeTrusted(state, event("trusted-" + n, n, n / 2 % 2));
        }
        learner.observe(state, event("event-" + n, n, label(n)));
        if (learner.isBatchFull(state)) {
          learner.learn(state);
        }
      }
      Path file = Path.of("src/test/resources" + VERSION_1);
      Files.createDirectories(file.getParent());
      Files.write(file, LearnerStateCodec.encode(state));
      System.out.printf(
          "RANDOM_STATE = %#xL, LANE_WEIGHT = %s, FRESH = %d, CHECKSUM = %dL%n",
          state.random.state(),
          state.laneWeights[0],
          state.reservoir.fresh(1).size(),
          checksum(state));
      Prediction prediction = continued(learner, state);
      System.out.printf(
          "PROBABILITY = %sf, CONTRIBUTION = %sf%n",
          prediction.probabilities()[1], prediction.contributions().get("pair"));
    }
  }

  /** Two more mini-batches, then a prediction. */
  private static Prediction continued(OnlineLearner learner, LearnerState state) {
    for (int n = 23; n < 28; n++) {
      learner.observe(state, event("event-" + n, n, label(n)));
      if (learner.isBatchFull(state)) {
        learner.learn(state);
      }
    }
    return learner.observe(state, event("last", 28, Event.NO_LABEL));
  }

  private static int label(int n) {
    return n % 3 == 0 ? 1 : n % 11 == 0 ? 0 : n % 2;
  }

  private static Event event(String id, int n, int label) {
    float[] features = {n % 5 - 2 * (n % 2), (n * 7 % 13) / 4f, n % 5 == 1 ? Float.NaN : n % 7};
    long offset = id.startsWith("trusted") ? 500 : 0;
    return new Event(
        id,
        "kept/for ever é",
        1_700_000_000_000L + 1_000L * n + offset,
        features,
        label,
        null,
        null);
  }

  private static OnlineLearner learner() {
    return learner(0);
  }

  private static OnlineLearner learner(float averaging) {
    return learner(
        "bilevel",
        lane("uniform", LaneSettings.Policy.UNIFORM, averaging),
        lane("bilevel", LaneSettings.Policy.BILEVEL, averaging));
  }

  private static OnlineLearner muboLearner() {
    return learner(
        "mubo",
        lane("uniform", LaneSettings.Policy.UNIFORM, 0.9f),
        lane("mubo", LaneSettings.Policy.MUBO, 0.9f));
  }

  private static OnlineLearner learner(String weightsLane, LaneSettings... lanes) {
    return new OnlineLearner(
        new LearnerSettings(
            new BatmSpec(
                FEATURES,
                2,
                List.of(new Concept("pair", List.of(0, 1)), new Concept("single", List.of(2))),
                List.of(4, 3),
                true,
                BatmSpec.InputLayer.LINEAR,
                BatmSpec.Normalisation.RUNNING,
                0.05f,
                1e-5f,
                0,
                0.01f,
                2,
                2,
                BatmSpec.Initialisation.TAYLOR,
                0,
                1e-4f),
            List.of(lanes),
            weightsLane,
            0.5f,
            4,
            100,
            10,
            new TrustedSettings(6, 4, 2, 3_600_000),
            Learners.BELIEF,
            0.3f,
            16,
            new UpperSettings(1, 8),
            new MixtureSettings(0.1f, 0.01f, 4, 0.3f),
            Learners.DRIFT,
            Learners.SETS,
            0,
            3,
            LearnerSettings.Decision.BALANCED,
            42),
        Backends.named("scalar"));
  }

  private static LaneSettings lane(String name, LaneSettings.Policy policy, float averaging) {
    StepSettings step = step(policy == LaneSettings.Policy.BILEVEL, averaging);
    return new LaneSettings(
        name, policy, LaneSettings.Balance.LOGIT, true, false, 0.05f, 0, 1, step);
  }

  private static StepSettings step(boolean steering, float averaging) {
    return new StepSettings(
        steering,
        new Adam(0.01f, 0.9f, 0.999f, 1e-4f, 0.01f),
        averaging,
        0,
        0.3f,
        5,
        WeightInputs.parse("loss+label"),
        new Adam(0.01f, 0.9f, 0.999f, 1e-4f, 0),
        WeightNormalisation.SUM,
        LookAhead.ADAM,
        100,
        1,
        3);
  }

  private static byte[] stored(String name) throws IOException {
    try (InputStream in = StoredLearnerTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  /** Of every float that a lane has learned. */
  private static long checksum(LearnerState state) {
    CRC32 crc = new CRC32();
    for (TrainingState lane : state.lanes) {
      for (float[] array :
          List.of(
              lane.parameters,
              lane.adam.firstMoment,
              lane.adam.secondMoment,
              lane.statistics,
              lane.conceptMeans,
              lane.weightNet,
              lane.weightAdam.firstMoment,
              lane.weightAdam.secondMoment)) {
        for (float value : array) {
          int bits = Float.floatToRawIntBits(value);
          for (int shift = 0; shift < 32; shift += 8) {
            crc.update(bits >>> shift);
          }
        }
      }
    }
    return crc.getValue();
  }
}
