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
 * A late event as a reject. It was readable, so its value is the event written again in the
 * engine's own format; partition and offset are no longer known and −1.
 */
final class RejectLate extends RichMapFunction<Event, RejectedRecord> {
  private static final long serialVersionUID = 1L;

  private final String topic;
  private transient RecordCodec<Event> codec;

  RejectLate(String topic) {
    this.topic = topic;
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
        Reason.LATE,
        "event "
            + event.eventId()
            + " of time "
            + event.eventTime()
            + " came after the watermark had passed it; raise watermarks.out-of-orderness",
        event.eventTime());
  }
}
