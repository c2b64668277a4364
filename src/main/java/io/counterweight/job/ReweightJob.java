package io.counterweight.job;

import io.counterweight.config.EngineConfig;
import io.counterweight.config.LabelSettings;
import io.counterweight.config.SinkSettings;
import io.counterweight.config.TopicSettings;
import io.counterweight.operator.LabelJoinOptions;
import io.counterweight.operator.LearnerOptions;
import io.counterweight.operator.Parent;
import io.counterweight.serde.RecordType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job against real Kafka: configuration in, pipeline out. Main class of the job jar: {@code
 * flink run counterweight-job.jar --config job.yaml [--set key=value …]}.
 */
public final class ReweightJob {
  private ReweightJob() {}

  /** Submits the job to the cluster it is run on. */
  public static void main(String[] arguments) throws Exception {
    EngineConfig config = parse(arguments);
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(
            JobEnvironment.job(config, Optional.empty()));
    addTo(env, config);
    env.execute(config.job().name());
  }

  /** Reads the arguments of a job. */
  static EngineConfig parse(String[] arguments) {
    Path file = null;
    List<String> overrides = new ArrayList<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      switch (arguments[i]) {
        case "--config" -> file = Path.of(arguments[i + 1]);
        case "--set" -> overrides.add(arguments[i + 1]);
        default -> throw usage();
      }
    }
    if (file == null || arguments.length % 2 != 0) {
      throw usage();
    }
    return EngineConfig.load(file, overrides);
  }

  private static IllegalArgumentException usage() {
    return new IllegalArgumentException(
        "Usage: counterweight-job.jar --config FILE [--set key=value …]");
  }

  /** Adds sources, pipeline and sinks. */
  public static void addTo(StreamExecutionEnvironment env, EngineConfig config) {
    KafkaEndpoints kafka = new KafkaEndpoints(config);
    TopicSettings topics = config.topics();
    SinkSettings sinks = config.sinks();

    ReweightPipeline.Outputs out =
        ReweightPipeline.build(
            env,
            kafka.events(),
            kafka.trusted(),
            labels(config, kafka),
            inheritance(config, kafka),
            config.learner(),
            options(config, config.labels().join()));

    write(
        out.predictions(),
        kafka.sink(RecordType.PREDICTION, topics.predictions(), sinks.predictions()),
        Uids.PREDICTIONS_SINK);
    write(
        out.weights(),
        kafka.sink(RecordType.SAMPLE_WEIGHT, topics.weights(), sinks.weights()),
        Uids.WEIGHTS_SINK);
    write(
        out.models(),
        kafka.sink(RecordType.MODEL_SNAPSHOT, topics.models(), sinks.models()),
        Uids.MODELS_SINK);
    write(
        out.drift(),
        kafka.sink(RecordType.DRIFT_EVENT, topics.drift(), sinks.drift()),
        Uids.DRIFT_SINK);
    write(
        out.rejects(),
        kafka.sink(RecordType.REJECTED_RECORD, topics.rejects(), sinks.rejects()),
        Uids.REJECTS_SINK);
  }

  static <T> void write(DataStream<T> stream, Sink<T> sink, Uids name) {
    stream.sinkTo(sink).name(name.name()).uid(name.uid());
  }

  /**
   * The operator's share of the configuration.
   *
   * @param labelsLater whether labels come on a topic of their own
   */
  public static LearnerOptions options(EngineConfig config, boolean labelsLater) {
    return new LearnerOptions(
        config.training().ordering(),
        config.training().maxLatency().toMillis(),
        config.state().cacheBytes(),
        config.state().maxKeys(),
        config.training().snapshotEvery(),
        config.compute().backendName(),
        labelsLater);
  }

  /**
   * The same for a bounded input.
   *
   * @param modelsAtEnd keys whose models are published when it ends, see {@link LearnerOptions}
   */
  public static LearnerOptions options(EngineConfig config, boolean labelsLater, int modelsAtEnd) {
    return options(config, labelsLater).withModelsAtEnd(modelsAtEnd);
  }

  private static ReweightPipeline.Inheritance inheritance(
      EngineConfig config, KafkaEndpoints kafka) {
    return config
        .training()
        .parent()
        .map(
            key ->
                new ReweightPipeline.Inheritance(
                    new Parent(key, config.training().parentShare()), kafka.models(key)))
        .orElse(null);
  }

  private static ReweightPipeline.Labels labels(EngineConfig config, KafkaEndpoints kafka) {
    LabelSettings labels = config.labels();
    return labels.join()
        ? new ReweightPipeline.Labels(
            kafka.labels(),
            new LabelJoinOptions(
                labels.horizon().toMillis(),
                labels.retention().toMillis(),
                labels.unlabelled(),
                Set.copyOf(labels.trustedSources())))
        : null;
  }
}
