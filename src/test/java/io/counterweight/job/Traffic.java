package io.counterweight.job;

import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TopicReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Labelled events of several keys and trusted events, in order of event time, each key on a
 * partition of its own. Sent while the job runs, a bounded number ahead of its predictions, so that
 * faults hit a job that is at work.
 *
 * <p>It never stops for good, as a live stream does not: a job that was restored has no watermark
 * from a partition before its next record, and may have read all that was sent before it stopped.
 * So after a silence of the job another stretch follows, and at the end ticks go to every
 * partition, again and again.
 */
final class Traffic implements AutoCloseable {
  static final int KEYS = 4;
  static final int FEATURES = 5;
  private static final int AHEAD = 400;
  private static final long START = 1_700_000_000_000L;
  private static final int TRUSTED_EVERY = 6;

  /** So many events bring a record to every partition of both topics. */
  private static final int STRETCH = KEYS * TRUSTED_EVERY;

  /** Of the job, after which a stretch follows; most restarts take less. */
  private static final Duration SILENCE = Duration.ofSeconds(3);

  /** One record to send. */
  record Sent(Event event, boolean trusted, int partition) {}

  private static final Duration BETWEEN_TICKS = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final List<Sent> records = new ArrayList<>();
  private final List<Sent> ticks = new ArrayList<>();
  private final RecordCodec<Event> codec = RecordType.EVENT.newCodec();
  private final int labelled;
  private final KafkaProducer<byte[], byte[]> producer;
  private final TopicReader<Prediction> predictions;
  private final Set<String> predicted = new HashSet<>();
  private long stretchNanos;
  private int ahead = AHEAD;
  private volatile int sentCount;
  private volatile int predictedCount;
  private volatile int firstUnpredicted;
  private volatile Exception refusal;
  private volatile boolean closed;
  private volatile CompletableFuture<Void> sending;

  Traffic(String bootstrapServers, int eventsPerKey, long seed, Topics topics) {
    this(bootstrapServers, eventsPerKey, seed, topics, Map.of());
  }

  /**
   * Traffic to a broker that asks for more than its address.
   *
   * @param security properties of the clients
   */
  Traffic(
      String bootstrapServers,
      int eventsPerKey,
      long seed,
      Topics topics,
      Map<String, String> security) {
    labelled = eventsPerKey * KEYS;
    fill(eventsPerKey, new Random(seed));
    Map<String, Object> properties = new HashMap<>(security);
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    // While the broker is away, which is long where the machine has much else to do.
    int patience = (int) PATIENCE.toMillis();
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, patience);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, patience);
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    predictions =
        new TopicReader<>(bootstrapServers, topics.predictions, RecordType.PREDICTION, security);
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
      // One a key in every stretch; the others where they make a difference.
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

  /** Sends no faster than this, so that there is traffic during slow faults too. */
  Traffic paced(int eventsPerSecond) {
    stretchNanos = TimeUnit.SECONDS.toNanos(STRETCH) / eventsPerSecond;
    return this;
  }

  /** Sends at this rate whatever the job does. */
  Traffic steady(int eventsPerSecond) {
    ahead = labelled;
    return paced(eventsPerSecond);
  }

  /** Sends everything in the background. */
  void start() {
    sending = CompletableFuture.runAsync(this::send);
  }

  private void send(Sent sent) {
    if (refusal != null) {
      throw new IllegalStateException("Kafka did not take a record", refusal);
    }
    String topic = sent.trusted ? topics.trusted : topics.events;
    producer.send(
        new ProducerRecord<>(
            topic, sent.partition, RecordType.EVENT.key(sent.event), codec.encode(sent.event)),
        (metadata, exception) -> {
          if (exception != null) {
            refusal = exception;
          }
        });
  }

  private void send() {
    int limit = ahead;
    long due = System.nanoTime();
    for (Sent sent : records) {
      send(sent);
      if (sent.trusted) {
        continue;
      }
      if (++sentCount > limit) {
        producer.flush();
        limit = awaitRoom(limit);
      }
      if (stretchNanos > 0 && sentCount % STRETCH == 0) {
        due += stretchNanos;
        // Who waits for the job does not make up for it; a steady stream does.
        due = ahead == labelled ? due : Math.max(due, System.nanoTime());
        awaitTime(due);
      }
    }
    producer.flush();
  }

  private void awaitTime(long due) {
    do {
      see(predictions.poll());
    } while (!closed && System.nanoTime() < due);
  }

  /** Waits until more may be sent; returns how many events then may have been. */
  private int awaitRoom(int limit) {
    long silent = System.nanoTime();
    while (!closed && limit >= predictedCount + ahead) {
      if (see(predictions.poll())) {
        silent = System.nanoTime();
      }
      if (System.nanoTime() - silent > SILENCE.toNanos()) {
        return limit + STRETCH;
      }
    }
    return predictedCount + ahead;
  }

  /** Keeps the ids, not the predictions; tells whether one is new. */
  private boolean see(List<Prediction> fresh) {
    fresh.forEach(prediction -> predicted.add(prediction.eventId()));
    predictions.forget();
    boolean news = predicted.size() > predictedCount;
    predictedCount = predicted.size();
    int first = firstUnpredicted;
    while (predicted.contains("event-" + first)) {
      first++;
    }
    firstUnpredicted = first;
    return news;
  }

  /** Labelled events that were sent so far. */
  int sent() {
    return sentCount;
  }

  /** Labelled events whose prediction was seen so far. */
  int predicted() {
    return predictedCount;
  }

  /** Waits until that share of the events has been predicted. */
  void awaitShare(double share) {
    awaitPredicted((int) Math.ceil(share * labelled));
  }

  /** Waits until so many events have been predicted, or all have been sent. */
  void awaitPredicted(int count) {
    awaitAt(() -> predictedCount, count);
  }

  /** Waits until each of the first so many events has been predicted, or all have been sent. */
  void awaitCaughtUp(int count) {
    awaitAt(() -> firstUnpredicted, count);
  }

  private void awaitAt(IntSupplier reached, int count) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (reached.getAsInt() < count) {
      try {
        sending.get(50, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("The job stands still: " + progress(), e);
        }
      } catch (InterruptedException | ExecutionException e) {
        throw new AssertionError("Sending failed: " + progress(), e);
      }
    }
  }

  /** Waits until every event has been sent. */
  void awaitSent() {
    awaitSent(PATIENCE);
  }

  /** Waits until every event has been sent. */
  void awaitSent(Duration patience) {
    try {
      sending.get(patience.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("Sending did not end: " + progress(), e);
    }
  }

  private String progress() {
    return predictedCount + " of " + sentCount + " events predicted, " + labelled + " to send";
  }

  /**
   * Waits until every labelled event has a prediction; the ticks wait for a watermark that does not
   * come.
   */
  Set<String> awaitPredictions(Duration patience) {
    long[] nextTicks = {System.nanoTime()};
    try {
      predictions.await(
          patience,
          all -> {
            see(all);
            if (System.nanoTime() >= nextTicks[0]) {
              ticks.forEach(this::send);
              nextTicks[0] = System.nanoTime() + BETWEEN_TICKS.toNanos();
            }
            return predictedCount == labelled;
          });
    } catch (AssertionError e) {
      throw new AssertionError("Not every event has its prediction: " + progress(), e);
    }
    return predicted;
  }

  /** Stops a sender that still waits, which a test that failed leaves behind. */
  @Override
  public void close() {
    closed = true;
    producer.close(Duration.ofSeconds(5));
    if (sending != null) {
      sending.handle((done, failure) -> null).join();
    }
    predictions.close();
  }
}
