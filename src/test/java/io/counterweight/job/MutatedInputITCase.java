package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.RejectedRecord;
import io.counterweight.registry.SchemaRegistry;
import io.counterweight.serde.Decoded;
import io.counterweight.serde.EventDecoder;
import io.counterweight.serde.EventFormat;
import io.counterweight.serde.EventLimits;
import io.counterweight.serde.RawRecord;
import io.counterweight.serde.RecordType;
import io.counterweight.support.Framing;
import io.counterweight.support.Mutations;
import io.counterweight.support.TestBroker;
import io.counterweight.support.TestRegistry;
import io.counterweight.support.TopicReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Records near the fuzz corpus through every input topic of a running job, in every format: what a
 * decoder of its own refuses is exactly what is in the rejects, all other events are predicted, and
 * the job runs on. {@code -Dcounterweight.mutated=N} sends N a topic and format; with 11112 it is
 * 100,000.
 */
class MutatedInputITCase {
  private static final int INPUTS = Integer.getInteger("counterweight.mutated", 400);
  private static final int FEATURES = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String END = "the-end";

  @TempDir private Path directory;

  /** What a decoder makes of what was sent. */
  private static final class Expected {
    final Set<String> refused = new TreeSet<>();
    final Set<String> predicted = new HashSet<>();
    int sent;
  }

  @ParameterizedTest
  @EnumSource
  void allIsAccountedForAndTheJobRunsOn(EventFormat format) throws Exception {
    String bootstrap = TestBroker.shared().bootstrapServers();
    try (TestRegistry registry = TestRegistry.start()) {
      registry.add("ours", Framing.eventSchema());
      registry.add("other", Schema.createRecord("Other", null, "other", false, List.of()));
      EngineConfig config = config(format, registry);
      KafkaTopics.create(config, PATIENCE);
      Expected expected = new Expected();

      try (LocalJob job = LocalJob.start(config, Optional.empty(), true);
          TopicReader<RejectedRecord> rejects =
              new TopicReader<>(bootstrap, config.topics().rejects(), RecordType.REJECTED_RECORD);
          TopicReader<Prediction> predictions =
              new TopicReader<>(bootstrap, config.topics().predictions(), RecordType.PREDICTION)) {
        send(format, config, registry.client(), expected);
        rejects.await(PATIENCE, all -> all.size() >= expected.refused.size());
        predictions.await(PATIENCE, all -> all.stream().anyMatch(one -> one.eventId().equals(END)));

        List<RejectedRecord> refused = rejects.drain();
        Set<String> places = new TreeSet<>();
        refused.forEach(reject -> places.add(place(reject)));
        Set<String> ids = new HashSet<>();
        predictions.drain().forEach(prediction -> ids.add(prediction.eventId()));
        assertThat(refused).hasSize(expected.refused.size());
        assertThat(places).isEqualTo(expected.refused);
        assertThat(ids).isEqualTo(expected.predicted);
        assertThat(expected.sent).isEqualTo(3 * INPUTS + 1);
        assertThat(expected.refused).hasSizeBetween(expected.sent / 100, expected.sent - 10);
        assertThat(job.termination()).isNotDone();
        System.out.printf(
            "%s: %,d records sent, %,d rejected, %,d events predicted%n",
            format, expected.sent, expected.refused.size(), expected.predicted.size());
      }
    }
  }

  private static String place(RejectedRecord reject) {
    return reject.topic() + " " + reject.partition() + " " + reject.offset();
  }

  private static void send(
      EventFormat format, EngineConfig config, SchemaRegistry registry, Expected expected)
      throws Exception {
    String corpus = "event-" + format.name().toLowerCase(Locale.ROOT);
    String labels = format == EventFormat.JSON ? "label-json" : corpus;
    String transactions = config.topics().events();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      send(
          producer,
          config.topics().labels(),
          mutated(labels),
          decoder(format, config, registry, true),
          expected);
      send(
          producer,
          config.topics().trusted(),
          mutated(corpus),
          decoder(format, config, registry, false),
          expected);
      expected.predicted.clear(); // those were no transactions
      List<byte[]> values = mutated(corpus);
      for (int n = 0; n < INPUTS; n += 4) {
        values.set(n, transaction(format, "good-" + n));
      }
      values.add(transaction(format, END));
      send(producer, transactions, values, decoder(format, config, registry, null), expected);
    }
  }

  /**
   * A decoder beside the job's.
   *
   * @param isLabels whether of labels, of trusted events (false), or of transactions (null)
   */
  private static EventDecoder decoder(
      EventFormat format, EngineConfig config, SchemaRegistry registry, Boolean isLabels) {
    EventLimits limits =
        new EventLimits(
            config.input().maxRecordBytes(),
            config.input().maxIdLength(),
            isLabels != null && isLabels ? EventLimits.NONE : FEATURES,
            3,
            isLabels != null);
    String topic =
        isLabels == null
            ? config.topics().events()
            : isLabels ? config.topics().labels() : config.topics().trusted();
    return new EventDecoder(format, limits, registry, topic);
  }

  private static List<byte[]> mutated(String corpus) throws IOException {
    Mutations mutations = new Mutations(corpus(corpus));
    List<byte[]> values = new ArrayList<>();
    for (int n = 0; n < INPUTS; n++) {
      values.add(mutations.input(n));
    }
    return values;
  }

  private static void send(
      KafkaProducer<byte[], byte[]> producer,
      String topic,
      List<byte[]> values,
      EventDecoder decoder,
      Expected expected)
      throws Exception {
    List<Future<RecordMetadata>> places = new ArrayList<>();
    for (byte[] value : values) {
      places.add(producer.send(new ProducerRecord<>(topic, value)));
    }
    for (int n = 0; n < values.size(); n++) {
      RecordMetadata at = places.get(n).get();
      Decoded decoded =
          decoder.decode(new RawRecord(topic, at.partition(), at.offset(), 0, null, values.get(n)));
      if (decoded instanceof Decoded.Accepted accepted) {
        expected.predicted.add(accepted.event().eventId());
      } else {
        expected.refused.add(topic + " " + at.partition() + " " + at.offset());
      }
    }
    expected.sent += values.size();
  }

  private static byte[] transaction(EventFormat format, String id) throws IOException {
    Event event =
        new Event(id, "key", 1_700_000_000_000L, new float[FEATURES], Event.NO_LABEL, null, null);
    return format == EventFormat.CONFLUENT
        ? Framing.write(1, Framing.record(Framing.eventSchema(), event))
        : format.newCodec(new EventLimits(2_000, 40, FEATURES, 3, false)).encode(event);
  }

  private static List<byte[]> corpus(String target) throws IOException {
    List<byte[]> corpus = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/fuzz", target))) {
      for (Path file : files.sorted().toList()) {
        corpus.add(Files.readAllBytes(file));
      }
    }
    return corpus;
  }

  private EngineConfig config(EventFormat format, TestRegistry registry) {
    String name = "mutated-" + format.name().toLowerCase(Locale.ROOT);
    return EngineConfig.parse(
        String.join(
            "\n",
            "kafka.bootstrap-servers: " + TestBroker.shared().bootstrapServers(),
            "kafka.group-id: " + name,
            "topics: {events: N-events, trusted: N-trusted, labels: N-labels, predictions: N-predictions,"
                    .replace("N", name)
                + " weights: N-weights, drift: N-drift, models: N-models, rejects: N-rejects,"
                    .replace("N", name)
                + " partitions: 1}",
            "sinks.transactional-id-prefix: " + name,
            "input.format: " + format.name().toLowerCase(Locale.ROOT),
            "schema-registry.url: '" + registry.url() + "'",
            "labels.join: true",
            "model: {features: " + FEATURES + ", classes: 3}",
            "state.checkpoint-interval: 500 ms",
            "state.checkpoint-directory: " + directory.resolve("checkpoints")));
  }
}
