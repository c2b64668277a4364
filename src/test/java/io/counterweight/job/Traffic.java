package io.counterweight.job;

import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TopicReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Labelled events of several keys and trusted events, in order of event time, each key on a
 * partition of its own. Sent while the job runs, a bounded number ahead of its predictions, so that
 * faults hit a job that is at work. At the end ticks go to every partition, so that the watermark
 * passes all that came before; they go on, as a live stream does, because a job that restarts after
 * a tick has no watermark from that partition before its next record.
 */
final class Traffic implements AutoCloseable {
  static final int KEYS = 4;
  static final int FEATURES = 5;
  private static final int AHEAD = 400;
  private static final long START = 1_700_000_000_000L;
  private static final int TRUSTED_EVERY = 6;

  /** One record to send. */
  record Sent(Event event, boolean trusted, int partition) {}

  private static final Duration BETWEEN_TICKS = Duration.ofSeconds(2);

  private final List<Sent> records = new ArrayList<>();
  private final List<Sent> ticks = new ArrayList<>();
  private final RecordCodec<Event> codec = RecordType.EVENT.newCodec();
  private final int labelled;
  private final KafkaProducer<byte[], byte[]> producer;
  private final TopicReader<Prediction> predictions;
  private final Set<String> predicted = new HashSet<>();
  private volatile int predictedCount;
  private volatile CompletableFuture<Void> sending;

  Traffic(String bootstrapServers, int eventsPerKey, long seed, Topics topics) {
    labelled = eventsPerKey * KEYS;
    fill(eventsPerKey, new Random(seed));
    producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    predictions = new TopicReader<>(bootstrapServers, topics.predictions, RecordType.PREDICTION);
    this.topics = topics;
  }

  /** Topics that the traffic touches. */
  record Topics(String events, String trusted, String predictions) {}

  private final Topics topics;

  private void fill(int eventsPerKey, Random random) {
    long time = START;
    for (int i = 0; i < eventsPerKey * KEYS; i++) {
      int key = i % KEYS;
      time += 1 + random.nextInt(500);
      float[] x = new float[FEATURES];
      for (int f = 0; f < FEATURES; f++) {
        x[f] = (float) random.nextGaussian();
      }
      int truth = x[0] + 0.5f * x[1] * x[2] > 0.8f ? 1 : 0;
      int label = random.nextDouble() < 0.2 ? 1 - truth : truth;
      String id = "event-" + i;
      records.add(new Sent(event(id, key, time, x, label), false, key));
      // Each key's partition needs one in every stretch that may be in flight: after a restore no
      // partition has a watermark before its next record.
      if (i / KEYS % TRUSTED_EVERY == 0 || truth == 1 && i % 3 == 0) {
        records.add(new Sent(event(id, key, time + 1, x, truth), true, key));
      }
    }
    for (int partition = 0; partition < KEYS; partition++) {
      String id = "tick-" + partition;
      float[] x = new float[FEATURES];
      Event tick = new Event(id, "tick", time + 60_000, x, Event.NO_LABEL, null, null);
      ticks.add(new Sent(tick, false, partition));
      Event trustedTick = new Event(id, "tick", time + 60_000, x, 0, null, null);
      ticks.add(new Sent(trustedTick, true, partition));
    }
  }

  private static Event event(String id, int key, long time, float[] x, int label) {
    return new Event(id, "key-" + key, time, x, label, "test", Map.of());
  }

  List<Sent> records() {
    return records;
  }

  /** Labelled events, each of which must get a weight. */
  int labelled() {
    return labelled;
  }

  /** Sends everything in the background. */
  void start() {
    sending = CompletableFuture.runAsync(this::send);
  }

  private void send(Sent sent) {
    String topic = sent.trusted ? topics.trusted : topics.events;
    producer.send(
        new ProducerRecord<>(
            topic, sent.partition, RecordType.EVENT.key(sent.event), codec.encode(sent.event)));
  }

  private void send() {
    int events = 0;
    for (Sent sent : records) {
      send(sent);
      events += sent.trusted ? 0 : 1;
      while (events > predictedCount + AHEAD) {
        producer.flush();
        for (Prediction prediction : predictions.poll()) {
          predicted.add(prediction.eventId());
        }
        predictedCount = predicted.size();
      }
    }
    producer.flush();
  }

  /** Waits until that share of the events has been predicted. */
  void awaitShare(double share) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
    while (predictedCount < share * labelled && !sending.isDone()) {
      try {
        sending.get(50, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError(
              "The job stands still after " + predictedCount + " of " + labelled + " events", e);
        }
      } catch (InterruptedException | ExecutionException e) {
        throw new AssertionError("Sending failed", e);
      }
    }
  }

  /** Waits until every event has been sent. */
  void awaitSent() {
    try {
      sending.get(3, TimeUnit.MINUTES);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("Sending did not end", e);
    }
  }

  /**
   * Waits until every labelled event has a prediction; the ticks wait for a watermark that does not
   * come.
   */
  Set<String> awaitPredictions(Duration patience) {
    long[] nextTicks = {System.nanoTime()};
    predictions.await(
        patience,
        all -> {
          all.forEach(prediction -> predicted.add(prediction.eventId()));
          if (System.nanoTime() >= nextTicks[0]) {
            ticks.forEach(this::send);
            nextTicks[0] = System.nanoTime() + BETWEEN_TICKS.toNanos();
          }
          return predicted.size() == labelled;
        });
    return predicted;
  }

  @Override
  public void close() {
    producer.close();
    predictions.close();
  }
}
