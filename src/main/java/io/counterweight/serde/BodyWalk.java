package io.counterweight.serde;

import org.apache.avro.Schema;

/**
 * Follows a body along a schema with {@link BodyReader}, which compares every claimed length with
 * the bytes that are left, and keeps nothing. For schemas that {@link WriterSchema} has found fit.
 */
final class BodyWalk {
  private BodyWalk() {}

  /**
   * Leaves the reader behind one value.
   *
   * @throws DecodeException if the bytes do not follow the schema
   */
  static void over(Schema schema, BodyReader in) throws DecodeException {
    String name = schema.getName();
    switch (schema.getType()) {
      case RECORD -> {
        for (Schema.Field field : schema.getFields()) {
          over(field.schema(), in);
        }
      }
      case ARRAY -> blocks(schema.getElementType(), false, in);
      case MAP -> blocks(schema.getValueType(), true, in);
      case UNION -> over(schema.getTypes().get(index(in, schema.getTypes().size(), name)), in);
      case ENUM -> index(in, schema.getEnumSymbols().size(), name);
      case FIXED -> in.skip(schema.getFixedSize(), name);
      case STRING, BYTES -> in.skipBytes(name);
      case INT -> in.readInt(name);
      case LONG -> in.readLong(name);
      case FLOAT -> in.readFloat(name);
      case DOUBLE -> in.readDouble(name);
      case BOOLEAN -> in.readBoolean(name);
      case NULL -> {}
    }
  }

  private static int index(BodyReader in, int count, String name) throws DecodeException {
    long index = in.readLong(name);
    if (index < 0 || index >= count) {
      throw in.malformed(name, "expected an index below " + count + ", found " + index);
    }
    return (int) index;
  }

  /** Every entry takes a byte at least. */
  private static void blocks(Schema value, boolean keys, BodyReader in) throws DecodeException {
    String name = value.getName();
    for (long count = in.readLong(name); count != 0; count = in.readLong(name)) {
      int end = -1;
      if (count < 0) {
        // Avro passes over such a block by its length: a false one would lead to other bytes.
        long bytes = in.readLong(name);
        if (count == Long.MIN_VALUE || bytes < 0 || bytes > in.remaining()) {
          throw in.malformed(name, "expected a block within the record, found " + bytes + " bytes");
        }
        end = in.position() + (int) bytes;
        count = -count;
      }
      if (count > in.remaining()) {
        throw in.malformed(name, "expected at most " + in.remaining() + " entries, found " + count);
      }
      for (long entry = 0; entry < count; entry++) {
        if (keys) {
          in.skipBytes(name);
        }
        over(value, in);
      }
      if (end >= 0 && in.position() != end) {
        throw in.malformed(name, "expected the block to end at byte " + end);
      }
    }
  }
}
