package io.counterweight.serde;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Map;

/**
 * Values that Jackson has no single call for. JSON has no NaN or infinity: both are written as
 * null, as are absent values, so that every field is always there.
 */
final class JsonFields {
  private JsonFields() {}

  /** Writes one value. */
  @FunctionalInterface
  interface ValueWriter<V> {
    void write(JsonGenerator json, V value) throws IOException;
  }

  static void number(JsonGenerator json, Float value) throws IOException {
    if (value == null || !Float.isFinite(value)) {
      json.writeNull();
    } else {
      json.writeNumber(value);
    }
  }

  static void number(JsonGenerator json, Double value) throws IOException {
    if (value == null || !Double.isFinite(value)) {
      json.writeNull();
    } else {
      json.writeNumber(value);
    }
  }

  static void number(JsonGenerator json, String name, Float value) throws IOException {
    json.writeFieldName(name);
    number(json, value);
  }

  static void number(JsonGenerator json, String name, Double value) throws IOException {
    json.writeFieldName(name);
    number(json, value);
  }

  static void constant(JsonGenerator json, String name, Enum<?> value) throws IOException {
    json.writeStringField(name, value == null ? null : value.name());
  }

  static void base64(JsonGenerator json, String name, byte[] value) throws IOException {
    if (value == null) {
      json.writeNullField(name);
    } else {
      json.writeBinaryField(name, value);
    }
  }

  static void floats(JsonGenerator json, float[] values) throws IOException {
    json.writeStartArray();
    for (float value : values) {
      number(json, value);
    }
    json.writeEndArray();
  }

  static void floats(JsonGenerator json, String name, float[] values) throws IOException {
    json.writeFieldName(name);
    floats(json, values);
  }

  static void ints(JsonGenerator json, String name, int[] values) throws IOException {
    json.writeFieldName(name);
    if (values == null) {
      json.writeNull();
    } else {
      json.writeArray(values, 0, values.length);
    }
  }

  static <V> void map(JsonGenerator json, String name, Map<String, V> map, ValueWriter<V> values)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, V> entry : map.entrySet()) {
      json.writeFieldName(entry.getKey());
      values.write(json, entry.getValue());
    }
    json.writeEndObject();
  }
}
