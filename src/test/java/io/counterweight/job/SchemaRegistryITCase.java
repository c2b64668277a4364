package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord.Reason;
import io.counterweight.serde.RecordType;
import io.counterweight.support.Framing;
import io.counterweight.support.TestBroker;
import io.counterweight.support.TestRegistry;
import io.counterweight.support.TopicReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All topics in Confluent's framing, on a real broker and a registry that asks for a password. */
class SchemaRegistryITCase {
  private static final int EVENTS = 120;
  private static final int LABELS = 80;
  private static final int UNKNOWN = 4711;
  private static final String PASSWORD = "hunter2hunter2";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long START = 1_700_000_000_000L;

  @TempDir Path directory;

  private final String bootstrap = TestBroker.shared().bootstrapServers();

  @Test
  void recordsOfAllSchemasComeInAndEveryTopicIsReadByItsIds() throws Exception {
    try (TestRegistry registry = TestRegistry.start("ada", PASSWORD)) {
      EngineConfig config = config(registry);
      assertThat(config.toString()).doesNotContain(PASSWORD);
      KafkaTopics.create(config, PATIENCE);
      sendInput(registry, config);

      try (LocalJob job = LocalJob.start(config, Optional.empty(), true);
          TopicReader<GenericRecord> weights = reader(registry, config.topics().weights());
          TopicReader<GenericRecord> models = reader(registry, config.topics().models());
          TopicReader<GenericRecord> rejects = reader(registry, config.topics().rejects());
          TopicReader<GenericRecord> predictions =
              reader(registry, config.topics().predictions())) {
        predictions.await(PATIENCE, all -> all.size() >= EVENTS);
        weights.await(PATIENCE, all -> all.size() >= LABELS);
        models.await(PATIENCE, all -> !all.isEmpty());
        rejects.await(PATIENCE, all -> all.size() >= 2);

        assertThat(ids(predictions.drain())).hasSize(EVENTS);
        assertThat(ids(weights.drain())).hasSize(LABELS).allMatch(id -> number(id) < LABELS);
        assertRejects(rejects.drain());
        assertSchema(predictions, RecordType.PREDICTION);
        assertSchema(weights, RecordType.SAMPLE_WEIGHT);
        assertSchema(models, RecordType.MODEL_SNAPSHOT);
        assertThat(job.termination()).isNotDone();
      }
      assertThat(registry.ids(config.topics().events() + "-value"))
          .as("what others write is registered by them")
          .hasSize(3);

      List<String> places = new ArrayList<>();
      new PublishedModels(config, PATIENCE).readAll((bytes, place) -> places.add(place));
      assertThat(places).isNotEmpty();
      scores(registry, config);
    }
  }

  /** The scorer reads the models that were just written. */
  private static void scores(TestRegistry registry, EngineConfig config) throws Exception {
    try (LocalJob scorer =
            LocalJob.start(ScoringJob::addTo, config.asScorer(), Optional.empty(), true);
        TopicReader<GenericRecord> scores = reader(registry, config.topics().scores())) {
      scores.await(PATIENCE, all -> all.size() >= EVENTS);
      assertThat(scores.records()).allMatch(score -> (Long) score.get("modelVersion") > 0);
      assertThat(scorer.termination()).isNotDone();
    }
  }

  private static void assertRejects(List<GenericRecord> rejects) {
    assertThat(rejects).hasSize(2);
    assertThat(rejects)
        .anySatisfy(
            reject -> {
              assertThat(reject.get("reason")).hasToString(Reason.UNKNOWN_SCHEMA.name());
              assertThat(reject.get("message").toString()).contains("no schema " + UNKNOWN);
            })
        .anySatisfy(
            reject -> {
              assertThat(reject.get("reason")).hasToString(Reason.MALFORMED.name());
              assertThat(reject.get("message").toString()).contains("magic byte 00");
            });
  }

  /** The schema of the ids in a topic's records is the file's. */
  private static void assertSchema(TopicReader<GenericRecord> topic, RecordType<?> type)
      throws Exception {
    Path file = Path.of("schemas", type.name() + ".avsc");
    Schema expected = new Schema.Parser().parse(Files.readString(file));
    assertThat(topic.records()).extracting(GenericRecord::getSchema).containsOnly(expected);
  }

  private static Set<String> ids(List<GenericRecord> records) {
    Set<String> ids = new TreeSet<>();
    records.forEach(record -> ids.add(record.get("eventId").toString()));
    return ids;
  }

  private static int number(String id) {
    return Integer.parseInt(id.substring(1));
  }

  /** Events in an old, our and a new schema in turn; labels in one without features. */
  private void sendInput(TestRegistry registry, EngineConfig config) {
    Schema ours = Framing.eventSchema();
    List<Schema> schemas =
        List.of(
            Framing.without(ours, "attributes", "labelSource"),
            ours,
            Framing.with(
                ours, "{\"name\":\"shop\",\"type\":[\"null\",\"string\"],\"default\":null}"));
    String subject = config.topics().events() + "-value";
    int[] ids = schemas.stream().mapToInt(schema -> registry.add(subject, schema)).toArray();
    Schema bare = Framing.without(ours, "features", "modelKey", "attributes");
    int labels = registry.add(config.topics().labels() + "-value", bare);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int n = 0; n < EVENTS; n++) {
        int kind = n % schemas.size();
        byte[] event =
            Framing.write(ids[kind], Framing.record(schemas.get(kind), event(n, Event.NO_LABEL)));
        send(producer, config.topics().events(), event);
        byte[] trusted =
            Framing.write(ids[kind], Framing.record(schemas.get(kind), event(n, n % 2)));
        send(producer, config.topics().trusted(), trusted);
        if (n < LABELS) {
          send(
              producer,
              config.topics().labels(),
              Framing.write(labels, Framing.record(bare, event(n, n % 2))));
        }
      }
      send(producer, config.topics().events(), Framing.framed(UNKNOWN, new byte[20]));
      send(
          producer,
          config.topics().events(),
          RecordType.EVENT.newCodec().encode(event(1, Event.NO_LABEL)));
    }
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, String topic, byte[] value) {
    producer.send(new ProducerRecord<>(topic, 0, null, value));
  }

  private static Event event(int n, int label) {
    return new Event(
        "e" + n, "key", START + 1000L * n, new float[] {n % 2, n % 7, n % 5}, label, null, null);
  }

  private static TopicReader<GenericRecord> reader(TestRegistry registry, String topic) {
    return new TopicReader<>(
        TestBroker.shared().bootstrapServers(),
        topic,
        bytes -> Framing.read(registry, bytes),
        Map.of());
  }

  private EngineConfig config(TestRegistry registry) throws Exception {
    Path password = Files.writeString(directory.resolve("password"), PASSWORD);
    return EngineConfig.parse(
        String.join(
            "\n",
            "kafka.bootstrap-servers: " + bootstrap,
            "kafka.group-id: registry",
            "topics: {events: sr-events, trusted: sr-trusted, labels: sr-labels,"
                + " predictions: sr-predictions, scores: sr-scores, weights: sr-weights,"
                + " drift: sr-drift, models: sr-models, rejects: sr-rejects}",
            "schema-registry: {url: '" + registry.url() + "', username: ada}",
            "schema-registry.password: ${file:" + password + "}",
            "input.format: confluent",
            "sinks: {format: confluent, transactional-id-prefix: registry}",
            "labels.join: true",
            "model.features: 3",
            "learner: {mini-batch: 8, snapshot-every: 5, max-latency: 1 s}",
            "state.checkpoint-interval: 500 ms",
            "state.checkpoint-directory: " + directory.resolve("checkpoints")));
  }
}
