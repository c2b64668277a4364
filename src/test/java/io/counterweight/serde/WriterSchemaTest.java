package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.counterweight.event.RejectedRecord.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Schemas and records of somebody who means harm. */
@Timeout(60)
class WriterSchemaTest {
  private static final Schema READER = schema("{\"name\":\"kept\",\"type\":\"int\"}");

  private static Schema schema(String fields) {
    return new Schema.Parser().parse(text(fields));
  }

  private static String text(String fields) {
    return "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" + fields + "]}";
  }

  private static String extra(String type) {
    return text("{\"name\":\"extra\",\"type\":" + type + "},{\"name\":\"kept\",\"type\":\"int\"}");
  }

  private static void assertRefused(String text, String... parts) {
    DecodeException refusal =
        catchThrowableOfType(DecodeException.class, () -> WriterSchema.of(text, READER));

    assertThat(refusal).as(text.substring(0, Math.min(200, text.length()))).isNotNull();
    assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN_SCHEMA);
    assertThat(refusal).hasMessageContainingAll(parts);
    assertThat(refusal.getMessage()).hasSizeLessThan(600);
  }

  @Test
  void whatIsNoSchemaIsRefused() {
    assertRefused("", "cannot be parsed");
    assertRefused("{", "no JSON");
    assertRefused("{\"type\":\"record\"}", "cannot be parsed");
    assertRefused("[]", "expected a record");
    assertRefused("\"int\"", "INT, expected a record");
    assertRefused(extra("\"no.Such\""), "cannot be parsed", "no.Such");
    assertRefused(text("{\"name\":\"kept\",\"type\":\"string\"}"), "does not fit R");
    assertRefused(text(""), "does not fit R");
  }

  @Test
  void deepTextsAreRefusedBeforeTheyAreParsed() {
    int levels = 100_000;
    assertRefused("[".repeat(levels) + "]".repeat(levels), "deeper than 256 levels");
    String arrays =
        "{\"type\":\"array\",\"items\":".repeat(levels) + "\"int\"" + "}".repeat(levels);
    assertRefused(extra(arrays), "deeper than 256 levels");
  }

  @Test
  void deepSchemasAreRefusedHoweverTheyAreWritten() {
    assertRefused(
        extra("{\"type\":\"array\",\"items\":".repeat(80) + "\"int\"" + "}".repeat(80)),
        "deeper than 64 levels");
    assertRefused(chain(990), "more than 2000 types, each counted wherever it is used");
    assertRefused(chain(20_000), "more than 2000 types and fields");
  }

  /** Each record in the one before it, all named in one list. */
  private static String chain(int records) {
    StringBuilder chain = new StringBuilder();
    for (int n = 0; n < records; n++) {
      chain
          .append(n == 0 ? "[" : ",")
          .append("{\"type\":\"record\",\"name\":\"R")
          .append(n)
          .append("\",\"fields\":[{\"name\":\"f\",\"type\":")
          .append(n == 0 ? "\"int\"" : "\"R" + (n - 1) + "\"")
          .append("}]}");
    }
    return extra(chain + "]");
  }

  @Test
  void recursiveSchemasAreRefused() {
    assertRefused(
        extra(
            "{\"type\":\"record\",\"name\":\"Node\",\"fields\":[{\"name\":\"next\",\"type\":"
                + "[\"null\",\"Node\"]}]}"),
        "recursive in Node");
    assertRefused(extra("[\"null\",\"R\"]"), "recursive in R");
    assertRefused(extra("{\"type\":\"array\",\"items\":\"R\"}"), "recursive in R");
  }

  @Test
  void aTypeIsCountedAsOftenAsItIsUsed() {
    StringBuilder doubling =
        new StringBuilder("{\"type\":\"record\",\"name\":\"A0\",\"fields\":[]}");
    for (int n = 1; n < 40; n++) {
      doubling =
          new StringBuilder("{\"type\":\"record\",\"name\":\"A")
              .append(n)
              .append("\",\"fields\":[{\"name\":\"l\",\"type\":")
              .append(doubling)
              .append("},{\"name\":\"r\",\"type\":\"A")
              .append(n - 1)
              .append("\"}]}");
    }
    assertRefused(extra(doubling.toString()), "more than 2000 types");
    StringBuilder wide = new StringBuilder("[\"null\"");
    for (int n = 0; n < 5_000; n++) {
      wide.append(",{\"type\":\"fixed\",\"size\":1,\"name\":\"F").append(n).append("\"}");
    }
    assertRefused(extra(wide + "]"), "more than 2000 types");
  }

  @Test
  void entriesThatTakeNoBytesAreRefused() {
    assertRefused(extra("{\"type\":\"array\",\"items\":\"null\"}"), "take no bytes");
    assertRefused(
        extra(
            "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"E\",\"fields\":["
                + "{\"name\":\"f\",\"type\":\"null\"}]}}"),
        "take no bytes");
    assertRefused(
        extra(
            "{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":"
                + "{\"type\":\"fixed\",\"name\":\"Z\",\"size\":0}}}"),
        "take no bytes");
  }

  @Test
  void claimsOfARecordAreComparedWithItsBytesBeforeAvroSeesThem() throws Exception {
    WriterSchema arrays = WriterSchema.of(extra("{\"type\":\"array\",\"items\":\"int\"}"), READER);
    assertThat(arrays.isReaders()).isFalse();
    assertThat(arrays.transcode(longs(2, 7, 8, 0, 5), 0)).isEqualTo(longs(5));
    assertThat(arrays.transcode(longs(-2, 2, 7, 8, 0, 5), 0)).isEqualTo(longs(5));
    for (long count : new long[] {3, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertMalformed(arrays, longs(count, 7, 8));
    }
    assertMalformed(arrays, longs(-2, 1, 7, 8, 0, 5));
    assertMalformed(arrays, longs(-2, 3, 7, 8, 0, 5));
    assertMalformed(arrays, longs(-2, Long.MAX_VALUE, 7, 8, 0, 5));
    assertMalformed(arrays, longs(-2, -1, 7, 8, 0, 5));

    WriterSchema maps = WriterSchema.of(extra("{\"type\":\"map\",\"values\":\"null\"}"), READER);
    assertThat(maps.transcode(longs(2, 0, 0, 0, 5), 0)).isEqualTo(longs(5));
    assertMalformed(maps, longs(Integer.MAX_VALUE, 0, 0, 0, 5));

    WriterSchema bytes = WriterSchema.of(extra("\"bytes\""), READER);
    assertMalformed(bytes, longs(Integer.MAX_VALUE, 5));
    assertMalformed(bytes, longs(-1, 5));

    WriterSchema fixed =
        WriterSchema.of(extra("{\"type\":\"fixed\",\"name\":\"F\",\"size\":1073741824}"), READER);
    assertMalformed(fixed, longs(5, 5));

    WriterSchema unions =
        WriterSchema.of(
            extra("[\"null\",{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}]"), READER);
    assertThat(unions.transcode(longs(1, 0, 5), 0)).isEqualTo(longs(5));
    assertMalformed(unions, longs(2, 0, 5));
    assertMalformed(unions, longs(-1, 0, 5));
    assertMalformed(unions, longs(1, 1, 5));
    assertMalformed(unions, longs(0, 5, 5));
  }

  private static void assertMalformed(WriterSchema schema, byte[] bytes) {
    DecodeException refusal =
        catchThrowableOfType(DecodeException.class, () -> schema.transcode(bytes, 0));

    assertThat(refusal).as(Arrays.toString(bytes)).isNotNull();
    assertThat(refusal.reason()).isEqualTo(Reason.MALFORMED);
  }

  private static byte[] longs(long... values) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    for (long value : values) {
      encoder.writeLong(value);
    }
    return bytes.toByteArray();
  }
}
