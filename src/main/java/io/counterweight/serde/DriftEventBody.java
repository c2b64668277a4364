package io.counterweight.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import java.io.IOException;
import org.apache.avro.Schema;

final class DriftEventBody implements RecordBody<DriftEvent> {
  private static final DriftState[] STATES = DriftState.values();
  private static final DriftKind[] KINDS = DriftKind.values();

  @Override
  public Schema schema() {
    return io.counterweight.avro.DriftEvent.getClassSchema();
  }

  @Override
  public void write(DriftEvent drift, BodyWriter out) {
    out.writeString(drift.modelKey());
    out.writeLong(drift.eventTime());
    out.writeLong(drift.onset());
    out.writeEnum(drift.state());
    out.writeEnum(drift.kind());
    out.writeString(drift.signal());
    out.writeString(drift.detector());
    out.writeDouble(drift.statistic());
    out.writeDouble(drift.threshold());
    out.writeLong(drift.modelVersion());
    out.writeStringArray(drift.affected());
  }

  @Override
  public DriftEvent read(BodyReader in) throws DecodeException {
    return new DriftEvent(
        in.readString("modelKey"),
        in.readLong("eventTime"),
        in.readLong("onset"),
        in.readEnum(STATES, "state"),
        in.readEnum(KINDS, "kind"),
        in.readString("signal"),
        in.readString("detector"),
        in.readDouble("statistic"),
        in.readDouble("threshold"),
        in.readLong("modelVersion"),
        in.readStringArray("affected"));
  }

  @Override
  public byte[] key(DriftEvent drift) {
    return drift.modelKey().getBytes(UTF_8);
  }

  @Override
  public void writeJson(DriftEvent drift, JsonGenerator json) throws IOException {
    json.writeStringField("modelKey", drift.modelKey());
    json.writeNumberField("eventTime", drift.eventTime());
    json.writeNumberField("onset", drift.onset());
    JsonFields.constant(json, "state", drift.state());
    JsonFields.constant(json, "kind", drift.kind());
    json.writeStringField("signal", drift.signal());
    json.writeStringField("detector", drift.detector());
    JsonFields.number(json, "statistic", drift.statistic());
    JsonFields.number(json, "threshold", drift.threshold());
    json.writeNumberField("modelVersion", drift.modelVersion());
    json.writeArrayFieldStart("affected");
    for (String affected : drift.affected()) {
      json.writeString(affected);
    }
    json.writeEndArray();
  }
}
