package io.counterweight.job;

import io.counterweight.event.ModelSnapshot;
import io.counterweight.registry.RegistryAccess;
import io.counterweight.serde.DecodeException;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots of the topic of models. One that cannot be read is counted ({@code modelsUnreadable})
 * and logged: the topic is this program's own, and the model before it stays. Tombstones are
 * skipped.
 */
final class ModelDecodingSchema implements KafkaRecordDeserializationSchema<ModelSnapshot> {
  private static final Logger LOGGER = LoggerFactory.getLogger(ModelDecodingSchema.class);
  private static final long serialVersionUID = 1L;

  private final RegistryAccess registry;
  private final String topic;
  private final String key;

  private transient RecordCodec<ModelSnapshot> codec;
  private transient Counter unreadable;

  /**
   * A schema.
   *
   * @param registry whose ids models may have; null without one
   * @param key whose models are read, those of others are skipped unread; null for every key
   */
  ModelDecodingSchema(RegistryAccess registry, String topic, String key) {
    this.registry = registry;
    this.topic = topic;
    this.key = key;
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    codec = new OutputCodecs(registry).codec(RecordType.MODEL_SNAPSHOT, topic);
    unreadable = context.getMetricGroup().counter("modelsUnreadable");
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<ModelSnapshot> out) {
    if (record.value() == null || !isWanted(record.key())) {
      return;
    }
    try {
      out.collect(codec.decode(record.value()));
    } catch (DecodeException e) {
      unreadable.inc();
      LOGGER.warn(
          "Model at {}-{} offset {} cannot be read: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          e.getMessage());
    }
  }

  private boolean isWanted(byte[] recordKey) {
    return key == null
        || recordKey != null && key.equals(new String(recordKey, StandardCharsets.UTF_8));
  }

  @Override
  public TypeInformation<ModelSnapshot> getProducedType() {
    return RecordType.MODEL_SNAPSHOT.typeInfo();
  }
}
