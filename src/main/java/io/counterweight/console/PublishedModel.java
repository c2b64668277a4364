package io.counterweight.console;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.job.OutputCodecs;
import io.counterweight.registry.RegistryException;
import io.counterweight.serde.DecodeException;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches single snapshots from the models topic: only their places are remembered, because ten
 * thousand learners would be gigabytes. The newest ones asked for are kept, to a bound in bytes.
 * Thread-safe; one fetch at a time.
 */
final class PublishedModel {
  private static final Logger LOG = LoggerFactory.getLogger(PublishedModel.class);
  private static final Duration PATIENCE = Duration.ofSeconds(4);
  private static final Duration POLL = Duration.ofMillis(200);

  private final EngineConfig config;
  private final RecordCodec<ModelSnapshot> codec;
  private final long mostBytes;
  private final ReentrantLock fetching = new ReentrantLock();
  private final Map<ModelPlace, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long keptBytes;

  PublishedModel(EngineConfig config, long mostBytes) {
    this.config = config;
    codec =
        OutputCodecs.of(config, PATIENCE)
            .codec(RecordType.MODEL_SNAPSHOT, config.topics().models());
    this.mostBytes = mostBytes;
  }

  /** The learner's bytes at a place of a key; null where they cannot be had now. */
  byte[] at(String key, ModelPlace place) {
    byte[] bytes = kept(place);
    if (bytes != null) {
      return bytes;
    }
    try {
      if (!fetching.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return null;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
    try {
      bytes = kept(place);
      return bytes == null ? keep(place, fetch(key, place)) : bytes;
    } catch (KafkaException | RegistryException | DecodeException e) {
      LOG.warn(
          "The model of {} at {} cannot be read: {}",
          key,
          place,
          config.kafka().masked(String.valueOf(e.getMessage())));
      return null;
    } finally {
      fetching.unlock();
    }
  }

  private synchronized byte[] kept(ModelPlace place) {
    return kept.get(place);
  }

  private synchronized byte[] keep(ModelPlace place, byte[] bytes) {
    if (bytes != null && bytes.length <= mostBytes) {
      kept.put(place, bytes);
      keptBytes += bytes.length;
      var eldest = kept.entrySet().iterator();
      while (keptBytes > mostBytes) {
        keptBytes -= eldest.next().getValue().length;
        eldest.remove();
      }
    }
    return bytes;
  }

  /** Of what is kept. */
  synchronized long bytes() {
    return keptBytes;
  }

  private byte[] fetch(String key, ModelPlace place) throws DecodeException {
    Properties properties = TopicFollower.properties(config.kafka());
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "1");
    properties.put(
        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(PATIENCE.toMillis()));
    TopicPartition partition = new TopicPartition(config.topics().models(), place.partition());
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, place.offset());
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.offset() != place.offset() || record.value() == null) {
            return null; // compacted: a newer one is on its way
          }
          ModelSnapshot snapshot = codec.decode(record.value());
          return snapshot.modelKey().equals(key) ? snapshot.learner() : null;
        }
      }
      return null;
    }
  }
}
