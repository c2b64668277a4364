package io.counterweight.support;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Inputs near those of a corpus. Input n is the same in every run. */
public final class Mutations {
  private static final byte[] BYTES = {0, 1, 2, 0x20, 0x22, 0x7d, 0x7f, (byte) 0x80, (byte) 0xff};
  private static final int[] INTEGERS = {
    0, 1, -1, 2, 127, 128, 255, 256, 65_535, 1 << 20, 1 << 28, Integer.MAX_VALUE, Integer.MIN_VALUE
  };
  private static final List<String> TEXTS =
      List.of(
          "null",
          "true",
          "NaN",
          "-1",
          "0",
          "1e999",
          "1e-999",
          "99999999999999999999",
          "\"\"",
          "[]",
          "{}",
          "[[[[",
          "\\u0000",
          "\\ud800",
          "é",
          "☂",
          "\n",
          ": ",
          "- ",
          "#",
          "&a",
          "*a",
          "|",
          "---",
          "\t",
          "'",
          "\"",
          ",",
          "2147483648",
          "0x10",
          "1_000",
          "1 d",
          "~");
  private static final int MOST = 4;

  private final List<byte[]> corpus;

  /** Inputs near these, in this order. */
  public Mutations(List<byte[]> corpus) {
    this.corpus = List.copyOf(corpus);
  }

  /** Input n: first the corpus itself, then one to four changes of one of it. */
  public byte[] input(int n) {
    if (n < corpus.size()) {
      return corpus.get(n).clone();
    }
    Random random = new Random(n * 0x9e3779b97f4a7c15L);
    byte[] input = pick(random);
    for (int left = 1 + random.nextInt(MOST); left > 0; left--) {
      input = change(input, random);
    }
    return input;
  }

  private byte[] pick(Random random) {
    return corpus.get(random.nextInt(corpus.size())).clone();
  }

  private byte[] change(byte[] input, Random random) {
    if (input.length == 0) {
      return pick(random);
    }
    int at = random.nextInt(input.length);
    switch (random.nextInt(9)) {
      case 0:
        input[at] ^= (byte) (1 << random.nextInt(8));
        return input;
      case 1:
        input[at] = BYTES[random.nextInt(BYTES.length)];
        return input;
      case 2:
        if (at + Integer.BYTES <= input.length) {
          ByteBuffer.wrap(input)
              .order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN)
              .putInt(at, INTEGERS[random.nextInt(INTEGERS.length)]);
        }
        return input;
      case 3:
        return Arrays.copyOf(input, at);
      case 4:
        return joined(input, 0, at, new byte[1 + random.nextInt(8)], input, at);
      case 5:
        int end = Math.min(input.length, at + 1 + random.nextInt(16));
        return joined(input, 0, at, new byte[0], input, end);
      case 6:
        int from = random.nextInt(at + 1);
        return joined(input, 0, at, Arrays.copyOfRange(input, from, at), input, at);
      case 7:
        byte[] other = pick(random);
        return joined(input, 0, at, new byte[0], other, random.nextInt(other.length + 1));
      default:
        byte[] text = TEXTS.get(random.nextInt(TEXTS.size())).getBytes(StandardCharsets.UTF_8);
        int rest = random.nextBoolean() ? at : Math.min(input.length, at + text.length);
        return joined(input, 0, at, text, input, rest);
    }
  }

  private static byte[] joined(
      byte[] first, int from, int to, byte[] middle, byte[] last, int restFrom) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    joined.write(first, from, to - from);
    joined.writeBytes(middle);
    joined.write(last, restFrom, last.length - restFrom);
    return joined.toByteArray();
  }
}
