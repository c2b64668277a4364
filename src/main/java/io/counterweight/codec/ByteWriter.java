package io.counterweight.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Little-endian bytes that grow as needed. Arrays and texts are preceded by their length. */
final class ByteWriter {
  private byte[] bytes = new byte[4096];
  private ByteBuffer buffer = wrap();

  private ByteBuffer wrap() {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void reserve(int more) {
    if (buffer.remaining() < more) {
      int position = buffer.position();
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(position, more)));
      buffer = wrap().position(position);
    }
  }

  ByteWriter writeInt(int value) {
    reserve(4);
    buffer.putInt(value);
    return this;
  }

  ByteWriter writeLong(long value) {
    reserve(8);
    buffer.putLong(value);
    return this;
  }

  ByteWriter writeText(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    writeInt(utf8.length);
    reserve(utf8.length);
    buffer.put(utf8);
    return this;
  }

  ByteWriter writeFloats(float[] values) {
    writeInt(values.length);
    reserve(4 * values.length);
    buffer.asFloatBuffer().put(values);
    buffer.position(buffer.position() + 4 * values.length);
    return this;
  }

  ByteWriter writeDoubles(double[] values) {
    writeInt(values.length);
    reserve(8 * values.length);
    buffer.asDoubleBuffer().put(values);
    buffer.position(buffer.position() + 8 * values.length);
    return this;
  }

  ByteWriter writeLongs(long[] values) {
    writeInt(values.length);
    reserve(8 * values.length);
    buffer.asLongBuffer().put(values);
    buffer.position(buffer.position() + 8 * values.length);
    return this;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, buffer.position());
  }
}
