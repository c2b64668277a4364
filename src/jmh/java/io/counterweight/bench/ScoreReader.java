package io.counterweight.bench;

import io.counterweight.event.Prediction;
import io.counterweight.serde.DecodeException;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the scores of paced events and how long each took since its event was due. */
final class ScoreReader implements AutoCloseable {
  private static final int DIGITS = 3;
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long SILENCE = TimeUnit.SECONDS.toNanos(60);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final RecordCodec<Prediction> codec = RecordType.PREDICTION.newCodec();
  private final PacedEvents events;
  private final int uncounted;
  private final BitSet scored = new BitSet();
  private final Histogram micros = new Histogram(DIGITS);
  private int repeated;
  private long from;
  private long until;

  /**
   * A reader.
   *
   * @param uncounted first events, whose time does not count
   */
  ScoreReader(
      String bootstrapServers, String topic, int partitions, PacedEvents events, int uncounted) {
    this.events = events;
    this.uncounted = uncounted;
    consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> all =
        IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)).toList();
    consumer.assign(all);
    consumer.seekToBeginning(all);
  }

  /** Reads until each event has its score, or none comes any more. */
  void readAll() {
    long last = System.nanoTime();
    while (scored.cardinality() < events.count() && System.nanoTime() - last < SILENCE) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        last = System.nanoTime();
        count(record.value(), last);
      }
    }
  }

  private void count(byte[] bytes, long now) {
    int n;
    try {
      n = Integer.parseInt(codec.decode(bytes).eventId());
    } catch (DecodeException e) {
      throw new IllegalStateException("A score cannot be read", e);
    }
    if (scored.get(n)) {
      repeated++;
      return;
    }
    scored.set(n);
    if (scored.cardinality() == uncounted + 1) {
      from = now;
    }
    until = now;
    if (n >= uncounted) {
      micros.recordValue(Math.max(0, TimeUnit.NANOSECONDS.toMicros(now - events.due(n))));
    }
  }

  int scored() {
    return scored.cardinality();
  }

  int repeated() {
    return repeated;
  }

  /** Scores a second, of those that count. */
  double perSecond() {
    return (scored.cardinality() - uncounted) * 1e9 / (until - from);
  }

  /** How long after the last event was due its score, or that of another one, was read last. */
  double secondsBehind() {
    return (until - events.due(events.count() - 1)) / 1e9;
  }

  /** Milliseconds within which that share of the events had their scores read. */
  double millis(double share) {
    return micros.getValueAtPercentile(100 * share) / 1e3;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
