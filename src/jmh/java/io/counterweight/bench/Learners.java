package io.counterweight.bench;

import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import io.counterweight.event.Event;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.SeededRandom;
import java.util.Map;

/** Learners of default settings and a given shape. */
public final class Learners {
  private Learners() {}

  /** Default lanes and everything else as without a configuration. */
  public static LearnerSettings settings(Shape shape) {
    BatmSpec spec = shape.spec(BatmSpec.Normalisation.RUNNING);
    StringBuilder concepts = new StringBuilder("{");
    for (BatmSpec.Concept concept : spec.concepts()) {
      concepts.append(concept.name()).append(": ").append(concept.features()).append(", ");
    }
    return EngineConfig.parse(
            "kafka: {bootstrap-servers: 'none.invalid:9092'}\nmodel: {features: "
                + spec.features()
                + ", hidden: "
                + spec.hidden()
                + ", concepts: "
                + concepts
                + "}}")
        .learner();
  }

  /** An event of made-up features; unlabelled with {@link Event#NO_LABEL}. */
  public static Event event(LearnerSettings settings, String key, int number, int label) {
    SeededRandom random = new SeededRandom(number);
    float[] x = new float[settings.spec().features()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return new Event("event-" + number, key, 1_704_067_200_000L + number, x, label, null, Map.of());
  }

  /** A learner after some mini-batches, with as many trusted events of each class. */
  public static LearnerState trained(LearnerSettings settings, int trustedPerClass) {
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named(Backends.AUTO))) {
      LearnerState state = learner.create("key");
      for (int i = 0; i < 20 * settings.miniBatch(); i++) {
        learner.observe(state, event(settings, "key", i, i % 2));
        if (learner.isBatchFull(state)) {
          learner.learn(state);
        }
      }
      for (int i = 0; i < 2 * trustedPerClass; i++) {
        learner.observeTrusted(state, event(settings, "key", i, i % 2));
      }
      return state;
    }
  }
}
