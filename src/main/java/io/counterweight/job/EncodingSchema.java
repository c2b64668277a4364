package io.counterweight.job;

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

  private transient RecordCodec<T> codec;

  EncodingSchema(RecordType<T> type, String topic) {
    this.type = type;
    this.topic = topic;
  }

  @Override
  public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sink) {
    codec = type.newCodec();
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      T record, KafkaSinkContext context, Long eventTime) {
    return new ProducerRecord<>(topic, type.key(record), codec.encode(record));
  }
}
