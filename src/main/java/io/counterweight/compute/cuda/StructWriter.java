package io.counterweight.compute.cuda;

import java.nio.ByteBuffer;

/**
 * Writes the fields of a C structure in their order: pointers of eight bytes, then words of four.
 * The names are the fields' names in {@code layout.cuh}; a test compares their offsets.
 */
class StructWriter {
  private final ByteBuffer to;

  /** Writes to a little-endian buffer from its position on. */
  StructWriter(ByteBuffer to) {
    this.to = to;
  }

  void pointer(String name, long address) {
    to.putLong(address);
  }

  void word(String name, int value) {
    to.putInt(value);
  }

  void word(String name, float value) {
    to.putFloat(value);
  }

  void word(String name, boolean value) {
    word(name, value ? 1 : 0);
  }

  /** An array of words, its rest 0. */
  void words(String name, int length, int... values) {
    if (values.length > length) {
      throw new IllegalArgumentException(
          name + " has " + values.length + " entries, there is room for " + length);
    }
    for (int i = 0; i < length; i++) {
      to.putInt(i < values.length ? values[i] : 0);
    }
  }
}
