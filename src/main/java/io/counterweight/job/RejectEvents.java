package io.counterweight.job;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.RejectedRecord.Reason;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;

/**
 * Events that the learner could not take, as rejects. They were readable, so their value is the
 * event written again in the engine's own format; partition and offset are no longer known and −1.
 */
final class RejectEvents extends RichMapFunction<Event, RejectedRecord> {
  private static final long serialVersionUID = 2L;

  private final String topic;
  private final Reason reason;
  private transient RecordCodec<Event> codec;

  private RejectEvents(String topic, Reason reason) {
    this.topic = topic;
    this.reason = reason;
  }

  /** Those that came after the watermark. */
  static RejectEvents late(String topic) {
    return new RejectEvents(topic, Reason.LATE);
  }

  /** Those of new keys beyond the limit. */
  static RejectEvents beyondKeyLimit(String topic) {
    return new RejectEvents(topic, Reason.KEY_LIMIT);
  }

  /** Those whose key had no published model for too long. */
  static RejectEvents withoutModel(String topic) {
    return new RejectEvents(topic, Reason.NO_MODEL);
  }

  @Override
  public void open(OpenContext context) {
    codec = RecordType.EVENT.newCodec();
  }

  @Override
  public RejectedRecord map(Event event) {
    return new RejectedRecord(
        topic,
        -1,
        -1,
        event.modelKey().getBytes(StandardCharsets.UTF_8),
        codec.encode(event),
        reason,
        "event " + event.eventId() + message(event),
        event.eventTime());
  }

  private String message(Event event) {
    return switch (reason) {
      case LATE ->
          " of time "
              + event.eventTime()
              + " came after the watermark had passed it; raise watermarks.out-of-orderness";
      case NO_MODEL ->
          ": no model of key '"
              + event.modelKey()
              + "' was published within scorer.patience, or too many events waited";
      default -> " has a new model key, and its subtask has as many as state.max-keys allows";
    };
  }
}
