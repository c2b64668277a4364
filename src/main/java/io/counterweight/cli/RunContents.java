package io.counterweight.cli;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedEvent;
import io.counterweight.evaluation.Evaluation;
import io.counterweight.evaluation.Truth;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.report.FeatureSample;
import io.counterweight.report.ModelSections;
import io.counterweight.report.RunSections;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the report of a run holds, gathered while it runs. Not thread-safe. */
final class RunContents {
  /** Keys, those with most events, whose models are shown. */
  static final int MODELS = 5;

  private static final int SAMPLE = 2_000;

  private final String title;
  private final EngineConfig config;
  private final Long injectedDrift;
  private final RunSections sections;
  private final FeatureSample sample;
  private final Map<String, ModelSnapshot> models = new HashMap<>();

  /**
   * Nothing gathered yet.
   *
   * @param title of the page
   * @param injectedDrift index of the first event after a change that was made on purpose, or null
   * @param truthKnown whether labels were made wrong on purpose
   */
  RunContents(
      String title,
      Feed feed,
      EngineConfig config,
      long seed,
      Long injectedDrift,
      boolean truthKnown) {
    this.title = title;
    this.config = config;
    this.injectedDrift = injectedDrift;
    Map<String, List<String>> concepts = new LinkedHashMap<>();
    for (Concept concept : config.learner().spec().concepts()) {
      concepts.put(
          concept.name(), concept.features().stream().map(feed.featureNames()::get).toList());
    }
    sections = new RunSections(feed.size(), feed.classes(), concepts, truthKnown);
    sample = new FeatureSample(SAMPLE, seed);
  }

  /** The feed's next event. */
  void sent(FeedEvent event) {
    sample.offer(event.event());
  }

  void predicted(Truth truth, Prediction prediction) {
    sections.predicted(truth, prediction);
  }

  void weighted(Truth truth, SampleWeight weight) {
    sections.weighted(truth, weight);
  }

  void drifted(DriftEvent drift) {
    sections.drifted(drift);
  }

  /** Takes a model; of several of a key the newest is kept. */
  void learned(ModelSnapshot model) {
    models.merge(model.modelKey(), model, (a, b) -> b.modelVersion() >= a.modelVersion() ? b : a);
  }

  /** Keys whose models are wanted, most events first. */
  List<String> wantedModels() {
    return sections.busiestKeys(MODELS);
  }

  /**
   * The report, without the numbers of the run.
   *
   * @param evaluation of the same results
   */
  Map<String, Object> values(Evaluation evaluation) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("format", ReportContents.FORMAT);
    values.put("kind", "run");
    values.put("title", title);
    values.putAll(sections.values(evaluation));
    values.put("injectedDrift", injectedDrift);
    values.put("models", modelValues());
    return values;
  }

  private List<Map<String, Object>> modelValues() {
    List<Map<String, Object>> values = new ArrayList<>();
    try (ModelSections pictures =
        new ModelSections(
            config.learner().spec(),
            config.featureNames(),
            config.learner().standardiserClip(),
            Backends.named(Backends.AUTO))) {
      for (String key : wantedModels()) {
        ModelSnapshot model = models.get(key);
        if (model != null) {
          values.add(
              pictures.values(
                  LearnerStateCodec.decode(model.learner()),
                  model.learner().length,
                  sample,
                  values.isEmpty()));
        }
      }
    }
    return values;
  }
}
