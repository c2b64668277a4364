package io.counterweight.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import io.counterweight.avro.LabeledEvent;
import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

final class EventBody implements RecordBody<Event> {

  @Override
  public Schema schema() {
    return LabeledEvent.getClassSchema();
  }

  /** The same layout for labels on a topic of their own, whose writers may leave out two fields. */
  static Schema labelSchema() {
    Schema event = SchemaHistory.current(RecordType.EVENT.name());
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : event.getFields()) {
      fields.add(
          switch (field.name()) {
            case "features" -> new Schema.Field(field.name(), field.schema(), field.doc(), "");
            case "modelKey" ->
                new Schema.Field(
                    field.name(), field.schema(), field.doc(), EventFormat.DEFAULT_MODEL_KEY);
            default -> new Schema.Field(field, field.schema());
          });
    }
    return Schema.createRecord(
        event.getName(), event.getDoc(), event.getNamespace(), false, fields);
  }

  @Override
  public void write(Event event, BodyWriter out) {
    out.writeString(event.eventId());
    out.writeString(event.modelKey());
    out.writeLong(event.eventTime());
    out.writePackedFloats(event.features());
    if (event.isLabelled()) {
      out.writeInt(1);
      out.writeInt(event.label());
    } else {
      out.writeInt(0);
    }
    if (out.writePresence(event.labelSource())) {
      out.writeString(event.labelSource());
    }
    if (out.writePresence(event.attributes().isEmpty() ? null : event.attributes())) {
      out.writeMap(event.attributes(), BodyWriter::writeString);
    }
  }

  @Override
  public Event read(BodyReader in) throws DecodeException {
    String eventId = in.readString("eventId");
    String modelKey = in.readString("modelKey");
    long eventTime = in.readLong("eventTime");
    float[] features = in.readPackedFloats("features");
    checkFinite(features);
    int label = in.readPresence("label") ? checkLabel(in.readInt("label")) : Event.NO_LABEL;
    String labelSource = in.readPresence("labelSource") ? in.readString("labelSource") : null;
    Map<String, String> attributes =
        in.readPresence("attributes") ? in.readMap(BodyReader::readString, "attributes") : Map.of();
    return new Event(eventId, modelKey, eventTime, features, label, labelSource, attributes);
  }

  static void checkFinite(float[] features) throws DecodeException {
    for (int i = 0; i < features.length; i++) {
      if (Float.isInfinite(features[i])) {
        throw new DecodeException(
            Reason.NON_FINITE,
            "features["
                + i
                + "]: expected a finite value, or NaN for missing, found "
                + features[i]);
      }
    }
  }

  static int checkLabel(int label) throws DecodeException {
    if (label < 0) {
      throw new DecodeException(
          Reason.LABEL, "label: expected a class index from 0, or null, found " + label);
    }
    return label;
  }

  @Override
  public byte[] key(Event event) {
    return event.modelKey().getBytes(UTF_8);
  }

  @Override
  public void writeJson(Event event, JsonGenerator json) throws IOException {
    json.writeStringField("eventId", event.eventId());
    json.writeStringField("modelKey", event.modelKey());
    json.writeNumberField("eventTime", event.eventTime());
    JsonFields.floats(json, "features", event.features());
    if (event.isLabelled()) {
      json.writeNumberField("label", event.label());
    } else {
      json.writeNullField("label");
    }
    json.writeStringField("labelSource", event.labelSource());
    JsonFields.map(json, "attributes", event.attributes(), JsonGenerator::writeString);
  }
}
