package io.counterweight.config;

import io.counterweight.learner.LearnerSettings;
import java.util.List;
import java.util.Set;

/**
 * A learner's settings for a program that feeds it without Flink and Kafka: the options under
 * {@code model} and {@code learner}, with the defaults of the job.
 */
public final class LearnerConfig {
  /** What the job does around its learners. */
  private static final Set<Option<?>> OF_THE_JOB =
      Set.of(
          Options.ORDERING,
          Options.MAX_LATENCY,
          Options.SNAPSHOT_EVERY,
          Options.PARENT,
          Options.PARENT_SHARE);

  private LearnerConfig() {}

  /**
   * Reads settings.
   *
   * @param yaml for example <code>model: {features: [amount, hour], classes: 2}</code>
   * @param overrides {@code key=value}, which win over the text
   * @throws ConfigException if a key is unknown or missing, or a value breaks its option's rule
   */
  public static LearnerSettings parse(String yaml, String... overrides) {
    return OptionValues.parse(options(), yaml, "configuration", List.of(overrides))
        .toLearnerSettings();
  }

  private static List<Option<?>> options() {
    return Options.all().stream().filter(LearnerConfig::isOfTheLearner).toList();
  }

  private static boolean isOfTheLearner(Option<?> option) {
    String key = option.key();
    return (key.startsWith("model.") || key.startsWith("learner.")) && !OF_THE_JOB.contains(option);
  }
}
