package io.counterweight.bench;

import io.counterweight.event.Event;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Unlabelled events that fall due at a steady rate. One that is sent late, because the machine is
 * busy, counts from when it was due, and so do those behind it.
 */
final class PacedEvents {
  private static final int DIFFERENT = 1000;
  private static final double SECOND = 1e9;

  private final int count;
  private final double perSecond;
  private final float[][] features = new float[DIFFERENT][];
  private final int keys;

  /** When the first one is due, by {@link System#nanoTime}. */
  private volatile long began;

  /**
   * Events to be sent.
   *
   * @param perSecond infinite for as fast as can be
   */
  PacedEvents(LearnerSettings settings, int count, double perSecond, int keys) {
    this.count = count;
    this.perSecond = perSecond;
    this.keys = keys;
    for (int i = 0; i < DIFFERENT; i++) {
      features[i] = Learners.event(settings, "", i, Event.NO_LABEL).features();
    }
  }

  int count() {
    return count;
  }

  /** When event n is due, by {@link System#nanoTime}. */
  long due(int n) {
    return began + (long) (n * SECOND / perSecond);
  }

  /** Sends all of them, each dated at when it is due. */
  void send(KafkaProducer<byte[], byte[]> producer, String topic) {
    RecordCodec<Event> codec = RecordType.EVENT.newCodec();
    began = System.nanoTime();
    long wall = System.currentTimeMillis();
    for (int n = 0; n < count; n++) {
      for (long left = due(n) - System.nanoTime(); left > 0; left = due(n) - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      long time = wall + TimeUnit.NANOSECONDS.toMillis(due(n) - began);
      Event event =
          new Event(
              Integer.toString(n),
              ModelPublisher.key(n % keys),
              time,
              features[n % DIFFERENT],
              Event.NO_LABEL,
              null,
              null);
      producer.send(new ProducerRecord<>(topic, RecordType.EVENT.key(event), codec.encode(event)));
    }
    producer.flush();
  }
}
