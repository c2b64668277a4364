package io.counterweight.job;

import io.counterweight.registry.RegistryAccess;
import io.counterweight.registry.SchemaRegistry;
import io.counterweight.serde.Decoded;
import io.counterweight.serde.EventDecoder;
import io.counterweight.serde.EventFormat;
import io.counterweight.serde.EventLimits;
import io.counterweight.serde.RawRecord;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** One {@link Decoded} for every record of the topic. */
final class DecodingSchema implements KafkaRecordDeserializationSchema<Decoded> {
  private static final long serialVersionUID = 1L;

  private final EventFormat format;
  private final EventLimits limits;
  private final RegistryAccess registry;
  private final String topic;
  private final TypeInformation<Decoded> type = Decoded.typeInfo();

  private transient EventDecoder decoder;

  /**
   * A schema.
   *
   * @param registry null where the format needs none
   */
  DecodingSchema(EventFormat format, EventLimits limits, RegistryAccess registry, String topic) {
    this.format = format;
    this.limits = limits;
    this.registry = registry;
    this.topic = topic;
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    decoder =
        new EventDecoder(
            format, limits, registry == null ? null : new SchemaRegistry(registry), topic);
    decoder.selfTest();
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Decoded> out) {
    out.collect(
        decoder.decode(
            new RawRecord(
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.key(),
                record.value())));
  }

  @Override
  public TypeInformation<Decoded> getProducedType() {
    return type;
  }
}
