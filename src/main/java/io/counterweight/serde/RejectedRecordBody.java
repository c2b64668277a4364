package io.counterweight.serde;

import com.fasterxml.jackson.core.JsonGenerator;
import io.counterweight.event.RejectedRecord;
import java.io.IOException;
import org.apache.avro.Schema;

final class RejectedRecordBody implements RecordBody<RejectedRecord> {
  private static final RejectedRecord.Reason[] REASONS = RejectedRecord.Reason.values();

  @Override
  public Schema schema() {
    return io.counterweight.avro.RejectedRecord.getClassSchema();
  }

  @Override
  public void write(RejectedRecord reject, BodyWriter out) {
    out.writeString(reject.topic());
    out.writeInt(reject.partition());
    out.writeLong(reject.offset());
    if (out.writePresence(reject.key())) {
      out.writeBytes(reject.key());
    }
    out.writeBytes(reject.value());
    out.writeEnum(reject.reason());
    out.writeString(reject.message());
    out.writeLong(reject.rejectedTime());
  }

  @Override
  public RejectedRecord read(BodyReader in) throws DecodeException {
    return new RejectedRecord(
        in.readString("topic"),
        in.readInt("partition"),
        in.readLong("offset"),
        in.readPresence("key") ? in.readBytes("key") : null,
        in.readBytes("value"),
        in.readEnum(REASONS, "reason"),
        in.readString("message"),
        in.readLong("rejectedTime"));
  }

  /** The original key, so that a mended record goes where the first one was meant to go. */
  @Override
  public byte[] key(RejectedRecord reject) {
    return reject.key();
  }

  @Override
  public void writeJson(RejectedRecord reject, JsonGenerator json) throws IOException {
    json.writeStringField("topic", reject.topic());
    json.writeNumberField("partition", reject.partition());
    json.writeNumberField("offset", reject.offset());
    JsonFields.base64(json, "key", reject.key());
    JsonFields.base64(json, "value", reject.value());
    JsonFields.constant(json, "reason", reject.reason());
    json.writeStringField("message", reject.message());
    json.writeNumberField("rejectedTime", reject.rejectedTime());
  }
}
