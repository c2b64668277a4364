package io.counterweight.job;

import io.counterweight.registry.RegistryAccess;
import io.counterweight.registry.SchemaRegistry;
import io.counterweight.serde.ConfluentCodec;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The record's key and its codec's bytes. The broker's time stamp stays the time of sending: with
 * the event time there, replayed history would be deleted by retention as soon as it was written,
 * and brokers refuse time stamps more than an hour ahead.
 */
final class EncodingSchema<T> implements KafkaRecordSerializationSchema<T> {
  private static final long serialVersionUID = 1L;

  private final RecordType<T> type;
  private final String topic;
  private final RegistryAccess registry;

  private transient RecordCodec<T> codec;

  /**
   * A schema.
   *
   * @param registry where the records' schema has its id; null for Avro's single-object encoding
   */
  EncodingSchema(RecordType<T> type, String topic, RegistryAccess registry) {
    this.type = type;
    this.topic = topic;
    this.registry = registry;
  }

  @Override
  public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sink) {
    if (registry == null) {
      codec = type.newCodec();
      return;
    }
    ConfluentCodec<T> confluent = type.newCodec(new SchemaRegistry(registry), topic);
    confluent.register();
    codec = confluent;
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      T record, KafkaSinkContext context, Long eventTime) {
    return new ProducerRecord<>(topic, type.key(record), codec.encode(record));
  }
}
