package io.counterweight.replay;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.job.ReweightJob;
import io.counterweight.job.ReweightPipeline;
import io.counterweight.serde.RecordType;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.types.Either;
import org.apache.flink.util.CloseableIterator;

/**
 * Runs the pipeline over a feed in this process and hands its results over while it runs. The state
 * is on the heap and nothing is checkpointed: a run that fails is run again.
 */
public final class ReplayJob {
  private static final TypeInformation<Either<Prediction, SampleWeight>> OF_EVENT =
      Types.EITHER(RecordType.PREDICTION.typeInfo(), RecordType.SAMPLE_WEIGHT.typeInfo());
  private static final TypeInformation<Either<DriftEvent, ModelSnapshot>> OF_KEY =
      Types.EITHER(RecordType.DRIFT_EVENT.typeInfo(), RecordType.MODEL_SNAPSHOT.typeInfo());
  private static final TypeInformation<
          Either<Either<Prediction, SampleWeight>, Either<DriftEvent, ModelSnapshot>>>
      RESULT = Types.EITHER(OF_EVENT, OF_KEY);
  private static final MemorySize NETWORK_MEMORY = MemorySize.ofMebiBytes(64);

  /** Takes results on the calling thread, those of one key in the order in which they were made. */
  public interface Results {
    void predicted(Prediction prediction);

    void weighted(SampleWeight weight);

    /** A change of a key's drift state. */
    default void drifted(DriftEvent drift) {}

    /** The model of one of the keys with most events, as it is at the end. */
    default void learned(ModelSnapshot model) {}
  }

  private ReplayJob() {}

  /**
   * Runs to the end of the feed.
   *
   * @throws Exception if the job fails, or what {@code results} throws
   */
  public static void run(FeedSupplier feeds, EngineConfig config, Results results)
      throws Exception {
    run(feeds, config, 0, results);
  }

  /**
   * Runs to the end of the feed.
   *
   * @param models keys, those with most events, whose models are handed over at the end; as many
   *     for each subtask
   * @throws Exception if the job fails, or what {@code results} throws
   */
  public static void run(FeedSupplier feeds, EngineConfig config, int models, Results results)
      throws Exception {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(configuration(config));
    ReweightPipeline.Outputs out =
        ReweightPipeline.build(
            env,
            input(new FeedSource(feeds, false), config.topics().events()),
            input(new FeedSource(feeds, true), config.topics().trusted()),
            config.learner(),
            ReweightJob.options(config, false, models));
    handOver(env, out, results);
  }

  private static ReweightPipeline.Input input(FeedSource source, String topic) {
    return new ReweightPipeline.Input(source, new FeedWatermarks(), topic);
  }

  private static void handOver(
      StreamExecutionEnvironment env, ReweightPipeline.Outputs out, Results results)
      throws Exception {
    CloseableIterator<Either<Either<Prediction, SampleWeight>, Either<DriftEvent, ModelSnapshot>>>
        all =
            named(out.predictions(), p -> Either.Left(Either.Left(p)), "prediction results")
                .union(
                    named(out.weights(), w -> Either.Left(Either.Right(w)), "weight results"),
                    named(out.drift(), d -> Either.Right(Either.Left(d)), "drift results"),
                    named(
                        out.models()
                            .flatMap(new ModelParts.Cut())
                            .returns(RecordType.MODEL_SNAPSHOT.typeInfo()),
                        m -> Either.Right(Either.Right(m)),
                        "model results"))
                .collectAsync();
    ModelParts parts = new ModelParts();
    try {
      env.executeAsync("replay");
      while (all.hasNext()) {
        handOver(all.next(), parts, results);
      }
    } finally {
      all.close(); // cancels the job unless it has ended
      env.close();
    }
  }

  private static <T>
      DataStream<Either<Either<Prediction, SampleWeight>, Either<DriftEvent, ModelSnapshot>>> named(
          DataStream<T> results,
          MapFunction<
                  T, Either<Either<Prediction, SampleWeight>, Either<DriftEvent, ModelSnapshot>>>
              wrap,
          String name) {
    return results.map(wrap).returns(RESULT).name(name);
  }

  private static void handOver(
      Either<Either<Prediction, SampleWeight>, Either<DriftEvent, ModelSnapshot>> result,
      ModelParts parts,
      Results results) {
    if (result.isLeft()) {
      if (result.left().isLeft()) {
        results.predicted(result.left().left());
      } else {
        results.weighted(result.left().right());
      }
    } else if (result.right().isLeft()) {
      results.drifted(result.right().left());
    } else {
      ModelSnapshot whole = parts.take(result.right().right());
      if (whole != null) {
        results.learned(whole);
      }
    }
  }

  private static Configuration configuration(EngineConfig config) {
    Configuration flink = new Configuration();
    flink.set(CoreOptions.DEFAULT_PARALLELISM, config.job().parallelism());
    flink.set(PipelineOptions.MAX_PARALLELISM, config.job().maxParallelism());
    flink.set(PipelineOptions.OBJECT_REUSE, true);
    flink.set(PipelineOptions.GENERIC_TYPES, false);
    flink.set(StateBackendOptions.STATE_BACKEND, "hashmap");
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    flink.set(TaskManagerOptions.NUM_TASK_SLOTS, config.job().parallelism());
    flink.set(TaskManagerOptions.NETWORK_MEMORY_MIN, NETWORK_MEMORY);
    flink.set(TaskManagerOptions.NETWORK_MEMORY_MAX, NETWORK_MEMORY);
    return flink;
  }
}
