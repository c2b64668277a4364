package io.counterweight.job;

import io.counterweight.bench.TrivialRecords;
import io.counterweight.config.EngineConfig;
import io.counterweight.config.SinkSettings;
import io.counterweight.config.TopicSettings;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.model.BatmSpec;
import io.counterweight.operator.OutputTags;
import io.counterweight.serde.Decoded;
import io.counterweight.serde.RecordType;
import io.counterweight.serde.SplitRejects;
import java.util.LinkedHashMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * The job without a learner: the same topics, sources, records and sinks, and records of the same
 * size that nothing was computed for. What the engine's job takes beyond it is the learner's.
 */
public final class PassThroughJob {
  private PassThroughJob() {}

  /** With the engine's topology: both inputs, keyed, through a network exchange. */
  public static void addKeyed(StreamExecutionEnvironment env, EngineConfig config) {
    KafkaEndpoints kafka = new KafkaEndpoints(config);
    SingleOutputStreamOperator<Event> events = decode(env, kafka.events(), Uids.EVENTS_SOURCE);
    SingleOutputStreamOperator<Event> trusted = decode(env, kafka.trusted(), Uids.TRUSTED_SOURCE);
    write(
        events
            .keyBy(Event::modelKey, Types.STRING)
            .connect(trusted.keyBy(Event::modelKey, Types.STRING))
            .process(new Keyed(contributions(config)))
            .returns(RecordType.PREDICTION.typeInfo()),
        events,
        kafka,
        config);
  }

  /** The shortest way from topic to topic: events only, no exchange between decoding and sinks. */
  public static void addChained(StreamExecutionEnvironment env, EngineConfig config) {
    KafkaEndpoints kafka = new KafkaEndpoints(config);
    SingleOutputStreamOperator<Event> events = decode(env, kafka.events(), Uids.EVENTS_SOURCE);
    write(
        events
            .process(new Chained(contributions(config)))
            .returns(RecordType.PREDICTION.typeInfo()),
        events,
        kafka,
        config);
  }

  private static LinkedHashMap<String, Float> contributions(EngineConfig config) {
    LinkedHashMap<String, Float> contributions = new LinkedHashMap<>();
    for (BatmSpec.Concept concept : config.learner().spec().concepts()) {
      contributions.put(concept.name(), 0.123f);
    }
    return contributions;
  }

  private static SingleOutputStreamOperator<Event> decode(
      StreamExecutionEnvironment env, ReweightPipeline.Input input, Uids source) {
    return env.fromSource(input.source(), input.watermarks(), source.name(), Decoded.typeInfo())
        .process(new SplitRejects());
  }

  private static void write(
      SingleOutputStreamOperator<Prediction> predictions,
      SingleOutputStreamOperator<Event> events,
      KafkaEndpoints kafka,
      EngineConfig config) {
    TopicSettings topics = config.topics();
    SinkSettings sinks = config.sinks();
    predictions
        .sinkTo(kafka.sink(RecordType.PREDICTION, topics.predictions(), sinks.predictions()))
        .name(Uids.PREDICTIONS_SINK.name());
    predictions
        .getSideOutput(OutputTags.WEIGHTS)
        .sinkTo(kafka.sink(RecordType.SAMPLE_WEIGHT, topics.weights(), sinks.weights()))
        .name(Uids.WEIGHTS_SINK.name());
    predictions
        .getSideOutput(OutputTags.MODELS)
        .sinkTo(kafka.sink(RecordType.MODEL_SNAPSHOT, topics.models(), sinks.models()))
        .name(Uids.MODELS_SINK.name());
    events
        .getSideOutput(SplitRejects.REJECTS)
        .sinkTo(kafka.sink(RecordType.REJECTED_RECORD, topics.rejects(), sinks.rejects()))
        .name(Uids.REJECTS_SINK.name());
  }

  private static final class Keyed
      extends KeyedCoProcessFunction<String, Event, Event, Prediction> {
    private static final long serialVersionUID = 1L;

    private final LinkedHashMap<String, Float> contributions;

    Keyed(LinkedHashMap<String, Float> contributions) {
      this.contributions = contributions;
    }

    @Override
    public void processElement1(Event event, Context context, Collector<Prediction> out) {
      out.collect(TrivialRecords.prediction(event, contributions));
      if (event.isLabelled()) {
        context.output(OutputTags.WEIGHTS, TrivialRecords.weight(event));
      }
    }

    @Override
    public void processElement2(Event event, Context context, Collector<Prediction> out) {
      // A trusted event gives no record.
    }
  }

  private static final class Chained extends ProcessFunction<Event, Prediction> {
    private static final long serialVersionUID = 1L;

    private final LinkedHashMap<String, Float> contributions;

    Chained(LinkedHashMap<String, Float> contributions) {
      this.contributions = contributions;
    }

    @Override
    public void processElement(Event event, Context context, Collector<Prediction> out) {
      out.collect(TrivialRecords.prediction(event, contributions));
      if (event.isLabelled()) {
        context.output(OutputTags.WEIGHTS, TrivialRecords.weight(event));
      }
    }
  }
}
