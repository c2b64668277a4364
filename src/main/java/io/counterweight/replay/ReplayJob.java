package io.counterweight.replay;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.job.ReweightJob;
import io.counterweight.job.ReweightPipeline;
import io.counterweight.serde.RecordType;
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
  private static final TypeInformation<Either<Prediction, SampleWeight>> RESULT =
      Types.EITHER(RecordType.PREDICTION.typeInfo(), RecordType.SAMPLE_WEIGHT.typeInfo());
  private static final MemorySize NETWORK_MEMORY = MemorySize.ofMebiBytes(64);

  /** Takes results on the calling thread, those of one key in the order in which they were made. */
  public interface Results {
    void predicted(Prediction prediction);

    void weighted(SampleWeight weight);
  }

  private ReplayJob() {}

  /**
   * Runs to the end of the feed.
   *
   * @throws Exception if the job fails, or what {@code results} throws
   */
  public static void run(FeedSupplier feeds, EngineConfig config, Results results)
      throws Exception {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(configuration(config));
    ReweightPipeline.Outputs out =
        ReweightPipeline.build(
            env,
            input(new FeedSource(feeds, false), config.topics().events()),
            input(new FeedSource(feeds, true), config.topics().trusted()),
            config.learner(),
            ReweightJob.options(config, false));
    handOver(env, out, results);
  }

  private static ReweightPipeline.Input input(FeedSource source, String topic) {
    return new ReweightPipeline.Input(source, new FeedWatermarks(), topic);
  }

  private static void handOver(
      StreamExecutionEnvironment env, ReweightPipeline.Outputs out, Results results)
      throws Exception {
    DataStream<Either<Prediction, SampleWeight>> predictions =
        out.predictions()
            .map(Either::<Prediction, SampleWeight>Left)
            .returns(RESULT)
            .name("prediction results");
    DataStream<Either<Prediction, SampleWeight>> weights =
        out.weights()
            .map(Either::<Prediction, SampleWeight>Right)
            .returns(RESULT)
            .name("weight results");
    CloseableIterator<Either<Prediction, SampleWeight>> all =
        predictions.union(weights).collectAsync();
    try {
      env.executeAsync("replay");
      while (all.hasNext()) {
        Either<Prediction, SampleWeight> result = all.next();
        if (result.isLeft()) {
          results.predicted(result.left());
        } else {
          results.weighted(result.right());
        }
      }
    } finally {
      all.close(); // cancels the job unless it has ended
      env.close();
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
