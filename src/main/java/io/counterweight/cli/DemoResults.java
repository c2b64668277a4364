package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import io.counterweight.config.TopicSettings;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.job.OutputCodecs;
import io.counterweight.serde.DecodeException;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the job's output topics as any consumer would; committed records only. */
final class DemoResults implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final TopicSettings topics;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final RecordCodec<Prediction> predictions;
  private final RecordCodec<SampleWeight> weights;
  private final RecordCodec<DriftEvent> drifts;
  private long rejects;

  DemoResults(EngineConfig config) {
    topics = config.topics();
    OutputCodecs codecs = OutputCodecs.of(config, PATIENCE);
    predictions = codecs.codec(RecordType.PREDICTION, topics.predictions());
    weights = codecs.codec(RecordType.SAMPLE_WEIGHT, topics.weights());
    drifts = codecs.codec(RecordType.DRIFT_EVENT, topics.drift());
    consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.kafka().bootstrapServers(),
                ConsumerConfig.GROUP_ID_CONFIG,
                "demo",
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                2_000),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(
        List.of(topics.predictions(), topics.weights(), topics.drift(), topics.rejects()));
  }

  /** Takes what came in within a short time; returns how many records that were. */
  int poll(
      Consumer<Prediction> onPrediction,
      Consumer<SampleWeight> onWeight,
      Consumer<DriftEvent> onDrift) {
    int count = 0;
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
      count++;
      try {
        if (record.topic().equals(topics.predictions())) {
          onPrediction.accept(predictions.decode(record.value()));
        } else if (record.topic().equals(topics.weights())) {
          onWeight.accept(weights.decode(record.value()));
        } else if (record.topic().equals(topics.drift())) {
          onDrift.accept(drifts.decode(record.value()));
        } else {
          rejects++;
        }
      } catch (DecodeException e) {
        throw new CommandFailure(
            record.topic() + " holds a record that cannot be read: " + e.getMessage(), e);
      }
    }
    return count;
  }

  long rejects() {
    return rejects;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
