package io.counterweight.support;

import io.counterweight.serde.DecodeException;
import io.counterweight.serde.RecordType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Everything of one topic from its beginning, committed records only. */
public final class TopicReader<T> implements AutoCloseable {
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Decoder<T> decoder;
  private final String topic;
  private final List<T> records = new ArrayList<>();

  public TopicReader(String bootstrapServers, String topic, RecordType<T> type) {
    this(bootstrapServers, topic, type, Map.of());
  }

  /**
   * A reader on a broker that asks for more than its address.
   *
   * @param security properties of the client
   */
  public TopicReader(
      String bootstrapServers, String topic, RecordType<T> type, Map<String, String> security) {
    this(bootstrapServers, topic, type.newCodec()::decode, security);
  }

  /** How a record is read. */
  @FunctionalInterface
  public interface Decoder<T> {
    T decode(byte[] bytes) throws DecodeException;
  }

  /**
   * A reader of records in any format.
   *
   * @param security properties of the client
   */
  public TopicReader(
      String bootstrapServers, String topic, Decoder<T> decoder, Map<String, String> security) {
    this.topic = topic;
    this.decoder = decoder;
    Map<String, Object> properties = new HashMap<>(security);
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** All that was read so far, in the order of reading. */
  public List<T> records() {
    return records;
  }

  /** Drops what was read so far, which a long stream would fill the memory with. */
  public void forget() {
    records.clear();
  }

  /** Reads what comes within a short time. */
  public List<T> poll() {
    List<T> fresh = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
      try {
        fresh.add(decoder.decode(record.value()));
      } catch (DecodeException e) {
        throw new AssertionError(topic + " holds a record that cannot be read", e);
      }
    }
    records.addAll(fresh);
    return fresh;
  }

  /** Reads on until the records satisfy the condition. */
  public List<T> await(Duration patience, Predicate<List<T>> condition) {
    Instant deadline = Instant.now().plus(patience);
    while (!condition.test(records)) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError(
            "After "
                + patience
                + " "
                + topic
                + " holds "
                + records.size()
                + " records, which are not yet what is waited for");
      }
      poll();
    }
    return records;
  }

  /** Reads to the end of what is committed now. */
  public List<T> drain() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      poll();
    }
    return records;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
