package io.counterweight.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import io.counterweight.event.ModelSnapshot;
import java.io.IOException;
import org.apache.avro.Schema;

final class ModelSnapshotBody implements RecordBody<ModelSnapshot> {

  @Override
  public Schema schema() {
    return io.counterweight.avro.ModelSnapshot.getClassSchema();
  }

  @Override
  public void write(ModelSnapshot model, BodyWriter out) {
    out.writeString(model.modelKey());
    out.writeLong(model.modelVersion());
    out.writeLong(model.trainedUntil());
    out.writeString(model.architecture());
    out.writeBytes(model.learner());
    out.writeMap(model.metrics(), BodyWriter::writeDouble);
  }

  @Override
  public ModelSnapshot read(BodyReader in) throws DecodeException {
    return new ModelSnapshot(
        in.readString("modelKey"),
        in.readLong("modelVersion"),
        in.readLong("trainedUntil"),
        in.readString("architecture"),
        in.readBytes("learner"),
        in.readMap(BodyReader::readDouble, "metrics"));
  }

  @Override
  public byte[] key(ModelSnapshot model) {
    return model.modelKey().getBytes(UTF_8);
  }

  @Override
  public void writeJson(ModelSnapshot model, JsonGenerator json) throws IOException {
    json.writeStringField("modelKey", model.modelKey());
    json.writeNumberField("modelVersion", model.modelVersion());
    json.writeNumberField("trainedUntil", model.trainedUntil());
    json.writeStringField("architecture", model.architecture());
    JsonFields.base64(json, "learner", model.learner());
    JsonFields.map(json, "metrics", model.metrics(), JsonFields::number);
  }
}
