package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyReaderTest {

  @Test
  void integersAreThoseOfAvro() throws Exception {
    Random random = new Random(11);
    BodyWriter writer = new BodyWriter();

    for (int i = 0; i < 20_000; i++) {
      long value = i == 0 ? Long.MIN_VALUE : random.nextLong() >> random.nextInt(64);
      byte[] avro = encode(encoder -> encoder.writeLong(value));
      writer.reset();
      writer.writeLong(value);

      assertThat(writer.toByteArray()).isEqualTo(avro);
      assertThat(reader(avro).readLong("value")).isEqualTo(value);
    }
  }

  @Test
  void readsCollectionsInSeveralBlocksWithAndWithoutTheirSize() throws Exception {
    byte[] bytes =
        encode(
            encoder -> {
              encoder.writeLong(2);
              encoder.writeFloat(1);
              encoder.writeFloat(2);
              encoder.writeLong(-1);
              encoder.writeLong(4);
              encoder.writeFloat(3);
              encoder.writeLong(0);
            });

    BodyReader reader = reader(bytes);

    assertThat(reader.readFloatArray("values")).containsExactly(1, 2, 3);
    reader.expectEnd();
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 3, 1 << 30, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE})
  void claimedLengthsBeyondTheBytesAreRefusedBeforeAllocating(long length) throws Exception {
    byte[] bytes =
        encode(
            encoder -> {
              encoder.writeLong(length);
              encoder.writeFixed(new byte[2]);
            });

    refused(() -> reader(bytes).readBytes("field"));
    refused(() -> reader(bytes).readString("field"));
    refused(() -> reader(bytes).readPackedFloats("field"));
    refused(() -> reader(bytes).readFloatArray("field"));
    refused(() -> reader(bytes).readIntArray("field"));
    refused(() -> reader(bytes).readMap(BodyReader::readFloat, "field"));
  }

  @Test
  @Timeout(30) // Copying the array at every block took minutes; growing it takes milliseconds.
  void manyBlocksOfOneEntryDoNotCostSquares() throws Exception {
    int blocks = 500_000;
    byte[] bytes =
        encode(
            encoder -> {
              for (int i = 0; i < blocks; i++) {
                encoder.writeLong(1);
                encoder.writeFloat(i);
              }
              encoder.writeLong(0);
            });

    assertThat(reader(bytes).readFloatArray("values")).hasSize(blocks).endsWith(blocks - 1);
  }

  @Test
  void malformedTextIsRefusedAndAReplacementCharacterIsNot() throws Exception {
    byte[] fine = encode(encoder -> encoder.writeString("a\uFFFDb"));
    byte[] malformed = fine.clone();
    malformed[malformed.length - 2] = (byte) 0xFF;

    assertThat(reader(fine).readString("field")).isEqualTo("a\uFFFDb");
    refused(() -> reader(malformed).readString("field"));
  }

  @Test
  void repeatedMapKeysOtherBooleansAndLongIntegersAreRefused() throws Exception {
    byte[] map =
        encode(
            encoder -> {
              encoder.writeLong(2);
              encoder.writeString("a");
              encoder.writeString("1");
              encoder.writeString("a");
              encoder.writeString("2");
              encoder.writeLong(0);
            });
    byte[] eleven = new byte[11];
    Arrays.fill(eleven, (byte) 0x80);

    refused(() -> reader(map).readMap(BodyReader::readString, "field"));
    refused(() -> reader(new byte[] {2}).readBoolean("field"));
    refused(() -> reader(new byte[] {4}).readPresence("field"));
    refused(() -> reader(eleven).readLong("field"));
    refused(() -> reader(encode(e -> e.writeLong(1L << 31))).readInt("field"));
  }

  @Test
  void refusalsNameTheFieldTheByteAndWhatWasFound() {
    byte[] bytes = "\u0010abc".getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> reader(bytes).readString("eventId"))
        .hasMessage(
            "Field eventId at byte 1: expected at most the 3 bytes left, found a length of 8");
  }

  private static void refused(ThrowingCallable read) {
    assertThatThrownBy(read)
        .isInstanceOf(DecodeException.class)
        .hasMessageStartingWith("Field field at byte");
  }

  private static BodyReader reader(byte[] bytes) {
    BodyReader reader = new BodyReader();
    reader.reset(bytes, 0, bytes.length);
    return reader;
  }

  private interface Writing {
    void to(BinaryEncoder encoder) throws IOException;
  }

  private static byte[] encode(Writing writing) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    writing.to(encoder);
    encoder.flush();
    return out.toByteArray();
  }
}
