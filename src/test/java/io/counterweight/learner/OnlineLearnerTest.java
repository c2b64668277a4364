package io.counterweight.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.compute.TrainingState;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.Initializer;
import io.counterweight.model.SeededRandom;
import io.counterweight.support.CpuBackend;
import io.counterweight.support.Floats;
import io.counterweight.support.Learners;
import io.counterweight.support.ReferenceBatm;
import io.counterweight.support.SyntheticStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnlineLearnerTest {
  private static final String KEY = "shop";

  @Test
  void everyPredictionIsThatOfTheModelAsItStands() {
    LearnerSettings settings = Learners.small();
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      for (int n = 0; n < 60; n++) {
        if (n % 3 == 0) {
          learner.observeTrusted(state, stream.trusted(KEY, n));
        }
        Event event = stream.labelled(KEY, n);
        float[] expected = twinProbabilities(settings, state, event);

        Prediction prediction = learner.observe(state, event);

        assertThat(prediction.probabilities()).containsExactly(expected, within(2e-5f));
        if (learner.isBatchFull(state)) {
          learner.learn(state);
        }
      }
    }
  }

  /** FLINK-36653: a servable that was built once and never saw a new model. */
  @Test
  void theVeryNextPredictionUsesTheNewModel() {
    LearnerSettings settings = Learners.small();
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      for (int n = 0; n < 3 * Learners.MINI_BATCH; n++) {
        learner.observe(state, stream.labelled(KEY, n));
      }
      Event next = stream.unlabelled(KEY, 100);
      float[] stale = twinProbabilities(settings, state, next);
      learner.observe(copy(state), next);

      learner.learn(state);
      float[] fresh = twinProbabilities(settings, state, next);
      Prediction prediction = learner.observe(state, next);

      assertThat(Math.abs(fresh[0] - stale[0])).isGreaterThan(1e-3f);
      assertThat(prediction.probabilities()).containsExactly(fresh, within(2e-5f));
      assertThat(prediction.modelVersion()).isEqualTo(1);
      assertThat(prediction.trainedUntil())
          .isEqualTo(stream.labelled(KEY, 3 * Learners.MINI_BATCH - 1).eventTime());
    }
  }

  /** The mixture of the lanes' logits by the twin, for an event that is not yet observed. */
  private static float[] twinProbabilities(
      LearnerSettings settings, LearnerState state, Event event) {
    float[] inputs = new float[settings.spec().features()];
    new Standardizer(settings.standardiserHorizon(), settings.standardiserClip())
        .standardise(state.standardizer, event.features(), inputs);
    ReferenceBatm twin = new ReferenceBatm(settings.spec());
    double[] mixed = new double[settings.spec().outputs()];
    for (int l = 0; l < state.lanes.size(); l++) {
      TrainingState lane = state.lanes.get(l);
      double[] logits =
          twin.evalForward(
                  Floats.toDoubles(lane.parameters),
                  Floats.toDoubles(lane.statistics),
                  new double[][] {Floats.toDoubles(inputs)})
              .logits()[0];
      for (int q = 0; q < mixed.length; q++) {
        mixed[q] += state.laneWeights[l] * logits[q];
      }
    }
    for (int q = 0; q < mixed.length; q++) {
      mixed[q] += Math.log(state.belief.trueShares[q]);
    }
    double sum = Arrays.stream(mixed).map(Math::exp).sum();
    return Floats.of(Arrays.stream(mixed).map(logit -> Math.exp(logit) / sum).toArray());
  }

  @Test
  void anEventIsPredictedBeforeItsOwnLabelIsKnown() {
    LearnerSettings settings = Learners.small();
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState withLabel = learner.create(KEY);
      LearnerState without = learner.create(KEY);
      for (LearnerState state : List.of(withLabel, without)) {
        run(learner, state, stream, 0, 15);
      }

      Prediction labelled = learner.observe(withLabel, stream.labelled(KEY, 15));
      Prediction unlabelled = learner.observe(without, stream.unlabelled(KEY, 15));

      assertThat(labelled)
          .usingRecursiveComparison()
          .withEqualsForType((a, b) -> a.compareTo(b) == 0, Float.class)
          .isEqualTo(unlabelled);
      assertThat(withLabel.pending).hasSize(without.pending.size() + 1);
    }
  }

  @Test
  void nothingSteersWithoutEnoughTrustedEventsOfTwoClasses() {
    LearnerSettings settings = Learners.small();
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      trust(learner, state, stream, 0, 10);
      trust(learner, state, stream, 1, 1);

      LearnReport report = run(learner, state, stream, 0, Learners.MINI_BATCH).get(0);

      assertThat(report.steered()).isFalse();
      assertThat(report.metaLoss()).isNaN();
      assertThat(report.effectiveSampleSize()).isCloseTo(Learners.MINI_BATCH, within(1e-4f));
      assertThat(report.weights())
          .allSatisfy(
              weight -> {
                assertThat(weight.weight()).isEqualTo(1);
                assertThat(weight.rawWeight()).isEqualTo(1);
                assertThat(weight.belief()).isEqualTo(1);
                assertThat(weight.alignment()).isNull();
                assertThat(weight.suspect()).isFalse();
              });
    }
  }

  @Test
  void trustedEventsOfTwoClassesSteer() {
    LearnerSettings settings = Learners.small();
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      trust(learner, state, stream, 0, 2);
      trust(learner, state, stream, 1, 2);

      LearnReport report = run(learner, state, stream, 0, Learners.MINI_BATCH).get(0);

      assertThat(report.steered()).isTrue();
      assertThat(report.metaLoss()).isPositive();
      assertThat(report.weights())
          .allSatisfy(
              weight -> {
                assertThat(weight.rawWeight()).isGreaterThan(0).isLessThan(1);
                assertThat(weight.suspect()).isFalse();
                assertThat(weight.lane()).isEqualTo("bilevel");
                assertThat(weight.modelVersion()).isEqualTo(1);
              });
      assertThat(report.weights().stream().mapToDouble(SampleWeight::weight).average())
          .hasValueCloseTo(1.0, within(1e-5));
      assertThat(report.weights().stream().map(SampleWeight::eventId))
          .containsExactly("shop-0", "shop-1", "shop-2", "shop-3");
    }
  }

  @Test
  void trustedEventsThatAreTooOldDoNotSteer() {
    LearnerSettings settings = Learners.small();
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      trust(learner, state, stream, 0, 5);
      trust(learner, state, stream, 1, 5);
      int later = (int) (settings.trusted().maximumAge() / SyntheticStream.STEP) + 100;

      LearnReport report = run(learner, state, stream, later, later + Learners.MINI_BATCH).get(0);

      assertThat(report.steered()).isFalse();
      assertThat(state.reservoir.size(0)).isZero();
      assertThat(state.trustedCounts).containsExactly(5, 5);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5})
  void contributionsAndBaseValueSumToTheLogitDifference(int classes) {
    LearnerSettings settings = Learners.of(Learners.spec(classes, 5, Normalisation.RUNNING, 0));
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      for (int n = 0; n < 200; n++) {
        learner.observeTrusted(state, stream.trusted(KEY, n));
        Prediction prediction = learner.observe(state, stream.labelled(KEY, n));
        double typical = differenceAtConceptMeans(settings, state, prediction.predictedClass());
        if (learner.isBatchFull(state)) {
          learner.learn(state);
        }

        assertThat((double) prediction.baseValue()).isCloseTo(typical, within(1e-4));
        double sum = prediction.baseValue();
        for (float contribution : prediction.contributions().values()) {
          sum += contribution;
        }
        assertThat(prediction.contributions()).containsOnlyKeys("amount", "place", "rest");
        assertThat(sum).isCloseTo(logitDifference(prediction), within(1e-4));
        assertThat(prediction.laneWeights().values().stream().mapToDouble(w -> w).sum())
            .isCloseTo(1, within(1e-6));
      }
      assertThat(state.laneWeights[0]).isNotEqualTo(0.5);
    }
  }

  @Test
  void interactionsNameTheStrongestPairsFirst() {
    LearnerSettings settings = Learners.of(Learners.spec(2, 5, Normalisation.RUNNING, 0));
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      run(learner, state, stream, 0, 60);
      Prediction prediction = learner.observe(state, stream.labelled(KEY, 60));

      List<Float> sizes = prediction.interactions().values().stream().map(Math::abs).toList();
      assertThat(prediction.interactions())
          .containsOnlyKeys("amount*place", "amount*rest", "place*rest");
      assertThat(sizes).isSortedAccordingTo(Comparator.reverseOrder()).allMatch(size -> size > 0);
    }
  }

  private static double logitDifference(Prediction prediction) {
    double[] probabilities = Floats.toDoubles(prediction.probabilities());
    double[] logits = Arrays.stream(probabilities).map(Math::log).toArray();
    return difference(logits, prediction.predictedClass());
  }

  /** Class 1 against class 0; with more classes the predicted one against the others' mean. */
  private static double difference(double[] logits, int predicted) {
    if (logits.length == 2) {
      return logits[1] - logits[0];
    }
    double others = Arrays.stream(logits).sum() - logits[predicted];
    return logits[predicted] - others / (logits.length - 1);
  }

  /** The mixture's logit difference where every concept is at its lane's running mean. */
  private static double differenceAtConceptMeans(
      LearnerSettings settings, LearnerState state, int predicted) {
    ReferenceBatm twin = new ReferenceBatm(settings.spec());
    double sum = 0;
    for (int l = 0; l < state.lanes.size(); l++) {
      TrainingState lane = state.lanes.get(l);
      double[][] means = {Floats.toDoubles(lane.conceptMeans)};
      double[] logits = twin.polynomial(Floats.toDoubles(lane.parameters), means)[0];
      sum += state.laneWeights[l] * difference(logits, predicted);
    }
    double[] shares = Arrays.stream(state.belief.trueShares).map(Math::log).toArray();
    return sum + difference(shares, predicted);
  }

  @Test
  void aPredictionSaysWhatItRestsOn() {
    LearnerSettings settings = Learners.small();
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      run(learner, state, stream, 0, 20);
      float[] features = {Float.NaN, 1e9f, 0, Float.NaN};

      Prediction prediction =
          learner.observe(state, new Event("odd", KEY, 5, features, Event.NO_LABEL, null, null));

      assertThat(prediction.eventId()).isEqualTo("odd");
      assertThat(prediction.modelKey()).isEqualTo(KEY);
      assertThat(prediction.eventTime()).isEqualTo(5);
      assertThat(prediction.missingFeatures()).isEqualTo(2);
      assertThat(prediction.clippedFeatures()).isEqualTo(1);
      assertThat(prediction.modelVersion()).isEqualTo(5);
      assertThat(prediction.uncertainty()).isBetween(0f, 1f);
      assertThat(prediction.predictedClass())
          .isEqualTo(prediction.probabilities()[1] > prediction.probabilities()[0] ? 1 : 0);
      assertThat(prediction.laneProbabilities()).containsOnlyKeys("uniform", "bilevel");
    }
  }

  @Test
  void lanesThatNothingSteersStayTheSame() {
    LearnerSettings settings =
        Learners.settings(
            Learners.spec(2, 4, Normalisation.RUNNING, 0), List.of("bilevel", "bilevel-too"), 1);
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);

      for (int n = 0; n < 40; n++) {
        Prediction prediction = learner.observe(state, stream.labelled(KEY, n));
        assertThat(prediction.laneProbabilities().get("bilevel"))
            .isEqualTo(prediction.laneProbabilities().get("bilevel-too"));
        if (learner.isBatchFull(state)) {
          learner.learn(state);
        }
      }

      assertThat(state.version).isPositive();
      assertThat(state.lanes.get(1).parameters).isEqualTo(state.lanes.get(0).parameters);
    }
  }

  @Test
  void theBetterLaneGainsOnTrustedEvents() {
    LearnerSettings settings = Learners.small();
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      float[] other = Initializer.parameters(settings.spec(), new SeededRandom(99));
      System.arraycopy(other, 0, state.lanes.get(1).parameters, 0, other.length);
      int judged = 0;
      for (int n = 0; n < 50; n++) {
        double before = state.laneWeights[0];
        double[] losses = learner.observeTrusted(state, stream.trusted(KEY, n)).losses();
        double after = state.laneWeights[0];
        run(learner, state, stream, 4 * n, 4 * n + 4);
        if (before > 0.1 && before < 0.9 && Math.abs(losses[0] - losses[1]) > 0.3) {
          assertThat(after > before).isEqualTo(losses[0] < losses[1]);
          judged++;
        }
      }
      assertThat(judged).isGreaterThan(5);
    }
  }

  @Test
  void equalSeedsAndKeysGiveEqualStatesAndNothingElseDoes() {
    byte[] state = stateAfter(Learners.seeded(1), KEY, 40, List.of());

    assertThat(stateAfter(Learners.seeded(1), KEY, 40, List.of())).isEqualTo(state);
    assertThat(stateAfter(Learners.seeded(2), KEY, 40, List.of())).isNotEqualTo(state);
    LearnerState one = LearnerStateCodec.decode(state);
    LearnerState other =
        LearnerStateCodec.decode(stateAfter(Learners.seeded(1), "shoq", 40, List.of()));
    assertThat(other.lanes.get(0).parameters).isNotEqualTo(one.lanes.get(0).parameters);
  }

  @Test
  void keysOfOneLearnerDoNotTouchEachOther() {
    byte[] alone = stateAfter(Learners.small(), KEY, 40, List.of());

    assertThat(stateAfter(Learners.small(), KEY, 40, List.of("a", "b", "shop2"))).isEqualTo(alone);
  }

  /** The state of a key after some events, while other keys are interleaved. */
  private static byte[] stateAfter(
      LearnerSettings settings, String key, int events, List<String> others) {
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(key);
      List<LearnerState> otherStates = others.stream().map(learner::create).toList();
      for (int n = 0; n < events; n++) {
        step(learner, state, stream, n);
        for (LearnerState other : otherStates) {
          step(learner, other, stream, 3 * n);
        }
      }
      return LearnerStateCodec.encode(state);
    }
  }

  static Stream<Arguments> restoredLearners() {
    return CpuBackend.all()
        .filter(CpuBackend::knowsTargets)
        .flatMap(
            backend ->
                Stream.of(
                        Learners.small(),
                        Learners.of(Learners.spec(3, 4, Normalisation.BATCH, 0.3f)),
                        Learners.of(Learners.spec(2, 5, Normalisation.NONE, 0)),
                        Learners.settings(
                            Learners.spec(2, 4, Normalisation.RUNNING, 0.2f),
                            List.of("uniform", "bilevel-a", "bilevel-b"),
                            3))
                    .skip(backend.isSlow() ? 3 : 0)
                    .map(settings -> Arguments.of(backend, settings)));
  }

  @ParameterizedTest(name = "{0} [{index}]")
  @MethodSource("restoredLearners")
  void aLearnerRestoredAtAnyEventContinuesAsIfItHadNeverStopped(
      CpuBackend backend, LearnerSettings settings) {
    int rest = 11 * settings.miniBatch();
    for (int stop = 0; stop <= 22; stop += 1 + stop / 6) {
      try (OnlineLearner learner = new OnlineLearner(settings, backend.backend());
          OnlineLearner successor = new OnlineLearner(settings, backend.backend())) {
        SyntheticStream stream = Learners.stream(settings);
        LearnerState state = learner.create(KEY);
        for (int n = 0; n < stop; n++) {
          step(learner, state, stream, n);
        }

        LearnerState restored = copy(state);
        successor.adopt(restored);
        for (int n = stop; n < stop + rest; n++) {
          step(learner, state, stream, n);
          step(successor, restored, stream, n);
        }

        assertThat(state.version).isGreaterThanOrEqualTo(11);
        assertThat(LearnerStateCodec.encode(restored))
            .as("restored after %d events", stop)
            .isEqualTo(LearnerStateCodec.encode(state));
      }
    }
  }

  @Test
  void wrongLabelsWeighLess() {
    LearnerSettings settings =
        Learners.settings(Learners.spec(2, 8, Normalisation.RUNNING, 0), List.of("bilevel"), 16, 5);
    SyntheticStream stream = Learners.stream(settings);
    double[] weight = new double[2];
    int[] count = new int[2];
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      for (int n = 0; n < 6000; n++) {
        learner.observe(state, stream.labelled(KEY, n));
        if (n % 10 == 0) {
          learner.observeTrusted(state, stream.trusted(KEY, n));
        }
        if (learner.isBatchFull(state)) {
          for (SampleWeight sample : learner.learn(state).weights()) {
            int number = Integer.parseInt(sample.eventId().substring(KEY.length() + 1));
            int wrong = stream.isWrong(KEY, number) ? 1 : 0;
            if (number > 3000) {
              weight[wrong] += sample.weight();
              count[wrong]++;
            }
          }
        }
      }
    }

    assertThat(count[1]).isGreaterThan(500);
    assertThat(weight[1] / count[1]).isLessThan(0.7 * weight[0] / count[0]);
  }

  @Test
  void eventsThatDoNotFitAreRefusedAndChangeNothing() {
    LearnerSettings settings = Learners.small();
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      byte[] before = LearnerStateCodec.encode(state);
      Event narrow = new Event("narrow", KEY, 0, new float[3], 0, null, null);
      Event foreign = new Event("foreign", KEY, 0, new float[4], 2, null, null);
      Event unlabelled = new Event("bare", KEY, 0, new float[4], Event.NO_LABEL, null, null);

      assertThatThrownBy(() -> learner.observe(state, narrow))
          .hasMessage("Event narrow has 3 features, the model has 4");
      assertThatThrownBy(() -> learner.observeTrusted(state, foreign))
          .hasMessage("Event foreign has label 2, the model has classes 0 to 1");
      assertThatThrownBy(() -> learner.observeTrusted(state, unlabelled))
          .hasMessage("Trusted event bare has no label");
      assertThatThrownBy(() -> learner.learn(state))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Nothing is pending for key shop");

      assertThat(LearnerStateCodec.encode(state)).isEqualTo(before);
    }
  }

  @Test
  void aStateOfOtherSettingsIsRefusedWithWhatDiffers() {
    try (OnlineLearner learner = learner(Learners.small())) {
      assertRefused(learner, Learners.of(Learners.spec(2, 5, Normalisation.RUNNING, 0)))
          .contains("'shop' has hidden widths [5, 3], the configuration asks for [4, 3]")
          .contains("restore with the configuration that wrote it");
      assertRefused(learner, Learners.of(Learners.spec(5, 4, Normalisation.RUNNING, 0)))
          .contains("5 features");
      assertRefused(learner, Learners.of(Learners.spec(3, 4, Normalisation.RUNNING, 0)))
          .contains("3 classes");
      assertRefused(learner, Learners.of(Learners.spec(2, 4, Normalisation.BATCH, 0)))
          .contains("normalisation BATCH, the configuration asks for RUNNING");
      assertRefused(
              learner,
              Learners.settings(
                  Learners.spec(2, 4, Normalisation.RUNNING, 0), List.of("plain", "control"), 1))
          .contains("the lanes [plain, control], the configuration asks for [uniform, bilevel]");
      learner.adopt(learner.create("another key"));
    }
  }

  private static AbstractStringAssert<?> assertRefused(
      OnlineLearner learner, LearnerSettings wrote) {
    try (OnlineLearner writer = learner(wrote)) {
      LearnerState state = writer.create(KEY);
      List<String> messages = new ArrayList<>();
      try {
        learner.adopt(state);
      } catch (IllegalStateException e) {
        messages.add(e.getMessage());
      }
      assertThat(messages).hasSize(1);
      return assertThat(messages.get(0));
    }
  }

  @Test
  void lanesThatNothingHasChangedAreStoredByTheirDraw() {
    LearnerSettings settings = Learners.small();
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = learner(settings)) {
      LearnerState state = learner.create(KEY);
      int smallest = LearnerStateCodec.encode(state).length;
      learner.observe(state, stream.unlabelled(KEY, 0));
      learner.observe(state, stream.labelled(KEY, 1));
      learner.observeTrusted(state, stream.trusted(KEY, 1));

      byte[] bytes = LearnerStateCodec.encode(state);
      LearnerState restored = LearnerStateCodec.decode(bytes);
      learner.adopt(restored);

      assertThat(bytes.length).isLessThan(smallest + 1000);
      assertThat(restored.lanes).usingRecursiveComparison().isEqualTo(state.lanes);
      learner.learn(state);
      assertThat(state.drawnFrom).isNull();
      assertThat(LearnerStateCodec.encode(state).length)
          .isGreaterThan(smallest + 12 * state.lanes.get(0).parameters.length);
    }
  }

  private static OnlineLearner learner(LearnerSettings settings) {
    return new OnlineLearner(settings, Backends.named("scalar"));
  }

  private static LearnerState copy(LearnerState state) {
    return LearnerStateCodec.decode(LearnerStateCodec.encode(state));
  }

  /** Labelled events of {@code [from, to)}; one report for each mini-batch. */
  private static List<LearnReport> run(
      OnlineLearner learner, LearnerState state, SyntheticStream stream, int from, int to) {
    List<LearnReport> reports = new ArrayList<>();
    for (int n = from; n < to; n++) {
      learner.observe(state, stream.labelled(state.modelKey, n));
      if (learner.isBatchFull(state)) {
        reports.add(learner.learn(state));
      }
    }
    return reports;
  }

  /** Event n, and with some a trusted one. */
  private static void step(
      OnlineLearner learner, LearnerState state, SyntheticStream stream, int n) {
    if (n % 2 == 0) {
      learner.observeTrusted(state, stream.trusted(state.modelKey, n));
    }
    run(learner, state, stream, n, n + 1);
  }

  /** The first trusted events of a class. */
  private static void trust(
      OnlineLearner learner, LearnerState state, SyntheticStream stream, int label, int count) {
    int left = count;
    for (int n = 0; left > 0; n++) {
      Event event = stream.trusted(state.modelKey, n);
      if (event.label() == label) {
        learner.observeTrusted(state, event);
        left--;
      }
    }
  }

  /** Old statistics, events of a distribution that has moved and stretched since. */
  @Test
  void aModelIsJudgedOnAnotherVersionsTrustedEventsAsItStandardisesThemItself() {
    LearnerSettings settings = Learners.small();
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"))) {
      LearnerState old = learner.create("k");
      for (int n = 0; n < 200; n++) {
        learner.observe(old, stream.labelled("k", n));
        learner.observeTrusted(old, stream.trusted("k", n));
        if (learner.isBatchFull(old)) {
          learner.learn(old);
        }
      }
      LearnerState next = LearnerStateCodec.decode(LearnerStateCodec.encode(old));
      next.reservoir.expire(Long.MAX_VALUE);
      for (int f = 0; f < settings.spec().features(); f++) {
        next.standardizer.mean[f] += 5;
        next.standardizer.variance[f] *= 2;
      }
      double[] loss = new double[2];
      int[] count = new int[2];
      for (int n = 300; n < 312; n++) {
        Event event = moved(stream.trusted("k", n), n);
        learner.observeTrusted(next, event);
        loss[event.label()] += balancedLoss(learner.score(old, event), event.label());
        count[event.label()]++;
      }
      assertThat(next.reservoir.size(0) + next.reservoir.size(1)).isEqualTo(12);
      double expected = (loss[0] / count[0] + loss[1] / count[1]) / 2;

      double judged = learner.trustedLoss(ScoringModel.of(old), next);

      assertThat(judged).isCloseTo(expected, within(1e-4));
    }
  }

  private static Event moved(Event event, int n) {
    float[] x = event.features();
    for (int f = 0; f < x.length; f++) {
      x[f] = (float) (5 + Math.sqrt(2) * x[f]);
    }
    x[3] = n % 4 == 0 ? Float.NaN : x[3];
    return new Event(event.eventId(), "k", event.eventTime(), x, event.label(), null, null);
  }

  /** As if both classes were equally frequent. */
  private static double balancedLoss(Prediction prediction, int label) {
    double[] ratio = new double[2];
    for (int k = 0; k < 2; k++) {
      ratio[k] = prediction.probabilities()[k] / prediction.classShares()[k];
    }
    return -Math.log(ratio[label] / (ratio[0] + ratio[1]));
  }
}
