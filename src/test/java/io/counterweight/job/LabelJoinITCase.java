package io.counterweight.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.Prediction;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.SampleWeight;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TestBroker;
import io.counterweight.support.TopicReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions and labels as JSON on their own topics of a real broker, the job killed between. */
class LabelJoinITCase {
  private static final int TRANSACTIONS = 400;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long START = 1_700_000_000_000L;

  @TempDir Path directory;

  @Test
  void everyTransactionIsPredictedAtOnceAndLearnedOnceForEachLabel() throws Exception {
    String bootstrap = TestBroker.shared().bootstrapServers();
    EngineConfig config = config(bootstrap);
    KafkaTopics.create(config, PATIENCE);
    try (TopicReader<Prediction> predictions =
            new TopicReader<>(bootstrap, config.topics().predictions(), RecordType.PREDICTION);
        TopicReader<SampleWeight> weights =
            new TopicReader<>(bootstrap, config.topics().weights(), RecordType.SAMPLE_WEIGHT);
        TopicReader<RejectedRecord> rejects =
            new TopicReader<>(bootstrap, config.topics().rejects(), RecordType.REJECTED_RECORD)) {
      try (LocalJob job = LocalJob.start(config, Optional.empty(), true)) {
        send(bootstrap, config.topics().events(), transactions());
        send(bootstrap, config.topics().events(), transactions().subList(0, 50)); // again
        predictions.await(PATIENCE, all -> all.size() >= TRANSACTIONS);
        awaitCheckpoint(config);
        assertThat(job.client().getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
      }
      assertThat(weights.poll()).as("no label has come").isEmpty();

      Optional<String> newest = RetainedCheckpoints.newest(config.checkpoints());
      assertThat(newest).isPresent();
      try (LocalJob job = LocalJob.start(config, newest, true)) {
        send(bootstrap, config.topics().labels(), labels());
        int expected = 300 + 20; // labels, and corrections of twenty
        weights.await(PATIENCE, all -> all.size() >= expected);
        rejects.await(PATIENCE, all -> !all.isEmpty());
        assertThat(weights.drain()).hasSize(expected);
        assertThat(job.client().getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
      }

      Map<String, List<Integer>> byEvent = new TreeMap<>();
      for (SampleWeight weight : weights.records()) {
        byEvent.computeIfAbsent(weight.eventId(), id -> new ArrayList<>()).add(weight.label());
      }
      assertThat(byEvent).hasSize(300);
      for (int i = 0; i < 300; i++) {
        List<Integer> labels = byEvent.get("tx-" + i);
        assertThat(labels)
            .as("tx-%d", i)
            .isEqualTo(i < 20 ? List.of(i % 2, 1 - i % 2) : List.of(i % 2));
      }
      long distinct = predictions.drain().stream().map(Prediction::eventId).distinct().count();
      assertThat(distinct).isEqualTo(TRANSACTIONS);
      assertThat(predictions.records()).hasSize(TRANSACTIONS);
      assertThat(rejects.drain()).hasSize(1);
      assertThat(rejects.records().get(0).message()).contains("features: expected 0, found 1");
    }
  }

  private static void awaitCheckpoint(EngineConfig config) throws Exception {
    Thread.sleep(3 * config.state().checkpointInterval().toMillis());
    while (RetainedCheckpoints.newest(config.checkpoints()).isEmpty()) {
      Thread.sleep(100);
    }
  }

  private static List<String> transactions() {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < TRANSACTIONS; i++) {
      records.add(
          String.format(
              "{\"eventId\":\"tx-%d\",\"eventTime\":%d,\"features\":[%d,%d,null]}",
              i, START + 1000L * i, i % 2, i % 7));
    }
    return records;
  }

  /** Of 300 transactions; of twenty of them once more another one; of a hundred twice. */
  private static List<String> labels() {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      records.add(label(i, 500_000, i % 2, "rule"));
      if (i >= 200) {
        records.add(label(i, 500_000, i % 2, "rule"));
      }
    }
    for (int i = 0; i < 20; i++) {
      records.add(label(i, 600_000, 1 - i % 2, "chargeback"));
    }
    for (int i = 0; i < 60; i++) {
      records.add(label(i, 700_000, i % 2, "investigator"));
    }
    records.add("{\"eventId\":\"tx-1\",\"eventTime\":5,\"features\":[1],\"label\":1}");
    return records;
  }

  private static String label(int i, long later, int label, String source) {
    return String.format(
        "{\"eventId\":\"tx-%d\",\"eventTime\":%d,\"label\":%d,\"labelSource\":\"%s\"}",
        i, START + 1000L * i + later, label, source);
  }

  private static void send(String bootstrap, String topic, List<String> records) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (String json : records) {
        // Without a key one batch goes to one partition: corrections stay behind what they correct.
        producer.send(new ProducerRecord<>(topic, 0, null, json.getBytes(UTF_8)));
      }
    }
  }

  private EngineConfig config(String bootstrap) {
    return EngineConfig.parse(
        String.join(
            "\n",
            "kafka.bootstrap-servers: " + bootstrap,
            "kafka.group-id: join",
            "topics: {events: join-tx, trusted: join-trusted, labels: join-labels,"
                + " predictions: join-predictions, weights: join-weights, drift: join-drift,"
                + " models: join-models, rejects: join-rejects}",
            "sinks.transactional-id-prefix: join",
            "input.format: json",
            "labels: {join: true, trusted-sources: [investigator]}",
            "model.features: 3",
            "learner.mini-batch: 10",
            "learner.max-latency: 1 s",
            "job.parallelism: 2",
            "state.checkpoint-interval: 500 ms",
            "state.checkpoint-directory: " + directory.resolve("checkpoints")));
  }
}
