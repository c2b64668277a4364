package io.counterweight.job;

import io.counterweight.config.EngineConfig;
import io.counterweight.config.InputSettings;
import io.counterweight.config.SinkSettings.Guarantee;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.serde.Decoded;
import io.counterweight.serde.EventLimits;
import io.counterweight.serde.EventTimeWatermarks;
import io.counterweight.serde.RecordType;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;

/** The sources and sinks of one job on one Kafka cluster. */
final class KafkaEndpoints {

  /** Of a model snapshot, in bytes; a learner of 64 features takes about half a mebibyte. */
  static final int LARGEST_RECORD = 16 << 20;

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
          Integer.toString(LARGEST_RECORD));

  private final EngineConfig config;

  KafkaEndpoints(EngineConfig config) {
    this.config = config;
  }

  ReweightPipeline.Input events() {
    return input(config.topics().events(), config.learner().spec().features(), false);
  }

  ReweightPipeline.Input trusted() {
    return input(config.topics().trusted(), config.learner().spec().features(), true);
  }

  /** Labels without features, where they have a topic of their own. */
  ReweightPipeline.Input labels() {
    return input(config.topics().labels(), EventLimits.NONE, true);
  }

  /** Every published model, from the beginning of the compacted topic. */
  KafkaSource<ModelSnapshot> models() {
    return KafkaSource.<ModelSnapshot>builder()
        .setProperties(properties(CONSUMER_DEFAULTS))
        .setBootstrapServers(config.kafka().bootstrapServers())
        .setTopics(config.topics().models())
        .setGroupId(config.kafka().groupId())
        .setClientIdPrefix(config.kafka().groupId() + "-" + config.topics().models())
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setDeserializer(new ModelDecodingSchema())
        .build();
  }

  private ReweightPipeline.Input input(String topic, int features, boolean requireLabel) {
    InputSettings input = config.input();
    EventLimits limits =
        new EventLimits(
            input.maxRecordBytes(),
            input.maxIdLength(),
            features,
            config.learner().spec().outputs(),
            requireLabel);
    KafkaSource<Decoded> source =
        KafkaSource.<Decoded>builder()
            .setProperties(properties(CONSUMER_DEFAULTS))
            .setBootstrapServers(config.kafka().bootstrapServers())
            .setTopics(topic)
            .setGroupId(config.kafka().groupId())
            // Two sources of one group would otherwise register their metrics under the same name.
            .setClientIdPrefix(config.kafka().groupId() + "-" + topic)
            .setStartingOffsets(startingOffsets(input.startingOffsets()))
            .setDeserializer(new DecodingSchema(input.format(), limits))
            .build();
    return new ReweightPipeline.Input(
        source,
        new EventTimeWatermarks(
            config.watermarks().outOfOrderness(), config.watermarks().idleness()),
        topic);
  }

  @SuppressWarnings("deprecation") // Kafka deprecates the class that the connector asks for.
  private static OffsetsInitializer startingOffsets(InputSettings.StartingOffsets offsets) {
    return switch (offsets) {
      case EARLIEST -> OffsetsInitializer.earliest();
      case LATEST -> OffsetsInitializer.latest();
      case COMMITTED -> OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST);
    };
  }

  /**
   * A sink of one kind of record, keyed as {@link RecordType#key} says. {@code EXACTLY_ONCE} writes
   * in transactions, visible at each checkpoint to readers with {@code
   * isolation.level=read_committed}.
   */
  <T> KafkaSink<T> sink(RecordType<T> type, String topic, Guarantee guarantee) {
    KafkaSinkBuilder<T> sink =
        KafkaSink.<T>builder()
            .setKafkaProducerConfig(properties(PRODUCER_DEFAULTS))
            .setBootstrapServers(config.kafka().bootstrapServers())
            .setDeliveryGuarantee(DeliveryGuarantee.valueOf(guarantee.name()))
            .setRecordSerializer(new EncodingSchema<>(type, topic));
    if (guarantee == Guarantee.EXACTLY_ONCE) {
      // Sinks that share a prefix would fence each other's producers.
      sink.setTransactionalIdPrefix(config.sinks().transactionalIdPrefix() + "-" + type.name())
          .setProperty(
              ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
              Long.toString(config.sinks().transactionTimeout().toMillis()));
    }
    return sink.build();
  }

  private Properties properties(Map<String, String> defaults) {
    Properties properties = new Properties();
    properties.putAll(defaults);
    properties.putAll(config.kafka().properties());
    return properties;
  }
}
