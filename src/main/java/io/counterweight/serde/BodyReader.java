package io.counterweight.serde;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads Avro's binary encoding from an array that may be hostile. Every claimed length is compared
 * with the bytes that are left before anything is allocated, so that what a record costs is bounded
 * by its own size. Stricter than Avro's decoder: booleans are 0 or 1, text is well-formed UTF-8,
 * map keys are distinct, and the body ends where the bytes end. Not thread-safe.
 *
 * <p>The {@code field} arguments only serve error messages.
 */
final class BodyReader {
  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle DOUBLE =
      MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);
  private static final char REPLACEMENT = '\uFFFD';

  private byte[] bytes;
  private int position;
  private int limit;

  /** Begins to read {@code bytes[from, to)}. */
  void reset(byte[] source, int from, int to) {
    bytes = source;
    position = from;
    limit = to;
  }

  /** Forgets the array, so that a large one is not kept alive. */
  void release() {
    bytes = null;
  }

  int position() {
    return position;
  }

  int remaining() {
    return limit - position;
  }

  /** Passes over so many bytes. */
  void skip(int count, String field) throws DecodeException {
    require(count, field);
    position += count;
  }

  /** Passes over a string or bytes. */
  void skipBytes(String field) throws DecodeException {
    int length = readLength(field);
    position += length;
  }

  void expectEnd() throws DecodeException {
    if (position != limit) {
      throw DecodeException.malformed(
          "Expected the record to end at byte "
              + position
              + ", found "
              + (limit - position)
              + " more");
    }
  }

  boolean readBoolean(String field) throws DecodeException {
    require(1, field);
    byte value = bytes[position++];
    if (value != 0 && value != 1) {
      throw malformed(field, "expected 0 or 1, found " + value);
    }
    return value == 1;
  }

  int readInt(String field) throws DecodeException {
    long value = readLong(field);
    if (value != (int) value) {
      throw malformed(field, "expected a 32-bit integer, found " + value);
    }
    return (int) value;
  }

  long readLong(String field) throws DecodeException {
    long raw = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      require(1, field);
      byte next = bytes[position++];
      raw |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    throw malformed(field, "expected an integer of at most 10 bytes");
  }

  float readFloat(String field) throws DecodeException {
    require(Float.BYTES, field);
    float value = (float) FLOAT.get(bytes, position);
    position += Float.BYTES;
    return value;
  }

  double readDouble(String field) throws DecodeException {
    require(Double.BYTES, field);
    double value = (double) DOUBLE.get(bytes, position);
    position += Double.BYTES;
    return value;
  }

  String readString(String field) throws DecodeException {
    int length = readLength(field);
    String value = new String(bytes, position, length, StandardCharsets.UTF_8);
    // Two different malformed keys would otherwise become the same one.
    if (value.indexOf(REPLACEMENT) >= 0
        && !Arrays.equals(
            value.getBytes(StandardCharsets.UTF_8),
            Arrays.copyOfRange(bytes, position, position + length))) {
      throw malformed(field, "expected UTF-8 text");
    }
    position += length;
    return value;
  }

  byte[] readBytes(String field) throws DecodeException {
    int length = readLength(field);
    byte[] value = Arrays.copyOfRange(bytes, position, position + length);
    position += length;
    return value;
  }

  /** Branch of a union {@code [null, something]}; answers whether a value follows. */
  boolean readPresence(String field) throws DecodeException {
    long branch = readLong(field);
    if (branch != 0 && branch != 1) {
      throw malformed(field, "expected union branch 0 or 1, found " + branch);
    }
    return branch == 1;
  }

  /** The constant with the index that was written; {@code constants} is not changed. */
  <E extends Enum<E>> E readEnum(E[] constants, String field) throws DecodeException {
    long index = readLong(field);
    if (index < 0 || index >= constants.length) {
      throw malformed(
          field, "expected the index of one of " + constants.length + " symbols, found " + index);
    }
    return constants[(int) index];
  }

  /** Avro {@code bytes} of 4 bytes a value. */
  float[] readPackedFloats(String field) throws DecodeException {
    int length = readLength(field);
    if (length % Float.BYTES != 0) {
      throw malformed(field, "expected 4 bytes a value, found " + length + " bytes");
    }
    float[] values = new float[length / Float.BYTES];
    return readFloats(values, 0, values.length);
  }

  /** Avro {@code array<float>}. */
  float[] readFloatArray(String field) throws DecodeException {
    float[] values = new float[0];
    int filled = 0;
    for (int count; (count = readBlockCount(Float.BYTES, field)) > 0; filled += count) {
      if (filled + count > values.length) {
        values = Arrays.copyOf(values, grownCapacity(values.length, filled + count));
      }
      readFloats(values, filled, filled + count);
    }
    return filled == values.length ? values : Arrays.copyOf(values, filled);
  }

  private float[] readFloats(float[] values, int from, int to) {
    int at = position;
    for (int i = from; i < to; i++) {
      values[i] = (float) FLOAT.get(bytes, at);
      at += Float.BYTES;
    }
    position = at;
    return values;
  }

  int[] readIntArray(String field) throws DecodeException {
    int[] values = new int[0];
    int filled = 0;
    for (int count; (count = readBlockCount(1, field)) > 0; ) {
      if (filled + count > values.length) {
        values = Arrays.copyOf(values, grownCapacity(values.length, filled + count));
      }
      for (int end = filled + count; filled < end; filled++) {
        values[filled] = readInt(field);
      }
    }
    return filled == values.length ? values : Arrays.copyOf(values, filled);
  }

  List<String> readStringArray(String field) throws DecodeException {
    List<String> values = new ArrayList<>();
    for (int count; (count = readBlockCount(1, field)) > 0; ) {
      for (int i = 0; i < count; i++) {
        values.add(readString(field));
      }
    }
    return List.copyOf(values);
  }

  /**
   * Exact for the usual single block, doubling after it: blocks of one entry must not cost squares.
   */
  private static int grownCapacity(int current, int needed) {
    return (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * current));
  }

  /** Reads the value of one map entry. */
  @FunctionalInterface
  interface ValueReader<V> {
    V read(BodyReader in, String field) throws DecodeException;
  }

  /** Entries in the order in which they were written; unmodifiable. */
  <V> Map<String, V> readMap(ValueReader<V> values, String field) throws DecodeException {
    int count = readBlockCount(2, field);
    if (count == 0) {
      return Map.of();
    }
    Map<String, V> map = new LinkedHashMap<>();
    for (; count > 0; count = readBlockCount(2, field)) {
      for (int i = 0; i < count; i++) {
        String key = readString(field);
        if (map.put(key, values.read(this, field)) != null) {
          throw malformed(field, "expected distinct keys, found one twice");
        }
      }
    }
    return Collections.unmodifiableMap(map);
  }

  /** Entries of the next block, 0 at the end; they fit into the bytes that are left. */
  private int readBlockCount(int smallestEntry, String field) throws DecodeException {
    long count = readLong(field);
    if (count < 0) {
      long blockBytes = readLong(field);
      if (count == Long.MIN_VALUE || blockBytes < 0 || blockBytes > limit - position) {
        throw malformed(
            field, "expected a block within the record, found one of " + blockBytes + " bytes");
      }
      count = -count;
    }
    if (count > (limit - position) / smallestEntry) {
      throw malformed(
          field,
          "expected no more entries than "
              + (limit - position)
              + " bytes can hold, found "
              + count);
    }
    return (int) count;
  }

  private int readLength(String field) throws DecodeException {
    long length = readLong(field);
    if (length < 0 || length > limit - position) {
      throw malformed(
          field,
          "expected at most the "
              + (limit - position)
              + " bytes left, found a length of "
              + length);
    }
    return (int) length;
  }

  private void require(int count, String field) throws DecodeException {
    if (limit - position < count) {
      throw malformed(field, "expected " + count + " more bytes, found " + (limit - position));
    }
  }

  DecodeException malformed(String field, String problem) {
    return DecodeException.malformed("Field " + field + " at byte " + position + ": " + problem);
  }
}
