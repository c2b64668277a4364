package io.counterweight.job;

import io.counterweight.config.EngineConfig;
import io.counterweight.config.ScorerSettings;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.RejectedRecord;
import io.counterweight.operator.ModelGate;
import io.counterweight.operator.Scorer;
import io.counterweight.operator.ScorerOptions;
import io.counterweight.serde.RecordType;
import io.counterweight.serde.SplitRejects;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Scores at any parallelism with what {@link ReweightJob} publishes:
 *
 * <pre>
 * events ──► decode ──► rebalance ──►┌────────┐──► scores
 * models ──► gate ──► broadcast ────►│ scorer │──► rejects (no model, too many keys)
 *                                    └────────┘
 * </pre>
 *
 * Main class of the job jar beside that job: {@code flink run -c io.counterweight.job.ScoringJob
 * counterweight-job.jar --config job.yaml}.
 */
public final class ScoringJob {
  private ScoringJob() {}

  /** Submits the job to the cluster it is run on. */
  public static void main(String[] arguments) throws Exception {
    EngineConfig config = ReweightJob.parse(arguments).asScorer();
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(
            JobEnvironment.job(config, Optional.empty()));
    addTo(env, config);
    env.execute(config.job().name());
  }

  /** Adds sources, scorer and sinks. */
  public static void addTo(StreamExecutionEnvironment env, EngineConfig config) {
    KafkaEndpoints kafka = new KafkaEndpoints(config);
    ReweightPipeline.Input input = kafka.events();
    SingleOutputStreamOperator<Event> events =
        ReweightPipeline.decode(env, input, Uids.EVENTS_SOURCE, Uids.EVENTS_DECODED);
    BroadcastStream<ModelSnapshot> models =
        env.fromSource(kafka.models(), WatermarkStrategy.noWatermarks(), Uids.MODELS_SOURCE.name())
            .uid(Uids.MODELS_SOURCE.uid())
            .setParallelism(1)
            .keyBy(ModelSnapshot::modelKey, Types.STRING)
            .process(
                new ModelGate(config.learner(), options(config)),
                RecordType.MODEL_SNAPSHOT.typeInfo())
            .name(Uids.MODEL_GATE.name())
            .uid(Uids.MODEL_GATE.uid())
            // One gate: then every subtask sees all models in one order, and keeps the same keys.
            .setParallelism(1)
            .broadcast(Scorer.MODELS);
    SingleOutputStreamOperator<Prediction> scores =
        events
            .rebalance()
            .connect(models)
            .process(
                new Scorer(config.learner(), options(config)), RecordType.PREDICTION.typeInfo())
            .name(Uids.SCORER.name())
            .uid(Uids.SCORER.uid());
    long flushMillis = config.scorer().flushEvery().toMillis();
    events.setBufferTimeout(flushMillis);
    scores.setBufferTimeout(flushMillis);
    DataStream<RejectedRecord> withoutModel =
        ReweightPipeline.reject(
            scores.getSideOutput(Scorer.WITHOUT_MODEL),
            RejectEvents.withoutModel(input.topic()),
            Uids.WITHOUT_MODEL);
    DataStream<RejectedRecord> beyondKeyLimit =
        ReweightPipeline.reject(
            scores.getSideOutput(Scorer.BEYOND_KEY_LIMIT),
            RejectEvents.beyondKeyLimit(input.topic()),
            Uids.UNSCORED_KEYS);
    ReweightJob.write(
        scores,
        kafka.sink(RecordType.PREDICTION, config.topics().scores(), config.sinks().predictions()),
        Uids.SCORES_SINK);
    ReweightJob.write(
        events.getSideOutput(SplitRejects.REJECTS).union(withoutModel, beyondKeyLimit),
        kafka.sink(RecordType.REJECTED_RECORD, config.topics().rejects(), config.sinks().rejects()),
        Uids.REJECTS_SINK);
  }

  private static ScorerOptions options(EngineConfig config) {
    ScorerSettings scorer = config.scorer();
    return new ScorerOptions(
        scorer.tolerance(),
        scorer.patience().toMillis(),
        scorer.mostWaiting(),
        scorer.cacheBytes(),
        config.state().maxKeys(),
        config.compute().backendName());
  }
}
