package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.config.EngineConfig;
import io.counterweight.support.TestBroker;
import io.counterweight.support.TestTopics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class KafkaTopicsITCase {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Enough that the broker is still at it when the topics are said to be there. */
  private static final int PARTITIONS = 24;

  @Test
  void topicsThatWereJustMadeRefuseNoRecord() throws Exception {
    EngineConfig config = config();
    try (KafkaProducer<byte[], byte[]> producer = producerThatNeverRetries(config)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();

      for (KafkaTopics.Topic topic : KafkaTopics.create(config, PATIENCE)) {
        assertThat(topic.created()).isTrue();
        for (int partition = 0; partition < PARTITIONS; partition++) {
          sent.add(
              producer.send(
                  new ProducerRecord<>(topic.name(), partition, new byte[1], new byte[1])));
        }
      }

      for (Future<RecordMetadata> record : sent) {
        assertThat(record).succeedsWithin(PATIENCE);
      }
    }
    assertThat(KafkaTopics.create(config, PATIENCE)).noneMatch(KafkaTopics.Topic::created);
  }

  private static EngineConfig config() {
    List<String> lines = new ArrayList<>();
    lines.add("kafka.bootstrap-servers: " + TestBroker.shared().bootstrapServers());
    lines.add("topics.partitions: " + PARTITIONS);
    lines.add("model.features: 1");
    lines.addAll(TestTopics.lines("new"));
    return EngineConfig.parse(String.join("\n", lines));
  }

  private static KafkaProducer<byte[], byte[]> producerThatNeverRetries(EngineConfig config) {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            config.kafka().bootstrapServers(),
            ProducerConfig.RETRIES_CONFIG,
            0,
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            false),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }
}
