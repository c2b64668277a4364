package io.counterweight.support;

import io.counterweight.event.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * Records in Confluent's framing, made and read by Avro alone: what another application would do.
 */
public final class Framing {
  private Framing() {}

  /** The schema of events as its file has it. */
  public static Schema eventSchema() {
    try (InputStream file = Framing.class.getResourceAsStream("/schemas/labeled-event.avsc")) {
      return new Schema.Parser().parse(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A record's schema without some of its fields. */
  public static Schema without(Schema schema, String... names) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      if (!Set.of(names).contains(field.name())) {
        fields.add(new Schema.Field(field, field.schema()));
      }
    }
    return Schema.createRecord(schema.getName(), null, schema.getNamespace(), false, fields);
  }

  /** A record's schema with a further field at its front, where everything else moves. */
  public static Schema with(Schema schema, String field) {
    return new Schema.Parser()
        .parse(schema.toString().replace("\"fields\":[", "\"fields\":[" + field + ","));
  }

  /** An event in a schema that has its fields or some of them. */
  public static GenericRecord record(Schema schema, Event event) {
    GenericRecord record = new GenericData.Record(schema);
    ByteBuffer features =
        ByteBuffer.allocate(Float.BYTES * event.features().length).order(ByteOrder.LITTLE_ENDIAN);
    for (float feature : event.features()) {
      features.putFloat(feature);
    }
    put(record, "eventId", event.eventId());
    put(record, "modelKey", event.modelKey());
    put(record, "eventTime", event.eventTime());
    put(record, "features", features.flip());
    put(record, "label", event.isLabelled() ? event.label() : null);
    put(record, "labelSource", event.labelSource());
    put(record, "attributes", event.attributes());
    return record;
  }

  /** The same with the value of one field more. */
  public static GenericRecord record(Schema schema, Event event, String field, Object value) {
    GenericRecord record = record(schema, event);
    record.put(field, value);
    return record;
  }

  private static void put(GenericRecord record, String field, Object value) {
    if (record.hasField(field)) {
      record.put(field, value);
    }
  }

  /** A record behind an id. */
  public static byte[] write(int id, GenericRecord record) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(body, null);
    try {
      new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return framed(id, body.toByteArray());
  }

  /** Any bytes behind an id. */
  public static byte[] framed(int id, byte[] body) {
    return ByteBuffer.allocate(5 + body.length).put((byte) 0).putInt(id).put(body).array();
  }

  /** A framed record by the schema that a registry has under its id. */
  public static GenericRecord read(TestRegistry registry, byte[] bytes) {
    ByteBuffer frame = ByteBuffer.wrap(bytes);
    if (frame.get() != 0) {
      throw new AssertionError("No magic byte");
    }
    Schema schema = registry.schema(frame.getInt());
    try {
      return new GenericDatumReader<GenericRecord>(schema)
          .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
