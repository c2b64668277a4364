package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.RejectedRecord.Reason;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TestBroker;
import io.counterweight.support.TopicReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More model keys than the running job may hold. */
class KeyLimitITCase {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  @Test
  void eventsOfKeysBeyondTheLimitAreRejectsThatCanBeReadAgain() throws Exception {
    String bootstrap = TestBroker.shared().bootstrapServers();
    EngineConfig config = config(bootstrap);
    KafkaTopics.create(config, PATIENCE);

    try (LocalJob job = LocalJob.start(config, Optional.empty(), true);
        TopicReader<Prediction> predictions =
            new TopicReader<>(bootstrap, "limit-predictions", RecordType.PREDICTION);
        TopicReader<RejectedRecord> rejects =
            new TopicReader<>(bootstrap, "limit-rejects", RecordType.REJECTED_RECORD)) {
      send(bootstrap, "limit-events", "first", "second", "first");
      predictions.await(PATIENCE, all -> all.size() >= 2);
      send(bootstrap, "limit-trusted", "third");
      rejects.await(PATIENCE, all -> all.size() >= 2);

      assertThat(predictions.drain()).extracting(Prediction::modelKey).containsOnly("first");
      for (RejectedRecord reject : rejects.drain()) {
        Event event = RecordType.EVENT.newCodec().decode(reject.value());
        assertThat(reject.reason()).isEqualTo(Reason.KEY_LIMIT);
        assertThat(reject.message()).contains(event.eventId(), "state.max-keys");
        assertThat(List.of(reject.topic(), event.modelKey()))
            .isIn(List.of("limit-events", "second"), List.of("limit-trusted", "third"));
      }
      assertThat(job.termination()).isNotDone();
    }
  }

  private static void send(String bootstrap, String topic, String... keys) throws Exception {
    RecordCodec<Event> codec = RecordType.EVENT.newCodec();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < keys.length; i++) {
        float[] x = {i, 1};
        Event event = new Event("e" + i, keys[i], 1_700_000_000_000L + i, x, 1, null, Map.of());
        producer.send(new ProducerRecord<>(topic, codec.encode(event))).get();
      }
    }
  }

  private EngineConfig config(String bootstrap) {
    return EngineConfig.parse(
        String.join(
            "\n",
            "kafka.bootstrap-servers: " + bootstrap,
            "kafka.group-id: key-limit",
            "topics: {events: limit-events, trusted: limit-trusted, predictions: limit-predictions,"
                + " weights: limit-weights, drift: limit-drift, models: limit-models,"
                + " rejects: limit-rejects, partitions: 1}",
            "sinks.transactional-id-prefix: key-limit",
            "model.features: 2",
            "state.max-keys: 1",
            "state.checkpoint-interval: 500 ms",
            "state.checkpoint-directory: " + directory.resolve("checkpoints")));
  }
}
