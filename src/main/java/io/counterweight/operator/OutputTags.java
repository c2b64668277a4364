package io.counterweight.operator;

import io.counterweight.event.DriftEvent;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.SampleWeight;
import io.counterweight.serde.RecordType;
import org.apache.flink.util.OutputTag;

/** Side outputs of the learner; predictions are its main output. */
public final class OutputTags {
  public static final OutputTag<SampleWeight> WEIGHTS =
      new OutputTag<>("weights", RecordType.SAMPLE_WEIGHT.typeInfo());
  public static final OutputTag<ModelSnapshot> MODELS =
      new OutputTag<>("models", RecordType.MODEL_SNAPSHOT.typeInfo());

  public static final OutputTag<DriftEvent> DRIFT =
      new OutputTag<>("drift", RecordType.DRIFT_EVENT.typeInfo());

  /** Events that came after the watermark had passed them, with {@link Ordering#EVENT_TIME}. */
  public static final OutputTag<Event> LATE_EVENTS =
      new OutputTag<>("late-events", RecordType.EVENT.typeInfo());

  public static final OutputTag<Event> LATE_TRUSTED =
      new OutputTag<>("late-trusted", RecordType.EVENT.typeInfo());

  /** Events of new keys where there are as many keys as {@link LearnerOptions#maxKeys} allows. */
  public static final OutputTag<Event> REFUSED_EVENTS =
      new OutputTag<>("refused-events", RecordType.EVENT.typeInfo());

  public static final OutputTag<Event> REFUSED_TRUSTED =
      new OutputTag<>("refused-trusted", RecordType.EVENT.typeInfo());

  private OutputTags() {}
}
