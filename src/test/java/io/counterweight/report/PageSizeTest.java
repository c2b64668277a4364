package io.counterweight.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.compute.Backends;
import io.counterweight.evaluation.Evaluation;
import io.counterweight.evaluation.Truth;
import io.counterweight.event.DriftState;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.model.BatmSpec;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run of many keys, concepts, drifts or classes writes still makes a page below 2 MB. */
class PageSizeTest {
  /** The page without data is some 460 kB. */
  private static final int MOST = 2_000_000 - 470_000;

  private static final int KEYS = 10_000;
  private static final int MODELS = 5;

  private static BatmSpec wide(int concepts, int classes) {
    BatmSpec small = Learners.spec(classes, 4, BatmSpec.Normalisation.RUNNING, 0);
    return new BatmSpec(
        concepts,
        classes,
        BatmSpec.oneConceptEach(BatmSpec.featureNames(concepts)),
        small.hidden(),
        true,
        small.inputLayer(),
        small.normalisation(),
        small.normalisationMomentum(),
        small.normalisationEpsilon(),
        small.dropout(),
        small.leakySlope(),
        2,
        small.rank(),
        small.initialisation(),
        small.expansionPoint(),
        small.outputPenalty());
  }

  @ParameterizedTest
  @CsvSource({"46, 2", "46, 26", "300, 2"})
  void theDataOfALargeRunIsSmall(int concepts, int classes) throws Exception {
    LearnerSettings settings =
        Learners.settings(wide(concepts, classes), List.of("uniform", "a", "b", "c"), 1);
    Map<String, List<String>> names = new LinkedHashMap<>();
    settings.spec().concepts().forEach(one -> names.put(one.name(), List.of(one.name())));
    RunSections run = new RunSections(KEYS, 2, names, true);
    Evaluation evaluation = new Evaluation(2);
    for (int i = 0; i < KEYS; i++) {
      Results results = Results.of("transaction-" + i, i);
      results.key = "merchant-" + i;
      Truth truth = new Truth(i, i % 2, i % 2);
      evaluation.predicted(truth, results.prediction());
      run.predicted(truth, results.prediction());
      run.weighted(truth, results.weight(i % 2, 3, 0.1f, true));
      run.drifted(Results.drift(results.key, i, DriftState.DRIFT));
    }
    Map<String, Object> report = run.values(evaluation);
    report.put("models", models(settings));

    int bytes = new ObjectMapper().writeValueAsBytes(report).length;

    assertThat(bytes).isBetween(300_000, MOST);
    assertThat(Results.map(report.get("driftTotals")).toString()).contains("drifts=" + KEYS);
  }

  private static List<Map<String, Object>> models(LearnerSettings settings) {
    List<Map<String, Object>> models = new ArrayList<>();
    FeatureSample sample = new FeatureSample(500, 1);
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"));
        ModelSections sections =
            new ModelSections(
                settings.spec(),
                BatmSpec.featureNames(settings.spec().features()),
                10,
                Backends.named("scalar"))) {
      LearnerState state = learner.create("key");
      for (int n = 0; n < 200; n++) {
        sample.offer(stream.labelled("key", n));
        learner.observe(state, stream.labelled("key", n));
        if (learner.isBatchFull(state)) {
          learner.learn(state);
        }
      }
      for (int m = 0; m < MODELS; m++) {
        models.add(sections.values(state, 1234, sample, m == 0));
      }
    }
    return models;
  }
}
