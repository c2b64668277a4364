package io.counterweight.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link ByteWriter} wrote; a claimed length is checked against what is left before
 * memory is taken.
 */
final class ByteReader {
  private final ByteBuffer buffer;

  ByteReader(byte[] bytes) {
    buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void need(String what, long bytes) {
    if (bytes > buffer.remaining()) {
      throw new StateFormatException(
          "Learner state ends inside "
              + what
              + ": "
              + bytes
              + " bytes needed at offset "
              + buffer.position()
              + ", "
              + buffer.remaining()
              + " left");
    }
  }

  int readInt(String what) {
    need(what, 4);
    return buffer.getInt();
  }

  long readLong(String what) {
    need(what, 8);
    return buffer.getLong();
  }

  /** A count of things that take at least {@code bytesEach} bytes each. */
  int readCount(String what, int bytesEach) {
    int count = readInt(what);
    if (count < 0) {
      throw new StateFormatException(
          "Learner state claims " + count + " " + what + " before offset " + buffer.position());
    }
    need(what, (long) count * bytesEach);
    return count;
  }

  String readText(String what) {
    byte[] utf8 = new byte[readCount(what, 1)];
    buffer.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** Finite numbers: no learner holds another, so another is damage. */
  float[] readFloats(String what) {
    float[] values = new float[readCount(what, 4)];
    buffer.asFloatBuffer().get(values);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw contradiction(what, value, "finite numbers");
      }
    }
    buffer.position(buffer.position() + 4 * values.length);
    return values;
  }

  float[] readFloats(String what, int expected) {
    float[] values = readFloats(what);
    expect(what, values.length, expected);
    return values;
  }

  /** Finite numbers of at least 0, as every count, square and share is. */
  float[] readUnsignedFloats(String what, int expected) {
    float[] values = readFloats(what, expected);
    for (float value : values) {
      if (value < 0) {
        throw contradiction(what, value, "numbers of at least 0");
      }
    }
    return values;
  }

  /** Finite numbers, as {@link #readFloats}. */
  double[] readDoubles(String what, int expected) {
    double[] values = new double[readCount(what, 8)];
    expect(what, values.length, expected);
    buffer.asDoubleBuffer().get(values);
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw contradiction(what, value, "finite numbers");
      }
    }
    buffer.position(buffer.position() + 8 * values.length);
    return values;
  }

  double[] readDoubles(String what) {
    int at = buffer.position();
    int count = readCount(what, 8);
    buffer.position(at);
    return readDoubles(what, count);
  }

  /** As {@link #readUnsignedFloats}. */
  double[] readUnsignedDoubles(String what, int expected) {
    double[] values = readDoubles(what, expected);
    for (double value : values) {
      if (value < 0) {
        throw contradiction(what, value, "numbers of at least 0");
      }
    }
    return values;
  }

  /** A number of things that happened, at least 0. */
  long readUnsignedLong(String what) {
    long value = readLong(what);
    require(value >= 0, what, value, "at least 0");
    return value;
  }

  long[] readLongs(String what) {
    long[] values = new long[readCount(what, 8)];
    for (int i = 0; i < values.length; i++) {
      values[i] = readLong(what);
    }
    return values;
  }

  long[] readUnsignedLongs(String what) {
    long[] values = new long[readCount(what, 8)];
    for (int i = 0; i < values.length; i++) {
      values[i] = readUnsignedLong(what);
    }
    return values;
  }

  void require(boolean condition, String what, Object found, String rule) {
    if (!condition) {
      throw contradiction(what, found, rule);
    }
  }

  private StateFormatException contradiction(String what, Object found, String rule) {
    return new StateFormatException(
        "Learner state has "
            + found
            + " as "
            + what
            + " near offset "
            + buffer.position()
            + ", expected "
            + rule);
  }

  void expect(String what, long found, long expected) {
    if (found != expected) {
      throw new StateFormatException(
          "Learner state has "
              + found
              + " "
              + what
              + ", expected "
              + expected
              + ", before offset "
              + buffer.position());
    }
  }

  void expectEnd() {
    expect("bytes left at the end", buffer.remaining(), 0);
  }
}
