package io.counterweight.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.config.EngineConfig;
import io.counterweight.config.InputSettings.StartingOffsets;
import io.counterweight.config.SinkSettings.Guarantee;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.RejectedRecord;
import io.counterweight.registry.RegistryAccess;
import io.counterweight.registry.RegistryException;
import io.counterweight.serde.Decoded;
import io.counterweight.serde.EventFormat;
import io.counterweight.serde.EventLimits;
import io.counterweight.serde.RecordType;
import io.counterweight.support.Framing;
import io.counterweight.support.TestRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.java.typeutils.GenericTypeInfo;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.util.Collector;
import org.apache.flink.util.InstantiationUtil;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class KafkaEndpointsTest {
  private static final EventLimits LIMITS = EventLimits.of(2, 2, false);

  @Test
  void sourcesSurviveSerializationWithEveryStartingOffset() throws Exception {
    for (StartingOffsets offsets : StartingOffsets.values()) {
      EngineConfig config =
          config("input.starting-offsets=" + offsets.name().toLowerCase(Locale.ROOT));

      Source<Decoded, ?, ?> source = new KafkaEndpoints(config).events().source();

      assertThat(source.getBoundedness()).isEqualTo(Boundedness.CONTINUOUS_UNBOUNDED);
      assertThat(((KafkaSource<?>) InstantiationUtil.clone(source)).getProducedType())
          .hasToString(Decoded.typeInfo().toString())
          .isNotInstanceOf(GenericTypeInfo.class);
    }
  }

  @Test
  void everyRecordReadBecomesOneDecoded() throws Exception {
    DecodingSchema schema =
        InstantiationUtil.clone(new DecodingSchema(EventFormat.AVRO, LIMITS, null, "events"));
    Event event = new Event("e", "k", 7, new float[] {1, 2}, 1, null, Map.of());
    List<Decoded> decoded = new ArrayList<>();
    byte[] key = {9};

    schema.open(null);
    schema.deserialize(
        new ConsumerRecord<>("events", 1, 5, key, RecordType.EVENT.newCodec().encode(event)),
        new Collected<>(decoded));
    schema.deserialize(new ConsumerRecord<>("events", 1, 6, key, key), new Collected<>(decoded));
    schema.deserialize(new ConsumerRecord<>("events", 1, 7, key, null), new Collected<>(decoded));

    assertThat(((Decoded.Accepted) decoded.get(0)).event().eventId()).isEqualTo("e");
    assertThat(decoded.subList(1, 3))
        .extracting(reject -> ((Decoded.Rejected) reject).reject().offset())
        .containsExactly(6L, 7L);
    assertThat(((Decoded.Rejected) decoded.get(1)).reject().key()).isEqualTo(key);
  }

  @Test
  void recordsAreWrittenUnderTheirModelKeyWithoutTheEventTime() throws Exception {
    ModelSnapshot model = new ModelSnapshot("shöp", 3, 4, "spec", new byte[] {1}, Map.of());
    EncodingSchema<ModelSnapshot> schema =
        InstantiationUtil.clone(new EncodingSchema<>(RecordType.MODEL_SNAPSHOT, "models", null));
    schema.open(null, null);

    ProducerRecord<byte[], byte[]> record = schema.serialize(model, null, -5L);

    assertThat(record.topic()).isEqualTo("models");
    assertThat(record.key()).asString(UTF_8).isEqualTo("shöp");
    assertThat(RecordType.MODEL_SNAPSHOT.newCodec().decode(record.value()).modelVersion())
        .isEqualTo(3);
    assertThat(record.timestamp()).isNull();
  }

  @Test
  void aSinkRegistersItsSchemaWhenItOpensAndFailsWhereThatIsRefused() throws Exception {
    try (TestRegistry registry = TestRegistry.start()) {
      RegistryAccess access = RegistryAccess.to(registry.url());
      ModelSnapshot model = new ModelSnapshot("k", 3, 4, "spec", new byte[] {1}, Map.of());
      EncodingSchema<ModelSnapshot> schema =
          InstantiationUtil.clone(
              new EncodingSchema<>(RecordType.MODEL_SNAPSHOT, "models", access));

      schema.open(null, null);
      assertThat(registry.ids("models-value")).containsExactly(1);
      ProducerRecord<byte[], byte[]> record = schema.serialize(model, null, null);

      assertThat(Framing.read(registry, record.value()).get("modelVersion")).isEqualTo(3L);
      assertThat(
              new OutputCodecs(access)
                  .codec(RecordType.MODEL_SNAPSHOT, "models")
                  .decode(record.value())
                  .modelVersion())
          .isEqualTo(3);
      EncodingSchema<ModelSnapshot> refused =
          new EncodingSchema<>(RecordType.MODEL_SNAPSHOT, "taken", access);
      registry.add("taken-value", Schema.create(Schema.Type.INT));
      assertThatThrownBy(() -> refused.open(null, null))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("HTTP 409");
    }
  }

  @Test
  void rejectsKeepTheirOriginalKeyOrNone() {
    EncodingSchema<RejectedRecord> schema =
        new EncodingSchema<>(RecordType.REJECTED_RECORD, "rejects", null);
    schema.open(null, null);
    byte[] key = {1, (byte) 0xFF};

    assertThat(schema.serialize(reject(key), null, null).key()).isEqualTo(key);
    assertThat(schema.serialize(reject(null), null, null).key()).isNull();
  }

  @Test
  void sinksOfEveryGuaranteeAreBuiltAndSurviveSerialization() throws Exception {
    KafkaEndpoints endpoints = new KafkaEndpoints(config("kafka.properties={linger.ms: 20}"));

    for (Guarantee guarantee : Guarantee.values()) {
      assertThat(InstantiationUtil.clone(endpoints.sink(RecordType.PREDICTION, "t", guarantee)))
          .isNotNull();
    }
  }

  private static RejectedRecord reject(byte[] key) {
    return new RejectedRecord(
        "events", 0, 1, key, new byte[0], RejectedRecord.Reason.MALFORMED, "m", 5);
  }

  private static EngineConfig config(String override) {
    return EngineConfig.parse(
        "kafka.bootstrap-servers: localhost:9092\nmodel.features: 2", override);
  }

  private record Collected<T>(List<T> into) implements Collector<T> {
    @Override
    public void collect(T record) {
      into.add(record);
    }

    @Override
    public void close() {}
  }
}
