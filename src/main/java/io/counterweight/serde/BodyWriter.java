package io.counterweight.serde;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes Avro's binary encoding into an array that grows and is kept between records, because
 * records are small and many. Collections are written as one block. Not thread-safe.
 */
final class BodyWriter {
  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle DOUBLE =
      MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int LONGEST_VARINT = 10;

  private byte[] bytes = new byte[512];
  private int size;

  void reset() {
    size = 0;
  }

  int size() {
    return size;
  }

  /** The written bytes begin at index 0; the array is valid until the next write. */
  byte[] array() {
    return bytes;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  void writeRaw(byte[] raw) {
    ensure(raw.length);
    System.arraycopy(raw, 0, bytes, size, raw.length);
    size += raw.length;
  }

  void writeBoolean(boolean value) {
    ensure(1);
    bytes[size++] = (byte) (value ? 1 : 0);
  }

  void writeInt(int value) {
    writeLong(value);
  }

  void writeLong(long value) {
    ensure(LONGEST_VARINT);
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  void writeFloat(float value) {
    ensure(Float.BYTES);
    FLOAT.set(bytes, size, value);
    size += Float.BYTES;
  }

  void writeDouble(double value) {
    ensure(Double.BYTES);
    DOUBLE.set(bytes, size, value);
    size += Double.BYTES;
  }

  void writeString(String value) {
    writeBytes(value.getBytes(StandardCharsets.UTF_8));
  }

  void writeBytes(byte[] value) {
    writeInt(value.length);
    writeRaw(value);
  }

  /** Branch of a union {@code [null, something]}; answers whether the value must follow. */
  boolean writePresence(Object value) {
    writeInt(value == null ? 0 : 1);
    return value != null;
  }

  void writeEnum(Enum<?> value) {
    writeInt(value.ordinal());
  }

  /** Avro {@code bytes} of 4 bytes a value. */
  void writePackedFloats(float[] values) {
    writeInt(Math.multiplyExact(values.length, Float.BYTES));
    writeFloats(values);
  }

  /** Avro {@code array<float>}. */
  void writeFloatArray(float[] values) {
    if (values.length > 0) {
      writeInt(values.length);
      writeFloats(values);
    }
    writeInt(0);
  }

  private void writeFloats(float[] values) {
    ensure(Math.multiplyExact(values.length, Float.BYTES));
    for (float value : values) {
      FLOAT.set(bytes, size, value);
      size += Float.BYTES;
    }
  }

  void writeIntArray(int[] values) {
    if (values.length > 0) {
      writeInt(values.length);
      for (int value : values) {
        writeInt(value);
      }
    }
    writeInt(0);
  }

  /** Avro {@code array<string>}. */
  void writeStringArray(List<String> values) {
    if (!values.isEmpty()) {
      writeInt(values.size());
      values.forEach(this::writeString);
    }
    writeInt(0);
  }

  /** Writes the value of one map entry. */
  @FunctionalInterface
  interface ValueWriter<V> {
    void write(BodyWriter out, V value);
  }

  <V> void writeMap(Map<String, V> map, ValueWriter<V> values) {
    if (!map.isEmpty()) {
      writeInt(map.size());
      for (Map.Entry<String, V> entry : map.entrySet()) {
        writeString(entry.getKey());
        values.write(this, entry.getValue());
      }
    }
    writeInt(0);
  }

  private void ensure(int more) {
    if (bytes.length - size < more) {
      long needed = (long) size + more;
      if (needed > Integer.MAX_VALUE - 8) {
        throw new IllegalStateException(
            "A record of more than " + needed + " bytes cannot be encoded; the limit is 2 GiB");
      }
      bytes =
          Arrays.copyOf(
              bytes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * bytes.length)));
    }
  }
}
