package io.counterweight.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord.Reason;
import io.counterweight.registry.RegistryException;
import io.counterweight.registry.SchemaRegistry;
import io.counterweight.support.Framing;
import io.counterweight.support.TestRegistry;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfluentCodecTest {
  private static final Schema OURS = Framing.eventSchema();
  private static final long NOON = 1_700_000_000_000L;
  private static final Event EVENT =
      new Event("é-1", "shop", NOON, new float[] {1, Float.NaN}, 1, "rule", Map.of("a", "b"));

  private final TestRegistry registry = TestRegistry.start();
  private final RecordCodec<Event> codec = RecordType.EVENT.newCodec(registry.client(), "events");

  @AfterEach
  void close() {
    registry.close();
  }

  static Stream<RecordType<?>> types() {
    return RecordSamples.TYPES.stream();
  }

  @ParameterizedTest
  @MethodSource("types")
  <T> void aRecordIsItsSchemasIdAndWhatAvroReads(RecordType<T> type) throws Exception {
    registry.add("other-value", Schema.create(Schema.Type.INT));
    ConfluentCodec<T> written = type.newCodec(registry.client(), "topic");
    T record = new RecordSamples(3).next(type);

    byte[] bytes = written.encode(record);

    int id = registry.ids("topic-value").get(0);
    assertThat(ByteBuffer.wrap(bytes).get()).isZero();
    assertThat(ByteBuffer.wrap(bytes).getInt(1)).isEqualTo(id).isEqualTo(2);
    GenericRecord read = Framing.read(registry, bytes);
    assertThat(read.getSchema().toString())
        .isEqualTo(SchemaHistory.current(type.name()).toString());
    byte[] single = type.newCodec().encode(record);
    assertThat(Arrays.copyOfRange(bytes, 5, bytes.length))
        .isEqualTo(Arrays.copyOfRange(single, 10, single.length));
    RecordSamples.assertSame(
        type.newCodec(registry.client(), "topic").decode(bytes), record, "%s", type);
  }

  @Test
  void aSchemaIsRegisteredOnceAndFetchedOnce() throws DecodeException {
    for (int n = 0; n < 5; n++) {
      codec.decode(codec.encode(EVENT));
    }

    assertThat(registry.requests())
        .containsExactly("POST /subjects/events-value/versions", "GET /schemas/ids/1");
  }

  @Test
  void recordsOfOlderAndNewerSchemasAreReadSideBySide() throws DecodeException {
    Schema older = Framing.without(OURS, "attributes", "labelSource");
    Schema newer =
        Framing.with(
            OURS,
            "{\"name\":\"shop\",\"type\":{\"type\":\"record\",\"name\":\"Shop\",\"fields\":["
                + "{\"name\":\"tags\",\"type\":{\"type\":\"array\",\"items\":\"string\"}},"
                + "{\"name\":\"size\",\"type\":[\"null\",\"double\"]}]}}");
    GenericRecord shop = new GenericData.Record(newer.getField("shop").schema());
    shop.put("tags", List.of("x", "yy"));
    shop.put("size", 2.5);
    byte[] old = Framing.write(registry.add("a", older), Framing.record(older, EVENT));
    byte[] fresh =
        Framing.write(registry.add("b", newer), Framing.record(newer, EVENT, "shop", shop));

    for (int n = 0; n < 3; n++) {
      RecordSamples.assertSame(codec.decode(fresh), EVENT, "newer");
      RecordSamples.assertSame(
          codec.decode(old),
          new Event("é-1", "shop", NOON, EVENT.features(), 1, null, Map.of()),
          "older");
      RecordSamples.assertSame(codec.decode(codec.encode(EVENT)), EVENT, "ours");
    }
  }

  @Test
  void fieldsMayHaveAnotherOrderAndNarrowerTypes() throws DecodeException {
    Schema theirs =
        new Schema.Parser()
            .parse(
                "{\"type\":\"record\",\"name\":\"LabeledEvent\",\"namespace\":\"shop\",\"fields\":["
                    + "{\"name\":\"label\",\"type\":\"int\"},{\"name\":\"features\",\"type\":\"bytes\"},"
                    + "{\"name\":\"eventTime\",\"type\":\"int\"},{\"name\":\"modelKey\",\"type\":\"string\"},"
                    + "{\"name\":\"eventId\",\"type\":\"bytes\"}]}");
    GenericRecord record = new GenericData.Record(theirs);
    record.put("label", 1);
    record.put("features", ByteBuffer.allocate(4));
    record.put("eventTime", 12);
    record.put("modelKey", "k");
    record.put("eventId", ByteBuffer.wrap("é".getBytes(UTF_8)));

    Event event = codec.decode(Framing.write(registry.add("t", theirs), record));

    RecordSamples.assertSame(
        event, new Event("é", "k", 12, new float[1], 1, null, Map.of()), "theirs");
  }

  @Test
  void labelsOfATopicOfTheirOwnNeedNeitherFeaturesNorAModelKey() throws DecodeException {
    Schema labels = Framing.without(OURS, "features", "modelKey", "attributes");
    Event label = new Event("e", "default", NOON, new float[0], 1, "rule", Map.of());
    byte[] bytes = Framing.write(registry.add("l", labels), Framing.record(labels, label));
    EventLimits limits = new EventLimits(1_000, 40, EventLimits.NONE, 2, true);

    RecordCodec<Event> ofLabels =
        EventFormat.CONFLUENT.newCodec(limits, registry.client(), "labels");

    RecordSamples.assertSame(ofLabels.decode(bytes), label, "label");
    RecordSamples.assertSame(ofLabels.decode(codec.encode(label)), label, "label of our schema");
    assertRefused(bytes, Reason.UNKNOWN_SCHEMA, "does not fit io.counterweight.avro.LabeledEvent");
  }

  @Test
  void theReadersAliasesAreHonoured() throws DecodeException {
    Schema renamed =
        new Schema.Parser().parse(OURS.toString().replace("\"eventId\"", "\"transaction\""));
    Schema reader =
        new Schema.Parser()
            .parse(
                OURS.toString()
                    .replace(
                        "{\"name\":\"eventId\",",
                        "{\"name\":\"eventId\",\"aliases\":[\"transaction\"],"));
    GenericRecord record = Framing.record(renamed, EVENT, "transaction", EVENT.eventId());

    Event event =
        RecordType.EVENT
            .newCodec(registry.client(), "events", reader)
            .decode(Framing.write(registry.add("t", renamed), record));

    RecordSamples.assertSame(event, EVENT, "renamed");
  }

  @Test
  void whatIsNoFrameOrHasNoSchemaIsRefusedWithItsReason() {
    byte[] good = codec.encode(EVENT);
    byte[] unknown = good.clone();
    unknown[4] = 99;
    byte[] negative = good.clone();
    Arrays.fill(negative, 1, 5, (byte) 0xFF);

    assertRefused(new byte[0], Reason.MALFORMED, "found 0");
    assertRefused(Arrays.copyOf(good, 4), Reason.MALFORMED, "magic byte and a schema id, found 4");
    assertRefused(Arrays.copyOf(good, 5), Reason.MALFORMED, "eventId");
    assertRefused(Arrays.copyOf(good, good.length + 1), Reason.MALFORMED, "1 more");
    assertRefused(
        RecordType.EVENT.newCodec().encode(EVENT), Reason.MALFORMED, "magic byte 00", "found C3");
    assertRefused(unknown, Reason.UNKNOWN_SCHEMA, "registered", "no schema 99");
    assertRefused(negative, Reason.UNKNOWN_SCHEMA, "no schema -1");
    assertRefused(
        Framing.framed(registry.add("syntax", "PROTOBUF"), new byte[9]),
        Reason.UNKNOWN_SCHEMA,
        "of type PROTOBUF");
    assertRefused(
        Framing.framed(registry.add("p", Schema.create(Schema.Type.STRING)), new byte[9]),
        Reason.UNKNOWN_SCHEMA,
        "Schema id",
        "expected a record");
    Schema other = SchemaHistory.current("prediction");
    assertRefused(
        Framing.framed(registry.add("q", other), new byte[9]),
        Reason.UNKNOWN_SCHEMA,
        "does not fit io.counterweight.avro.LabeledEvent");
  }

  @Test
  void recordsOfOtherSchemasThatAreCutOrLongerOrHoldOtherTextsAreRefused() {
    Schema older = Framing.without(OURS, "attributes");
    int id = registry.add("t", older);
    byte[] good = Framing.write(id, Framing.record(older, EVENT));
    byte[] broken = good.clone();
    broken[6] = (byte) 0xFF; // the first byte of é

    for (int length = 5; length < good.length; length++) {
      assertRefused(Arrays.copyOf(good, length), Reason.MALFORMED, "");
    }
    assertRefused(Arrays.copyOf(good, good.length + 1), Reason.MALFORMED, "1 more");
    assertRefused(broken, Reason.MALFORMED, "eventId", "UTF-8");
  }

  @Test
  void anUnknownIdIsAskedForAgainAfterAWhile() throws DecodeException {
    AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    WriterSchemas schemas = new WriterSchemas(registry.client(), OURS, now::get);

    for (int n = 0; n < 3; n++) {
      assertThatThrownBy(() -> schemas.of(1)).isInstanceOf(DecodeException.class);
    }
    assertThat(registry.requests()).hasSize(1);

    registry.add("t", OURS);
    assertThatThrownBy(() -> schemas.of(1)).isInstanceOf(DecodeException.class);
    now.addAndGet(WriterSchemas.BELIEVED.toNanos());
    assertThat(schemas.of(1).isReaders()).isTrue();
    now.addAndGet(WriterSchemas.BELIEVED.multipliedBy(10).toNanos());
    schemas.of(1);
    assertThat(registry.requests()).hasSize(2);
  }

  @Test
  void idsThatAreNotThereDoNotFillTheMemory() throws DecodeException {
    WriterSchemas schemas = new WriterSchemas(registry.client(), OURS, () -> 0);
    registry.add("t", OURS);

    for (int id = 2; id < WriterSchemas.KEPT + 100; id++) {
      int unknown = id;
      schemas.of(1);
      assertThatThrownBy(() -> schemas.of(unknown)).isInstanceOf(DecodeException.class);
    }

    assertThat(registry.requests()).hasSize(WriterSchemas.KEPT + 99);
    assertThatThrownBy(() -> schemas.of(2)).isInstanceOf(DecodeException.class);
    assertThat(registry.requests())
        .as("the oldest was forgotten")
        .hasSize(WriterSchemas.KEPT + 100);
  }

  @Test
  void anOutageIsNoReject() throws Exception {
    byte[] bytes = codec.encode(EVENT);
    SchemaRegistry impatient = registry.client(1);
    EventDecoder decoder =
        new EventDecoder(EventFormat.CONFLUENT, EventLimits.of(2, 2, false), impatient, "events");
    decoder.selfTest();
    assertThat(registry.requests()).as("nothing is registered by reading").hasSize(1);
    RawRecord record = new RawRecord("events", 0, 1, 2, null, bytes);

    registry.switchOff();
    assertThatThrownBy(() -> decoder.decode(record))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining(registry.url().toString());
    registry.switchOn();
    assertThat(decoder.decode(record)).isInstanceOf(Decoded.Accepted.class);

    registry.switchOff();
    assertThat(decoder.decode(record)).as("known ids").isInstanceOf(Decoded.Accepted.class);
  }

  @Test
  void aCodecOfBothReadsBothFramings() throws DecodeException {
    RecordCodec<Event> both = RecordType.EVENT.newCodecOfBoth(registry.client(), "events");

    RecordSamples.assertSame(both.decode(codec.encode(EVENT)), EVENT, "Confluent's");
    RecordSamples.assertSame(both.decode(both.encode(EVENT)), EVENT, "single-object");
    assertThat(both.encode(EVENT)).startsWith(0xC3, 1);
    assertThat(catchThrowableOfType(DecodeException.class, () -> both.decode(new byte[0])))
        .isNotNull();
  }

  private void assertRefused(byte[] bytes, Reason reason, String... parts) {
    DecodeException refusal =
        catchThrowableOfType(DecodeException.class, () -> codec.decode(bytes));

    assertThat(refusal).as("%s", Arrays.toString(bytes)).isNotNull();
    assertThat(refusal).hasMessageContainingAll(parts);
    assertThat(refusal.reason()).isEqualTo(reason);
  }
}
