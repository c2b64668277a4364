package io.counterweight.compute.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Direct memory of the host that grows to the largest copy; what a copy reads or writes. */
final class Staging {
  private ByteBuffer buffer = allocate(1 << 16);

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * An empty buffer with room for that many bytes. The one that was given out before is reused.
   *
   * @throws IllegalStateException above 2 GiB
   */
  ByteBuffer room(long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "A copy of "
              + bytes
              + " bytes to or from the GPU is too large, at most 2 GiB are possible; use smaller"
              + " batches");
    }
    if (buffer.capacity() < bytes) {
      buffer = allocate((int) Math.min(Integer.MAX_VALUE, Math.max(bytes, 2L * buffer.capacity())));
    }
    buffer.clear().limit((int) bytes);
    return buffer;
  }

  /** Writes floats at the buffer's position and moves it. */
  static void put(ByteBuffer to, float[] values) {
    to.asFloatBuffer().put(values);
    to.position(to.position() + Float.BYTES * values.length);
  }

  /** Reads floats at the buffer's position and moves it. */
  static void get(ByteBuffer from, float[] values, int at, int count) {
    from.asFloatBuffer().get(values, at, count);
    from.position(from.position() + Float.BYTES * count);
  }
}
