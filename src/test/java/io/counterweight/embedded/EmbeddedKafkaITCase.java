package io.counterweight.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.embedded.EmbeddedKafka.Topic;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaITCase {
  private static final List<Topic> TOPICS =
      List.of(Topic.of("events", 2), Topic.compacted("models", 1));

  @TempDir Path directory;

  @Test
  void recordsTransactionsAndOffsetsOutliveARestart() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
      kafka.createTopics(TOPICS);
      kafka.createTopics(TOPICS);
      assertThat(config(kafka, "models", "cleanup.policy")).isEqualTo("compact");
      assertThatThrownBy(() -> kafka.createTopics(List.of(Topic.of("events", 3))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("events is there with 2 partitions, expected 3");
      assertThatThrownBy(() -> EmbeddedKafka.start(directory))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Another broker uses directory");
      assertThatThrownBy(() -> partitions(kafka, "never-created"))
          .hasRootCauseInstanceOf(UnknownTopicOrPartitionException.class);
      produce(kafka, "a", false);
      produce(kafka, "dropped", true);
      produce(kafka, "b", false);
      assertThat(consume(kafka, false)).containsExactly("a", "b");
    }

    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
      kafka.createTopics(TOPICS);
      assertThat(partitions(kafka, "events")).isEqualTo(2);
      produce(kafka, "c", false);
      assertThat(consume(kafka, false)).containsExactly("c");
      assertThat(consume(kafka, true)).containsExactly("a", "b", "c");
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> EmbeddedKafka.start(directory, port, 0))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Port " + port + " for the embedded Kafka broker");
      assertThatThrownBy(() -> EmbeddedKafka.start(directory, 0, port))
          .hasMessageContaining("Port " + port + " for the embedded Kafka controller");
    }
    assertThatThrownBy(() -> EmbeddedKafka.start(directory, -1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected 0 (any free one) to 65535");
  }

  @Test
  void aClosedBrokerCanBeClosedAgain() {
    EmbeddedKafka kafka = EmbeddedKafka.start(directory);

    kafka.close();
    kafka.close();

    assertThat(kafka.directory()).isDirectory();
  }

  /** Sends one record, with a time stamp older than any retention, in one transaction. */
  private static void produce(EmbeddedKafka kafka, String value, boolean abort) {
    Map<String, Object> config =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "test");
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("events", 0, 1_500_000_000_000L, "key", value));
      if (abort) {
        producer.abortTransaction();
      } else {
        producer.commitTransaction();
      }
    }
  }

  /** What is committed in the topic, from its beginning or from where the group stopped. */
  private static List<String> consume(EmbeddedKafka kafka, boolean fromBeginning) {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers", kafka.bootstrapServers(),
            "isolation.level", "read_committed",
            "group.id", "test",
            "auto.offset.reset", "earliest",
            "enable.auto.commit", false);
    List<String> values = new ArrayList<>();
    TopicPartition partition = new TopicPartition("events", 0);
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(Set.of(partition));
      if (fromBeginning) {
        consumer.seekToBeginning(Set.of(partition));
      }
      long end = consumer.endOffsets(Set.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
      }
      consumer.commitSync();
    }
    return values;
  }

  private static int partitions(EmbeddedKafka kafka, String topic) throws Exception {
    try (Admin admin = admin(kafka)) {
      return admin
          .describeTopics(List.of(topic))
          .allTopicNames()
          .get()
          .get(topic)
          .partitions()
          .size();
    }
  }

  private static String config(EmbeddedKafka kafka, String topic, String key)
      throws ExecutionException, InterruptedException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = admin(kafka)) {
      return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(key).value();
    }
  }

  private static Admin admin(EmbeddedKafka kafka) {
    return Admin.create(Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()));
  }
}
