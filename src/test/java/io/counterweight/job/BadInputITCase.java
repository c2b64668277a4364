package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.RejectedRecord.Reason;
import io.counterweight.event.SampleWeight;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TestBroker;
import io.counterweight.support.TopicReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Garbage between good records, in both topics of a running job on a real broker. */
class BadInputITCase {
  private static final int BAD = 1_000;
  private static final int GOOD = 500;
  private static final int FEATURES = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  /** Where a record lies. */
  private record Place(String topic, int partition, long offset) {}

  @Test
  void everyBadRecordIsRejectedWithItsPlaceAndBytesAndNothingElseIsLost() throws Exception {
    String bootstrap = TestBroker.shared().bootstrapServers();
    EngineConfig config = config(bootstrap);
    KafkaTopics.create(config, PATIENCE);
    Map<Place, byte[]> bad = new HashMap<>();

    try (LocalJob job = LocalJob.start(config, Optional.empty(), true)) {
      send(bootstrap, config, bad);

      try (TopicReader<RejectedRecord> rejects =
              new TopicReader<>(bootstrap, config.topics().rejects(), RecordType.REJECTED_RECORD);
          TopicReader<Prediction> predictions =
              new TopicReader<>(bootstrap, config.topics().predictions(), RecordType.PREDICTION);
          TopicReader<SampleWeight> weights =
              new TopicReader<>(bootstrap, config.topics().weights(), RecordType.SAMPLE_WEIGHT)) {
        rejects.await(PATIENCE, all -> all.size() >= bad.size());
        predictions.await(PATIENCE, all -> all.size() >= GOOD);
        weights.await(PATIENCE, all -> all.size() >= GOOD);

        assertThat(rejects.drain()).hasSize(2 * BAD);
        for (RejectedRecord reject : rejects.records()) {
          Place place = new Place(reject.topic(), reject.partition(), reject.offset());
          assertThat(bad).containsKey(place);
          assertThat(reject.value()).isEqualTo(bad.remove(place));
          assertThat(reject.reason()).isIn(Reason.MALFORMED, Reason.UNKNOWN_SCHEMA);
          assertThat(reject.message()).isNotBlank();
        }
        assertThat(bad).isEmpty();
        assertThat(ids(predictions)).hasSize(GOOD);
        assertThat(weights.drain()).hasSize(GOOD);
      }
      assertThat(job.client().getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
    }
  }

  private static Set<String> ids(TopicReader<Prediction> predictions) {
    Set<String> ids = new HashSet<>();
    predictions.drain().forEach(prediction -> ids.add(prediction.eventId()));
    return ids;
  }

  /**
   * Good events and bad bytes in turn; half of the bad ones random, half a good record cut short.
   */
  private static void send(String bootstrap, EngineConfig config, Map<Place, byte[]> bad)
      throws Exception {
    Random random = new Random(20);
    RecordCodec<Event> codec = RecordType.EVENT.newCodec();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < BAD; i++) {
        Event event =
            new Event(
                "event-" + i,
                "key",
                1_700_000_000_000L + i,
                new float[] {i % 7, i % 5, i % 3},
                i % 2,
                null,
                null);
        byte[] good = codec.encode(event);
        if (i < GOOD) {
          byte[] key = RecordType.EVENT.key(event);
          producer.send(new ProducerRecord<>(config.topics().events(), key, good));
        }
        for (String topic : new String[] {config.topics().events(), config.topics().trusted()}) {
          byte[] value =
              i % 2 == 0
                  ? bytes(random, random.nextInt(200))
                  : Arrays.copyOf(good, random.nextInt(good.length));
          RecordMetadata at = producer.send(new ProducerRecord<>(topic, value)).get();
          bad.put(new Place(topic, at.partition(), at.offset()), value);
        }
      }
    }
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private EngineConfig config(String bootstrap) {
    return EngineConfig.parse(
        String.join(
            "\n",
            "kafka.bootstrap-servers: " + bootstrap,
            "kafka.group-id: bad-input",
            "topics: {events: bad-events, trusted: bad-trusted, predictions: bad-predictions,"
                + " weights: bad-weights, drift: bad-drift, models: bad-models, rejects: bad-rejects}",
            "sinks.transactional-id-prefix: bad-input",
            "model.features: " + FEATURES,
            "state.checkpoint-interval: 500 ms",
            "state.checkpoint-directory: " + directory.resolve("checkpoints")));
  }
}
