package io.counterweight.job;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.registry.RegistryException;
import io.counterweight.serde.DecodeException;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The learners on the models topic, oldest snapshot first: of several of a key the last one is the
 * newest. Reads what is committed when it begins, joins no consumer group and commits nothing.
 */
public final class PublishedModels implements LearnerSource {
  private static final Duration POLL = Duration.ofMillis(200);

  private final EngineConfig config;
  private final Duration patience;

  /**
   * Of a job.
   *
   * @param patience how long to wait for the brokers, and for records that do not come
   */
  public PublishedModels(EngineConfig config, Duration patience) {
    this.config = config;
    this.patience = patience;
  }

  @Override
  public void readAll(Reader reader) throws IOException {
    read((model, where) -> reader.learner(model.learner(), where));
  }

  /**
   * Gives the models of some keys as they were published, the newest of a key last.
   *
   * @throws IOException with a message for the user, if they cannot be read
   */
  public void readAll(Collection<String> keys, Consumer<ModelSnapshot> models) throws IOException {
    read(
        (model, where) -> {
          if (keys.contains(model.modelKey())) {
            models.accept(model);
          }
        });
  }

  private interface Models {
    void model(ModelSnapshot model, String where) throws IOException;
  }

  private void read(Models reader) throws IOException {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            properties(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<PartitionInfo> known = consumer.partitionsFor(config.topics().models());
      if (known == null || known.isEmpty()) {
        throw new IOException(
            "There is no topic " + config.topics().models() + " (topics.models) at " + brokers());
      }
      read(consumer, known, reader);
    } catch (RegistryException e) {
      throw new IOException(e.getMessage(), e);
    } catch (KafkaException e) {
      throw new IOException(
          "The topic "
              + config.topics().models()
              + " at "
              + brokers()
              + " cannot be read: "
              + config.kafka().masked(String.valueOf(e.getMessage())),
          e);
    }
  }

  private String brokers() {
    return config.kafka().masked(config.kafka().bootstrapServers());
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.putAll(config.kafka().properties());
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    String millis = String.valueOf(patience.toMillis());
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
    return properties;
  }

  private void read(
      KafkaConsumer<byte[], byte[]> consumer, List<PartitionInfo> known, Models reader)
      throws IOException {
    List<TopicPartition> partitions =
        known.stream().map(info -> new TopicPartition(info.topic(), info.partition())).toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    RecordCodec<ModelSnapshot> codec =
        OutputCodecs.of(config, patience)
            .codec(RecordType.MODEL_SNAPSHOT, config.topics().models());
    long silentSince = System.nanoTime();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        silentSince = System.nanoTime();
        if (record.value() != null && record.offset() < ends.get(place(record))) {
          decode(record, codec, reader);
        }
      }
      if (System.nanoTime() - silentSince > patience.toNanos()) {
        throw new IOException("The topic " + config.topics().models() + " gives no more records");
      }
    }
  }

  private static TopicPartition place(ConsumerRecord<byte[], byte[]> record) {
    return new TopicPartition(record.topic(), record.partition());
  }

  private static void decode(
      ConsumerRecord<byte[], byte[]> record, RecordCodec<ModelSnapshot> codec, Models reader)
      throws IOException {
    String where = place(record) + " offset " + record.offset();
    ModelSnapshot model;
    try {
      model = codec.decode(record.value());
    } catch (DecodeException e) {
      throw new IOException("The record at " + where + " is no model: " + e.getMessage(), e);
    }
    reader.model(model, where);
  }
}
