package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.counterweight.avro.LabeledEvent;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord.Reason;
import io.counterweight.event.SampleWeight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AvroCodecTest {
  private static final long SEED = 20261121;

  static Stream<RecordType<?>> types() {
    return RecordSamples.TYPES.stream();
  }

  @ParameterizedTest
  @MethodSource("types")
  <T> void readsWhatItWrites(RecordType<T> type) throws DecodeException {
    RecordSamples samples = new RecordSamples(SEED);
    RecordCodec<T> codec = type.newCodec();

    for (int i = 0; i < 500; i++) {
      T record = samples.next(type);

      RecordSamples.assertSame(
          codec.decode(codec.encode(record)), record, "seed %d, record %d", SEED, i);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  <T> void writesAndReadsTheBytesOfTheGeneratedClass(RecordType<T> type) throws Exception {
    RecordSamples samples = new RecordSamples(SEED + 1);
    RecordCodec<T> codec = type.newCodec();

    for (int i = 0; i < 500; i++) {
      T record = samples.next(type);
      SpecificRecordBase twin = GeneratedTwins.of(record);
      byte[] bytes = codec.encode(record);

      assertThat(bytes)
          .as("seed %d, record %d", SEED + 1, i)
          .isEqualTo(GeneratedTwins.encode(twin));
      assertThat(GeneratedTwins.decode(twin, bytes)).isEqualTo(twin);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  <T> void refusesEveryTruncationAndAnythingBehindTheRecord(RecordType<T> type) {
    RecordSamples samples = new RecordSamples(SEED + 2);
    RecordCodec<T> codec = type.newCodec();

    for (int i = 0; i < 100; i++) {
      byte[] bytes = codec.encode(samples.next(type));

      for (int length = 0; length < bytes.length; length++) {
        byte[] truncated = Arrays.copyOf(bytes, length);
        assertThat(reasonOfRefusal(codec, truncated))
            .as("seed %d, record %d, %d of %d bytes", SEED + 2, i, length, bytes.length)
            .isEqualTo(Reason.MALFORMED);
      }
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
      assertThatThrownBy(() -> codec.decode(longer))
          .isInstanceOf(DecodeException.class)
          .hasMessageContaining("found 1 more");
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  <T> void randomBytesAreRefusedAndNeverFailOtherwise(RecordType<T> type) {
    Random random = new Random(SEED + 3);
    RecordCodec<T> codec = type.newCodec();
    byte[] header = Arrays.copyOf(codec.encode(new RecordSamples(1).next(type)), 10);

    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      if (reasonOfRefusal(codec, bytes) == null) {
        throw new AssertionError("Decoded random bytes: " + Arrays.toString(bytes));
      }
      if (bytes.length >= header.length) {
        System.arraycopy(header, 0, bytes, 0, header.length);
        decodeOrRefuse(codec, bytes);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  <T> void mutatedRecordsDecodeByLuckOrAreRefused(RecordType<T> type) {
    Random random = new Random(SEED + 4);
    RecordSamples samples = new RecordSamples(SEED + 4);
    RecordCodec<T> codec = type.newCodec();

    for (int i = 0; i < 1000; i++) {
      byte[] bytes = codec.encode(samples.next(type));
      for (int mutation = 0; mutation < 100; mutation++) {
        byte[] mutated = bytes.clone();
        for (int change = 1 + random.nextInt(3); change > 0; change--) {
          mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
        }
        decodeOrRefuse(codec, mutated);
      }
    }
  }

  /** Null if the bytes decode; any other exception than the codec's own fails the test. */
  private static Reason reasonOfRefusal(RecordCodec<?> codec, byte[] bytes) {
    try {
      codec.decode(bytes);
      return null;
    } catch (DecodeException e) {
      return e.reason();
    }
  }

  /** What decodes must be a record that can be written again. */
  private static <T> void decodeOrRefuse(RecordCodec<T> codec, byte[] bytes) {
    try {
      codec.encode(codec.decode(bytes));
    } catch (DecodeException e) {
      if (e.getMessage().isEmpty()) {
        throw new AssertionError("A refusal says why");
      }
    }
  }

  @Test
  void refusesTheRecordsOfAnotherTopic() {
    byte[] prediction =
        RecordType.PREDICTION.newCodec().encode(new RecordSamples(SEED).prediction());

    DecodeException refusal =
        catchThrowableOfType(
            DecodeException.class, () -> RecordType.EVENT.newCodec().decode(prediction));

    assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN_SCHEMA);
    assertThat(refusal).hasMessageContaining("io.counterweight.avro.LabeledEvent");
  }

  @Test
  void nonFiniteResultsAreKept() throws DecodeException {
    SampleWeight weight =
        new SampleWeight(
            "e",
            "k",
            1,
            0,
            Float.NaN,
            Float.POSITIVE_INFINITY,
            null,
            -0.0f,
            true,
            1,
            "uniform",
            1f);
    RecordCodec<SampleWeight> codec = RecordType.SAMPLE_WEIGHT.newCodec();

    assertThat(codec.decode(codec.encode(weight))).isEqualTo(weight);
  }

  @Test
  void leavesTheBytesAndEarlierResultsAlone() throws DecodeException {
    RecordCodec<Event> codec = RecordType.EVENT.newCodec();
    Event first = new RecordSamples(SEED + 5).event();
    byte[] firstBytes = codec.encode(first);
    byte[] firstCopy = firstBytes.clone();

    Event decoded = codec.decode(firstBytes);
    codec.decode(codec.encode(new RecordSamples(SEED + 6).event()));

    assertThat(firstBytes).isEqualTo(firstCopy);
    RecordSamples.assertSame(decoded, first, "seed %d", SEED + 5);
  }

  @Test
  void readsARecordOfAnEarlierSchemaOnceItIsKnown() throws Exception {
    Schema earlier = without(LabeledEvent.getClassSchema(), "attributes");
    byte[] bytes = encodeGeneric(earlier, "e-1");

    RecordCodec<Event> knowing = new AvroCodec<>(new EventBody(), List.of(earlier));
    Event event = knowing.decode(bytes);

    assertThat(event.eventId()).isEqualTo("e-1");
    assertThat(event.label()).isEqualTo(1);
    assertThat(event.features()).containsExactly(1.5f);
    assertThat(event.attributes()).isEmpty();
    assertThat(
            catchThrowableOfType(
                    DecodeException.class, () -> RecordType.EVENT.newCodec().decode(bytes))
                .reason())
        .isEqualTo(Reason.UNKNOWN_SCHEMA);
  }

  @Test
  void hostileBytesOfAnEarlierSchemaOnlyGetRefused() throws Exception {
    Schema earlier = without(LabeledEvent.getClassSchema(), "label");
    RecordCodec<Event> codec = new AvroCodec<>(new EventBody(), List.of(earlier));
    byte[] bytes = encodeGeneric(earlier, "e-1");
    Random random = new Random(SEED + 7);

    for (int i = 0; i < 20_000; i++) {
      byte[] mutated = Arrays.copyOf(bytes, 10 + random.nextInt(bytes.length - 9));
      for (int change = 1 + random.nextInt(4); change > 0; change--) {
        int at = Math.min(mutated.length - 1, 10 + random.nextInt(bytes.length - 9));
        mutated[at] = (byte) random.nextInt(256);
      }
      decodeOrRefuse(codec, mutated);
    }
  }

  @Test
  void claimedLengthsInAnEarlierSchemaAreCheckedByAvro() throws Exception {
    Schema earlier = without(LabeledEvent.getClassSchema(), "label");
    RecordCodec<Event> codec = new AvroCodec<>(new EventBody(), List.of(earlier));
    BodyWriter hostile = new BodyWriter();

    for (int count : new int[] {1 << 28, Integer.MAX_VALUE - 8, Integer.MAX_VALUE}) {
      hostile.reset();
      hostile.writeRaw(Arrays.copyOf(encodeGeneric(earlier, "e"), 10));
      hostile.writeString("e");
      hostile.writeString("k");
      hostile.writeLong(1);
      hostile.writePackedFloats(new float[1]);
      hostile.writeInt(0);
      hostile.writeInt(1);
      hostile.writeInt(count);
      assertThat(reasonOfRefusal(codec, hostile.toByteArray())).isEqualTo(Reason.MALFORMED);
    }
    hostile.reset();
    hostile.writeRaw(Arrays.copyOf(encodeGeneric(earlier, "e"), 10));
    hostile.writeInt(Integer.MAX_VALUE - 8);
    assertThat(reasonOfRefusal(codec, hostile.toByteArray())).isEqualTo(Reason.MALFORMED);
  }

  @Test
  void constantsHaveTheOrderOfTheSchemasSymbols() {
    Schema state = RecordType.DRIFT_EVENT.body().schema().getField("state").schema();
    Schema kind = RecordType.DRIFT_EVENT.body().schema().getField("kind").schema();
    Schema reason = RecordType.REJECTED_RECORD.body().schema().getField("reason").schema();

    assertThat(names(DriftState.values())).isEqualTo(state.getEnumSymbols());
    assertThat(names(DriftKind.values())).isEqualTo(kind.getEnumSymbols());
    assertThat(names(Reason.values())).isEqualTo(reason.getEnumSymbols());
  }

  @Test
  void everyFieldOfEverySchemaIsDocumented() {
    for (RecordType<?> type : RecordSamples.TYPES) {
      for (Schema.Field field : type.body().schema().getFields()) {
        assertThat(field.doc()).as("%s.%s", type, field.name()).isNotBlank();
      }
    }
  }

  private static List<String> names(Enum<?>[] constants) {
    return Stream.of(constants).map(Enum::name).toList();
  }

  static Schema without(Schema schema, String removed) {
    List<Schema.Field> fields =
        schema.getFields().stream()
            .filter(field -> !field.name().equals(removed))
            .map(field -> new Schema.Field(field, field.schema()))
            .toList();
    return Schema.createRecord(
        schema.getName(), schema.getDoc(), schema.getNamespace(), false, fields);
  }

  static byte[] encodeGeneric(Schema schema, String eventId) throws IOException {
    GenericRecord record = new GenericData.Record(schema);
    record.put("eventId", eventId);
    record.put("modelKey", "shop");
    record.put("eventTime", 1_700_000_000_000L);
    record.put("features", ByteBuffer.wrap(new byte[] {0, 0, (byte) 0xC0, 0x3F}));
    if (schema.getField("label") != null) {
      record.put("label", 1);
    }
    ByteBuffer bytes =
        new BinaryMessageEncoder<GenericRecord>(new GenericData(), schema).encode(record);
    byte[] array = new byte[bytes.remaining()];
    bytes.get(array);
    return array;
  }
}
