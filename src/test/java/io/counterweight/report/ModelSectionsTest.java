package io.counterweight.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.compute.TrainingState;
import io.counterweight.event.Event;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.support.Learners;
import io.counterweight.support.ReferenceBatm;
import io.counterweight.support.SyntheticStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSectionsTest {
  /** The pictures' numbers have six digits, those at which they are taken too. */
  private static final double ROUNDING = 1e-4;

  private static LearnerState learned(LearnerSettings settings, FeatureSample sample) {
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"))) {
      LearnerState state = learner.create("key");
      for (int n = 0; n < 300; n++) {
        Event event = stream.labelled("key", n);
        sample.offer(event);
        learner.observe(state, event);
        if (n % 10 == 0) {
          learner.observeTrusted(state, stream.trusted("key", n));
        }
        if (learner.isBatchFull(state)) {
          learner.learn(state);
        }
      }
      return state;
    }
  }

  private static LearnerSettings settings(int classes) {
    return Learners.of(Learners.spec(classes, 4, Normalisation.RUNNING, 0));
  }

  private static Map<String, Object> pictures(
      LearnerSettings settings, LearnerState state, FeatureSample sample) {
    BatmSpec spec = settings.spec();
    try (ModelSections sections =
        new ModelSections(
            spec, BatmSpec.featureNames(spec.features()), 10, Backends.named("scalar"))) {
      return sections.values(state, 1234, sample, true);
    }
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  private static double line(double[] logits, int line) {
    return logits.length == 2
        ? logits[1] - logits[0]
        : logits[line] - (Arrays.stream(logits).sum() - logits[line]) / (logits.length - 1);
  }

  @SuppressWarnings("unchecked")
  private static List<Double> numbers(Object list) {
    return (List<Double>) list;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void lanesThatWereOnlyDrawnHaveNoPictures(boolean challenged) {
    LearnerSettings settings = settings(2);
    LearnerState drawn;
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"))) {
      LearnerState state = learner.create("key");
      drawn = LearnerStateCodec.decode(LearnerStateCodec.encode(state));
      if (challenged) {
        learner.tellOfConceptDrift(state, 1_000_000, 900_000);
        drawn.challenger = state.challenger;
      }
    }

    assertThat(pictures(settings, drawn, null))
        .containsEntry("key", "key")
        .containsEntry("lanes", List.of());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void anEffectIsTheDifferenceOfLogitsWhereOnlyThatConceptMoves(int classes) {
    LearnerSettings settings = settings(classes);
    FeatureSample sample = new FeatureSample(200, 1);
    LearnerState state = learned(settings, sample);

    List<Map<String, Object>> lanes = Results.maps(pictures(settings, state, sample).get("lanes"));

    assertThat(lanes).extracting(lane -> lane.get("name")).containsExactly("uniform", "bilevel");
    ReferenceBatm twin = new ReferenceBatm(settings.spec());
    for (int l = 0; l < lanes.size(); l++) {
      TrainingState lane = state.lanes.get(l);
      ConceptEffects effects = new ConceptEffects(settings.spec(), lane);
      double[] typical = doubles(lane.conceptMeans);
      double[] base = twin.polynomial(doubles(lane.predicting()), new double[][] {typical})[0];
      List<Map<String, Object>> concepts = Results.maps(lanes.get(l).get("concepts"));
      assertThat(concepts).hasSize(3);
      for (Map<String, Object> concept : concepts) {
        int c = List.of("amount", "place", "rest").indexOf(concept.get("name"));
        List<?> effect = (List<?>) concept.get("effect");
        assertThat(effect).hasSize(classes == 2 ? 1 : classes);
        List<Double> grid = numbers(concept.get("z"));
        for (int i = 0; i < grid.size(); i++) {
          double[] moved = typical.clone();
          moved[c] = grid.get(i);
          double[] logits = twin.polynomial(doubles(lane.predicting()), new double[][] {moved})[0];
          for (int line = 0; line < effect.size(); line++) {
            assertThat(effects.alone(line, c, grid.get(i)))
                .isEqualTo(line(logits, line) - line(base, line), within(1e-9));
            assertThat(numbers(effect.get(line)).get(i))
                .isEqualTo(line(logits, line) - line(base, line), within(ROUNDING));
          }
        }
      }
    }
  }

  @Test
  void aConceptOfOneFeatureIsDrawnInTheFeaturesUnit() {
    LearnerSettings settings = settings(2);
    FeatureSample sample = new FeatureSample(1000, 1);
    LearnerState state = learned(settings, sample);

    Map<String, Object> model = pictures(settings, state, sample);

    assertThat(model)
        .containsEntry("sample", 300)
        .containsEntry("sampleOf", "events of the run")
        .containsEntry("bytes", 1234L);
    Map<String, Object> lane = Results.maps(model.get("lanes")).get(1);
    for (Map<String, Object> concept : Results.maps(lane.get("concepts"))) {
      if (!concept.get("name").equals("amount")) {
        assertThat(concept.get("byFeature")).isNull();
        continue;
      }
      Map<String, Object> byFeature = Results.map(concept.get("byFeature"));
      assertThat(byFeature).containsEntry("feature", "x0");
      ReferenceBatm twin = new ReferenceBatm(settings.spec());
      TrainingState of = state.lanes.get(1);
      double[] typical = doubles(of.conceptMeans);
      double[] parameters = doubles(of.predicting());
      double base = line(twin.polynomial(parameters, new double[][] {typical})[0], 0);
      List<Double> x = numbers(byFeature.get("x"));
      for (int i = 0; i < x.size(); i++) {
        double[] inputs = new double[settings.spec().features()];
        inputs[0] =
            (x.get(i) - state.standardizer.mean[0])
                / Math.sqrt(state.standardizer.variance[0] + 1e-8);
        double[] moved = typical.clone();
        moved[0] =
            twin.evalForward(parameters, doubles(of.statistics), new double[][] {inputs})
                .concepts()[0][0];
        double logit = line(twin.polynomial(parameters, new double[][] {moved})[0], 0);
        assertThat(numbers(((List<?>) byFeature.get("effect")).get(0)).get(i))
            .isEqualTo(logit - base, within(1e-3));
      }
      assertThat(((List<?>) byFeature.get("density")).stream().mapToLong(n -> (long) n).sum())
          .isBetween(296L, 300L);
    }
  }

  @Test
  void aPairIsWhatBothAddBeyondEachAlone() {
    LearnerSettings settings = settings(2);
    FeatureSample sample = new FeatureSample(100, 1);
    LearnerState state = learned(settings, sample);
    double[] shares = state.modelShares();
    int strongest = shares[0] >= shares[1] ? 0 : 1;

    List<Map<String, Object>> lanes = Results.maps(pictures(settings, state, sample).get("lanes"));

    assertThat(lanes.get(1 - strongest)).doesNotContainKey("pairs");
    List<Map<String, Object>> pairs = Results.maps(lanes.get(strongest).get("pairs"));
    assertThat(pairs).hasSize(3);
    TrainingState lane = state.lanes.get(strongest);
    ReferenceBatm twin = new ReferenceBatm(settings.spec());
    double[] parameters = doubles(lane.predicting());
    for (Map<String, Object> pair : pairs) {
      int a = List.of("amount", "place", "rest").indexOf(pair.get("a"));
      int b = List.of("amount", "place", "rest").indexOf(pair.get("b"));
      double za = numbers(pair.get("zA")).get(2);
      double zb = numbers(pair.get("zB")).get(11);
      double[] typical = doubles(lane.conceptMeans);
      double[] onlyA = typical.clone();
      onlyA[a] = za;
      double[] onlyB = typical.clone();
      onlyB[b] = zb;
      double[] both = onlyA.clone();
      both[b] = zb;
      double[][] f = twin.polynomial(parameters, new double[][] {typical, onlyA, onlyB, both});
      double expected = line(f[3], 0) - line(f[1], 0) - line(f[2], 0) + line(f[0], 0);
      assertThat(numbers(((List<?>) pair.get("effect")).get(2)).get(11))
          .isEqualTo(expected, within(ROUNDING));
    }
  }

  @Test
  void withoutEventsOfTheRunTheTrustedOnesAreTheSample() {
    LearnerSettings settings = settings(2);
    LearnerState state = learned(settings, new FeatureSample(1, 1));

    Map<String, Object> model = pictures(settings, state, null);

    assertThat(model).containsEntry("sampleOf", "the trusted events kept");
    assertThat(model.get("sample")).isEqualTo(state.reservoir.size(0) + state.reservoir.size(1));
    assertThat((int) model.get("sample")).isPositive();
  }

  @Test
  void aLearnerThatHasSeenNothingHasPicturesWithoutDensity() {
    LearnerSettings settings = settings(2);
    LearnerState state;
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"))) {
      state = learner.create("new");
    }

    Map<String, Object> model = pictures(settings, state, null);

    assertThat(model).containsEntry("sample", 0).containsEntry("trainedUntil", null);
    assertThat(model.toString()).doesNotContain("NaN", "Infinity");
  }

  @Test
  void removedConceptsAreNamed() {
    LearnerSettings settings = settings(2);
    LearnerState state = learned(settings, new FeatureSample(1, 1));
    TrainingState lane = state.lanes.get(0);
    BatmSpec spec = settings.spec();
    var layout = io.counterweight.model.ParameterLayout.parameters(spec);
    for (int k = 1; k <= 2; k++) {
      for (int i = 1; i < layout.block("I" + k).size(); i += 3) {
        lane.parameters[layout.offset("I" + k) + i] = 0;
      }
    }

    assertThat(RemovedConcepts.of(spec, lane)).containsExactly("place");
    assertThat(RemovedConcepts.of(spec, state.lanes.get(1))).isEmpty();
  }

  @Test
  void anotherArchitectureIsRefused() {
    LearnerState state = learned(settings(2), new FeatureSample(1, 1));

    assertThatThrownBy(() -> pictures(settings(3), state, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of this architecture");
  }

  @Test
  void aBlueprintTellsTheArchitecture() {
    LearnerSettings settings = settings(2);
    LearnerState state = learned(settings, new FeatureSample(1, 1));
    FeatureSample none = null;

    BatmSpec told = state.blueprint.spec(4, 2);
    try (ModelSections sections =
        new ModelSections(told, BatmSpec.featureNames(4), 10, Backends.named("scalar"))) {
      assertThat(sections.values(state, 1234, none, true))
          .isEqualTo(pictures(settings, state, none));
    }
  }

  @Test
  void aSampleKeepsEveryEventOfAShortStreamAndIsRepeatable() {
    SyntheticStream stream = Learners.stream(Learners.small());
    FeatureSample one = new FeatureSample(50, 3);
    FeatureSample two = new FeatureSample(50, 3);
    int late = 0;
    for (int n = 0; n < 1000; n++) {
      one.offer(stream.labelled("key", n));
      two.offer(stream.labelled("key", n));
    }
    for (float[] row : one.rows("key")) {
      for (int n = 500; n < 1000; n++) {
        late += Arrays.equals(row, stream.labelled("key", n).features()) ? 1 : 0;
      }
    }

    assertThat(one.rows("key")).hasSize(50);
    assertThat(one.rows("key")).containsExactlyElementsOf(two.rows("key"));
    assertThat(late).isBetween(12, 38);
    assertThat(one.rows("nobody")).isEmpty();
  }
}
