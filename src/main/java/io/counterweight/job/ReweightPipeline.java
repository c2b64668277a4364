package io.counterweight.job;

import io.counterweight.event.DriftEvent;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.SampleWeight;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.operator.BilevelLearnerOperator;
import io.counterweight.operator.InheritingLearnerOperator;
import io.counterweight.operator.LabelJoin;
import io.counterweight.operator.LabelJoinOptions;
import io.counterweight.operator.LearnerOptions;
import io.counterweight.operator.OutputTags;
import io.counterweight.operator.Parent;
import io.counterweight.operator.ParentCopies;
import io.counterweight.serde.Decoded;
import io.counterweight.serde.RecordType;
import io.counterweight.serde.SplitRejects;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.datastream.ConnectedStreams;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.TwoInputTransformation;

/**
 * The topology, from given sources to output streams. With labels on a topic of their own, {@link
 * LabelJoin} stands before the learner: it lets events through at once and once more when their
 * label comes.
 *
 * <pre>
 * events  ──► decode ──┬─► keyBy(modelKey) ──►┌─────────────────┐──► predictions
 *           rejects ◄──┘                      │ bilevel learner │──► weights
 * trusted ──► decode ──┬─► keyBy(modelKey) ──►│  (one per key)  │──► models, drift
 *           rejects ◄──┘                      └─────────────────┘──► rejects (late, too many keys)
 * </pre>
 */
public final class ReweightPipeline {

  /**
   * What the job knows of an input.
   *
   * @param source emits every record, decoded or rejected
   * @param watermarks over accepted records
   * @param topic name shown in rejects
   */
  public record Input(
      Source<Decoded, ?, ?> source, WatermarkStrategy<Decoded> watermarks, String topic) {}

  /**
   * Labels on a topic of their own.
   *
   * @param input events without features, dated when the label became known
   * @param join how they meet the events
   */
  public record Labels(Input input, LabelJoinOptions join) {}

  /**
   * Where new keys begin.
   *
   * @param models its published models, those of other keys do no harm
   */
  public record Inheritance(Parent parent, Source<ModelSnapshot, ?, ?> models) {}

  /** The streams that leave the pipeline. */
  public record Outputs(
      DataStream<Prediction> predictions,
      DataStream<SampleWeight> weights,
      DataStream<ModelSnapshot> models,
      DataStream<DriftEvent> drift,
      DataStream<RejectedRecord> rejects) {}

  private ReweightPipeline() {}

  /** Builds it. */
  public static Outputs build(
      StreamExecutionEnvironment env,
      Input eventsInput,
      Input trustedInput,
      LearnerSettings settings,
      LearnerOptions options) {
    return build(env, eventsInput, trustedInput, null, null, settings, options);
  }

  /**
   * Builds it.
   *
   * @param labels how labels of a topic of their own meet the events; null where events carry them
   * @param inheritance where new keys begin; null where they begin from nothing
   */
  public static Outputs build(
      StreamExecutionEnvironment env,
      Input eventsInput,
      Input trustedInput,
      Labels labels,
      Inheritance inheritance,
      LearnerSettings settings,
      LearnerOptions options) {
    SingleOutputStreamOperator<Event> decoded =
        decode(env, eventsInput, Uids.EVENTS_SOURCE, Uids.EVENTS_DECODED);
    SingleOutputStreamOperator<Event> decodedTrusted =
        decode(env, trustedInput, Uids.TRUSTED_SOURCE, Uids.TRUSTED_DECODED);
    DataStream<Event> events = decoded;
    DataStream<Event> trusted = decodedTrusted;
    DataStream<RejectedRecord> unreadable =
        decoded
            .getSideOutput(SplitRejects.REJECTS)
            .union(decodedTrusted.getSideOutput(SplitRejects.REJECTS));
    if (labels != null) {
      SingleOutputStreamOperator<Event> decodedLabels =
          decode(env, labels.input(), Uids.LABELS_SOURCE, Uids.LABELS_DECODED);
      unreadable = unreadable.union(decodedLabels.getSideOutput(SplitRejects.REJECTS));
      SingleOutputStreamOperator<Event> joined = join(decoded, decodedLabels, labels.join());
      events = joined;
      trusted = trusted.union(joined.getSideOutput(LabelJoin.TRUSTED));
    }

    SingleOutputStreamOperator<Prediction> predictions =
        inheritance == null
            ? learn(events, trusted, settings, options)
            : learn(env, events, trusted, inheritance, settings, options);

    DataStream<RejectedRecord> rejects =
        unreadable.union(
            reject(
                predictions.getSideOutput(OutputTags.LATE_EVENTS),
                RejectEvents.late(eventsInput.topic()),
                Uids.LATE_EVENTS),
            reject(
                predictions.getSideOutput(OutputTags.LATE_TRUSTED),
                RejectEvents.late(trustedInput.topic()),
                Uids.LATE_TRUSTED),
            reject(
                predictions.getSideOutput(OutputTags.REFUSED_EVENTS),
                RejectEvents.beyondKeyLimit(eventsInput.topic()),
                Uids.REFUSED_EVENTS),
            reject(
                predictions.getSideOutput(OutputTags.REFUSED_TRUSTED),
                RejectEvents.beyondKeyLimit(trustedInput.topic()),
                Uids.REFUSED_TRUSTED));
    return new Outputs(
        predictions,
        predictions.getSideOutput(OutputTags.WEIGHTS),
        predictions.getSideOutput(OutputTags.MODELS),
        predictions.getSideOutput(OutputTags.DRIFT),
        rejects);
  }

  /** Events of an input; what could not be read is in its side output. */
  static SingleOutputStreamOperator<Event> decode(
      StreamExecutionEnvironment env, Input input, Uids source, Uids decoded) {
    return env.fromSource(input.source(), input.watermarks(), source.name(), Decoded.typeInfo())
        .uid(source.uid())
        .process(new SplitRejects())
        .name(decoded.name())
        .uid(decoded.uid());
  }

  private static SingleOutputStreamOperator<Event> join(
      DataStream<Event> events, DataStream<Event> labels, LabelJoinOptions options) {
    return events
        .keyBy(Event::eventId, Types.STRING)
        .connect(labels.keyBy(Event::eventId, Types.STRING))
        .process(new LabelJoin(options), RecordType.EVENT.typeInfo())
        .name(Uids.LABEL_JOIN.name())
        .uid(Uids.LABEL_JOIN.uid());
  }

  private static SingleOutputStreamOperator<Prediction> learn(
      DataStream<Event> events,
      DataStream<Event> trusted,
      LearnerSettings settings,
      LearnerOptions options) {
    ConnectedStreams<Event, Event> inputs =
        events
            .keyBy(Event::modelKey, Types.STRING)
            .connect(trusted.keyBy(Event::modelKey, Types.STRING));
    return inputs
        .transform(
            Uids.LEARNER.name(),
            RecordType.PREDICTION.typeInfo(),
            new BilevelLearnerOperator(settings, options))
        .uid(Uids.LEARNER.uid());
  }

  /** The learner with a parent: the same uid and state, other inputs. */
  private static SingleOutputStreamOperator<Prediction> learn(
      StreamExecutionEnvironment env,
      DataStream<Event> events,
      DataStream<Event> trusted,
      Inheritance inheritance,
      LearnerSettings settings,
      LearnerOptions options) {
    Parent parent = inheritance.parent();
    DataStream<Tuple3<Event, Boolean, Boolean>> marked =
        copied(events, parent, false, Uids.PARENT_EVENTS)
            .union(copied(trusted, parent, true, Uids.PARENT_TRUSTED));
    DataStream<ModelSnapshot> models =
        env.fromSource(
                inheritance.models(),
                WatermarkStrategy.noWatermarks(),
                Uids.PARENT_SOURCE.name(),
                RecordType.MODEL_SNAPSHOT.typeInfo())
            .uid(Uids.PARENT_SOURCE.uid())
            .broadcast();
    KeyedStream<Tuple3<Event, Boolean, Boolean>, String> keyed =
        marked.keyBy(event -> event.f0.modelKey(), Types.STRING);
    TwoInputTransformation<Tuple3<Event, Boolean, Boolean>, ModelSnapshot, Prediction> learner =
        new TwoInputTransformation<>(
            keyed.getTransformation(),
            models.getTransformation(),
            Uids.LEARNER.name(),
            new InheritingLearnerOperator(settings, options, parent),
            RecordType.PREDICTION.typeInfo(),
            env.getParallelism(),
            false);
    learner.setStateKeySelectors(keyed.getKeySelector(), null);
    learner.setStateKeyType(keyed.getKeyType());
    return new LearnedStream(env, learner).uid(Uids.LEARNER.uid());
  }

  /** Flink offers no operator of one's own over a keyed and a broadcast stream. */
  private static final class LearnedStream extends SingleOutputStreamOperator<Prediction> {
    LearnedStream(StreamExecutionEnvironment env, Transformation<Prediction> learner) {
      super(env, learner);
      env.addOperator(learner);
    }
  }

  private static SingleOutputStreamOperator<Tuple3<Event, Boolean, Boolean>> copied(
      DataStream<Event> events, Parent parent, boolean trusted, Uids name) {
    return events
        .flatMap(new ParentCopies(parent, trusted), ParentCopies.typeInfo())
        .name(name.name())
        .uid(name.uid());
  }

  /** Events that an operator could not take, as rejects. */
  static DataStream<RejectedRecord> reject(
      DataStream<Event> events, RejectEvents reject, Uids name) {
    return events
        .map(reject)
        .returns(RecordType.REJECTED_RECORD.typeInfo())
        .name(name.name())
        .uid(name.uid());
  }
}
