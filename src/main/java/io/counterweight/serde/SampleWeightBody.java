package io.counterweight.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import io.counterweight.event.SampleWeight;
import java.io.IOException;
import org.apache.avro.Schema;

final class SampleWeightBody implements RecordBody<SampleWeight> {

  @Override
  public Schema schema() {
    return io.counterweight.avro.SampleWeight.getClassSchema();
  }

  @Override
  public void write(SampleWeight weight, BodyWriter out) {
    out.writeString(weight.eventId());
    out.writeString(weight.modelKey());
    out.writeLong(weight.eventTime());
    out.writeInt(weight.label());
    out.writeFloat(weight.loss());
    out.writeFloat(weight.weight());
    if (out.writePresence(weight.rawWeight())) {
      out.writeFloat(weight.rawWeight());
    }
    if (out.writePresence(weight.alignment())) {
      out.writeFloat(weight.alignment());
    }
    out.writeBoolean(weight.suspect());
    out.writeLong(weight.modelVersion());
    out.writeString(weight.lane());
    if (out.writePresence(weight.belief())) {
      out.writeFloat(weight.belief());
    }
  }

  @Override
  public SampleWeight read(BodyReader in) throws DecodeException {
    return new SampleWeight(
        in.readString("eventId"),
        in.readString("modelKey"),
        in.readLong("eventTime"),
        in.readInt("label"),
        in.readFloat("loss"),
        in.readFloat("weight"),
        in.readPresence("rawWeight") ? (Float) in.readFloat("rawWeight") : null,
        in.readPresence("alignment") ? (Float) in.readFloat("alignment") : null,
        in.readBoolean("suspect"),
        in.readLong("modelVersion"),
        in.readString("lane"),
        in.readPresence("belief") ? (Float) in.readFloat("belief") : null);
  }

  @Override
  public byte[] key(SampleWeight weight) {
    return weight.modelKey().getBytes(UTF_8);
  }

  @Override
  public void writeJson(SampleWeight weight, JsonGenerator json) throws IOException {
    json.writeStringField("eventId", weight.eventId());
    json.writeStringField("modelKey", weight.modelKey());
    json.writeNumberField("eventTime", weight.eventTime());
    json.writeNumberField("label", weight.label());
    JsonFields.number(json, "loss", weight.loss());
    JsonFields.number(json, "weight", weight.weight());
    JsonFields.number(json, "rawWeight", weight.rawWeight());
    JsonFields.number(json, "alignment", weight.alignment());
    json.writeBooleanField("suspect", weight.suspect());
    json.writeNumberField("modelVersion", weight.modelVersion());
    json.writeStringField("lane", weight.lane());
    JsonFields.number(json, "belief", weight.belief());
  }
}
