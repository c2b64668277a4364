package io.counterweight.config;

import io.counterweight.learner.LearnerSettings;
import io.counterweight.serde.EventFormat;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The whole configuration, checked. Whoever holds one need not check anything again.
 *
 * @param kafka the cluster
 * @param schemaRegistry where schemas have ids, if anywhere
 * @param topics their names
 * @param input how the input topics are read
 * @param labels where labels come from
 * @param scorer how published models are taken over
 * @param sinks how the output topics are written
 * @param featureNames one for each feature of {@code learner.spec()}, in order
 * @param learner what the core receives
 * @param training when a learner trains and publishes
 * @param state keyed state and checkpoints
 * @param watermarks event time
 * @param job the Flink job
 * @param compute what computes
 * @param console the live page, where the job runs locally
 */
public record EngineConfig(
    KafkaSettings kafka,
    SchemaRegistrySettings schemaRegistry,
    TopicSettings topics,
    InputSettings input,
    LabelSettings labels,
    ScorerSettings scorer,
    SinkSettings sinks,
    List<String> featureNames,
    LearnerSettings learner,
    TrainingSettings training,
    StateSettings state,
    WatermarkSettings watermarks,
    JobSettings job,
    ComputeSettings compute,
    ConsoleSettings console) {
  private static final String SCORER = "-scorer";

  public EngineConfig {
    featureNames = Options.FEATURES.check(List.copyOf(featureNames));
    if (featureNames.size() != learner.spec().features()) {
      throw Options.FEATURES.violation(
          featureNames, "one name for each of " + learner.spec().features() + " features");
    }
    if (!schemaRegistry.isConfigured()) {
      String rule = "another format where there is no " + Options.REGISTRY_URL.key();
      if (input.format() == EventFormat.CONFLUENT) {
        throw Options.INPUT_FORMAT.violation(input.format(), rule);
      }
      if (sinks.format() == SinkSettings.Format.CONFLUENT) {
        throw Options.SINK_FORMAT.violation(sinks.format(), rule);
      }
    }
    Duration open = state.checkpointInterval().plus(state.checkpointTimeout());
    if (sinks.isTransactional() && sinks.transactionTimeout().compareTo(open) < 0) {
      throw Options.TRANSACTION_TIMEOUT.violation(
          sinks.transactionTimeout(),
          "at least "
              + Options.CHECKPOINT_INTERVAL.key()
              + " and "
              + Options.CHECKPOINT_TIMEOUT.key()
              + " together ("
              + DurationText.format(open)
              + "): until then a transaction may have to stay open");
    }
  }

  /** Without what came from the environment or from files, in whatever section it stands. */
  @Override
  public String toString() {
    return kafka.masked(
        Stream.of(
                kafka,
                schemaRegistry,
                topics,
                input,
                labels,
                scorer,
                sinks,
                featureNames,
                learner,
                training,
                state,
                watermarks,
                job,
                compute,
                console)
            .map(String::valueOf)
            .collect(Collectors.joining(", ", "EngineConfig[", "]")));
  }

  /**
   * Where this job's checkpoints go: jobs of different names in one directory must not restore each
   * other's.
   */
  public URI checkpoints() {
    String folder = job.name().replaceAll("[^A-Za-z0-9._-]", "_");
    // A path that exists has a slash at its end as a URI, one that does not yet exist has none.
    return URI.create(state.checkpointUri().toString().replaceAll("/+$", "") + "/" + folder);
  }

  /**
   * The same for the scoring job: a consumer group, transactions, checkpoints and a name of its
   * own, so that both jobs run on one configuration.
   */
  public EngineConfig asScorer() {
    return new EngineConfig(
        kafka.withGroupId(kafka.groupId() + SCORER),
        schemaRegistry,
        topics,
        input,
        labels,
        scorer,
        sinks.withTransactionalIdPrefix(sinks.transactionalIdPrefix() + SCORER),
        featureNames,
        learner,
        training,
        state,
        watermarks,
        job.withName(job.name() + SCORER),
        compute,
        console);
  }

  /** The same with Flink's dashboard on that port of the loopback address; 0 takes a free one. */
  public EngineConfig withDashboard(int port) {
    return new EngineConfig(
        kafka,
        schemaRegistry,
        topics,
        input,
        labels,
        scorer,
        sinks,
        featureNames,
        learner,
        training,
        state,
        watermarks,
        job.withDashboard(OptionalInt.of(port)),
        compute,
        console);
  }

  /**
   * Reads a configuration.
   *
   * @param overrides {@code key=value}, which win over the text
   * @throws ConfigException if anything is wrong
   */
  public static EngineConfig parse(String yaml, String... overrides) {
    return OptionValues.parse(yaml, "configuration", List.of(overrides)).toEngineConfig();
  }

  /**
   * Reads a configuration file.
   *
   * @param overrides {@code key=value}, which win over the file
   * @throws ConfigException if it cannot be read or anything is wrong
   */
  public static EngineConfig load(Path file, List<String> overrides) {
    return OptionValues.load(file, overrides).toEngineConfig();
  }
}
