package io.counterweight.job;

import io.counterweight.serde.Decoded;
import io.counterweight.serde.RecordType;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Builds the sources and sinks of one job on one Kafka cluster. */
public final class KafkaEndpoints {

  /** Ours, below whatever the user sets. Only committed records are read. */
  private static final Map<String, String> CONSUMER_DEFAULTS =
      Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");

  /**
   * Ours, below whatever the user sets. Names repeat in every prediction, so compression pays;
   * snapshots of large models pass 1 MiB, the default for requests (their topic's {@code
   * max.message.bytes} must allow it too).
   */
  private static final Map<String, String> PRODUCER_DEFAULTS =
      Map.of(
          ProducerConfig.COMPRESSION_TYPE_CONFIG,
          "lz4",
          ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
          Integer.toString(16 << 20));

  private final KafkaSettings kafka;
  private final Set<String> transactionalIdPrefixes = new HashSet<>();

  public KafkaEndpoints(KafkaSettings kafka) {
    this.kafka = kafka;
  }

  /**
   * A source that emits every record of the topic, decoded or rejected. Give it {@link
   * io.counterweight.serde.EventTimeWatermarks} and put {@link io.counterweight.serde.SplitRejects}
   * behind it.
   */
  public KafkaSource<Decoded> source(SourceSettings settings) {
    KafkaSourceBuilder<Decoded> source =
        KafkaSource.<Decoded>builder()
            .setProperties(properties(CONSUMER_DEFAULTS, settings.properties()))
            .setBootstrapServers(kafka.bootstrapServers())
            .setTopics(settings.topic())
            .setGroupId(settings.groupId())
            // Two sources of one group would otherwise register their metrics under the same name.
            .setClientIdPrefix(settings.groupId() + "-" + settings.topic())
            .setStartingOffsets(startingOffsets(settings.startingOffsets()))
            .setDeserializer(new DecodingSchema(settings.format(), settings.limits()));
    if (settings.boundedToLatest()) {
      source.setBounded(OffsetsInitializer.latest());
    }
    return source.build();
  }

  @SuppressWarnings("deprecation") // Kafka deprecates the class that the connector asks for.
  private static OffsetsInitializer startingOffsets(SourceSettings.StartingOffsets offsets) {
    return switch (offsets) {
      case EARLIEST -> OffsetsInitializer.earliest();
      case LATEST -> OffsetsInitializer.latest();
      case COMMITTED -> OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST);
    };
  }

  /**
   * A sink of one kind of record, keyed as {@link RecordType#key} says.
   *
   * @throws IllegalArgumentException if another sink of this object has the same transactional id
   *     prefix: they would fence each other's producers
   */
  public <T> KafkaSink<T> sink(RecordType<T> type, SinkSettings settings) {
    KafkaSinkBuilder<T> sink =
        KafkaSink.<T>builder()
            .setKafkaProducerConfig(properties(PRODUCER_DEFAULTS, settings.properties()))
            .setBootstrapServers(kafka.bootstrapServers())
            .setDeliveryGuarantee(settings.guarantee())
            .setRecordSerializer(new EncodingSchema<>(type, settings.topic()));
    if (settings.guarantee() == DeliveryGuarantee.EXACTLY_ONCE) {
      if (!transactionalIdPrefixes.add(settings.transactionalIdPrefix())) {
        throw new IllegalArgumentException(
            "transactionalIdPrefix of the topic "
                + settings.topic()
                + " is '"
                + settings.transactionalIdPrefix()
                + "', which another sink has; expected a prefix of its own");
      }
      sink.setTransactionalIdPrefix(settings.transactionalIdPrefix())
          .setProperty(
              ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
              Long.toString(settings.transactionTimeout().toMillis()));
    }
    return sink.build();
  }

  private Properties properties(Map<String, String> defaults, Map<String, String> own) {
    Properties properties = new Properties();
    properties.putAll(defaults);
    properties.putAll(kafka.properties());
    properties.putAll(own);
    return properties;
  }
}
