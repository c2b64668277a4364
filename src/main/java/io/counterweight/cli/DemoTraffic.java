package io.counterweight.cli;

import io.counterweight.config.TopicSettings;
import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedEvent;
import io.counterweight.embedded.FeedTimeline;
import io.counterweight.evaluation.Truth;
import io.counterweight.event.Event;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends a feed to Kafka as any producer would; a trusted copy follows when it is due and its event
 * was predicted.
 */
final class DemoTraffic implements Callable<Long> {
  private final Feed feed;
  private final TopicSettings topics;
  private final String bootstrapServers;
  private final DemoLedger ledger;
  private final RecordCodec<Event> codec = RecordType.EVENT.newCodec();
  private final Deque<FeedEvent> due = new ArrayDeque<>();
  private int events;
  private long trusted;
  private volatile Exception failure;

  DemoTraffic(Feed feed, TopicSettings topics, String bootstrapServers, DemoLedger ledger) {
    this.feed = feed;
    this.topics = topics;
    this.bootstrapServers = bootstrapServers;
    this.ledger = ledger;
  }

  /** Sends everything; returns the number of trusted events. */
  @Override
  public Long call() throws InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.LINGER_MS_CONFIG,
                "5"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      FeedTimeline timeline = new FeedTimeline(feed);
      while (timeline.hasNext()) {
        FeedTimeline.Entry entry = timeline.next();
        if (entry.trusted()) {
          due.add(entry.source());
        } else {
          Event event = entry.event();
          ledger.sending(
              event.eventId(), new Truth(events++, entry.source().trueLabel(), event.label()));
          send(producer, topics.events(), event);
        }
        sendDue(producer);
      }
      producer.flush();
      ledger.awaitPredictions();
      sendDue(producer);
    }
    return trusted;
  }

  private void sendDue(KafkaProducer<byte[], byte[]> producer) {
    while (!due.isEmpty() && ledger.isPredicted(due.peek().event().eventId())) {
      send(producer, topics.trusted(), due.remove().trusted());
      trusted++;
    }
  }

  private void send(KafkaProducer<byte[], byte[]> producer, String topic, Event event) {
    if (failure != null) {
      throw new CommandFailure("Kafka did not take an event: " + failure.getMessage(), failure);
    }
    producer.send(
        new ProducerRecord<>(topic, RecordType.EVENT.key(event), codec.encode(event)),
        (metadata, exception) -> {
          if (exception != null) {
            failure = exception;
          }
        });
  }
}
