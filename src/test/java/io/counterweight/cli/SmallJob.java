package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import io.counterweight.support.SyntheticStream;
import io.counterweight.support.TestTopics;
import io.counterweight.support.TopicReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A job of small learners that needs no watermark, at least once, so that what it leaves can be
 * restored on another broker.
 */
final class SmallJob {
  private static final SyntheticStream STREAM = new SyntheticStream(4, 2, 0.2, 7);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private SmallJob() {}

  static List<String> yaml(String name, String brokers, Path checkpoints) {
    List<String> lines = new ArrayList<>();
    lines.add("kafka.bootstrap-servers: " + brokers);
    lines.add("kafka.group-id: " + name);
    lines.addAll(TestTopics.lines(name));
    for (String sink : List.of("predictions", "weights", "drift", "models", "rejects")) {
      lines.add("sinks." + sink + ".guarantee: at-least-once");
    }
    lines.add("topics.partitions: 1");
    lines.add("model.features: 4");
    lines.add("model.concepts: {amount: [0, 1], place: [2, 3]}");
    lines.add("model.hidden: [6, 4]");
    lines.add("model.rank: 3");
    lines.add("learner.lanes: [uniform, posterior]");
    lines.add("learner.ordering: arrival");
    lines.add("learner.labels.pairing: 64");
    lines.add("learner.max-latency: 1 d");
    lines.add("learner.mini-batch: 4");
    lines.add("learner.snapshot-every: 5");
    lines.add("state.checkpoint-interval: 500 ms");
    lines.add("state.checkpoint-directory: " + checkpoints);
    lines.add("state.cache-bytes: 1 MiB");
    lines.add("job.parallelism: 1");
    lines.add("job.max-parallelism: 8");
    return lines;
  }

  /** Labelled events of a key, and a trusted one to every second of them. */
  static void send(EngineConfig config, String key, int from, int to) {
    RecordCodec<Event> codec = RecordType.EVENT.newCodec();
    Map<String, Object> properties =
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int n = from; n < to; n++) {
        if (n % 2 == 0) {
          producer.send(
              new ProducerRecord<>(
                  config.topics().trusted(), codec.encode(STREAM.trusted(key, n))));
        }
        producer.send(
            new ProducerRecord<>(config.topics().events(), codec.encode(STREAM.labelled(key, n))));
      }
    }
  }

  /** Waits until a checkpoint holds that all which was sent has been worked on. */
  static void awaitConsumed(EngineConfig config) throws Exception {
    Map<String, Object> properties =
        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
    Map<TopicPartition, OffsetSpec> topics =
        Map.of(
            new TopicPartition(config.topics().events(), 0), OffsetSpec.latest(),
            new TopicPartition(config.topics().trusted(), 0), OffsetSpec.latest());
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (Admin admin = Admin.create(properties)) {
      Map<TopicPartition, Long> ends = new HashMap<>();
      admin.listOffsets(topics).all().get().forEach((p, end) -> ends.put(p, end.offset()));
      Map<TopicPartition, Long> committed = new HashMap<>();
      while (!committed.equals(ends)) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("The job has read to " + committed + ", sent was to " + ends);
        }
        Thread.sleep(100);
        admin
            .listConsumerGroupOffsets(config.kafka().groupId())
            .partitionsToOffsetAndMetadata()
            .get()
            .forEach((p, offset) -> committed.put(p, offset.offset()));
      }
    }
  }

  static List<Prediction> awaitPredictions(EngineConfig config, int count) {
    try (TopicReader<Prediction> reader =
        new TopicReader<>(
            config.kafka().bootstrapServers(),
            config.topics().predictions(),
            RecordType.PREDICTION)) {
      return List.copyOf(reader.await(PATIENCE, all -> all.size() >= count));
    }
  }
}
