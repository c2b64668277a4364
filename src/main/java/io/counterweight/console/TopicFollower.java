package io.counterweight.console;

import io.counterweight.config.KafkaSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads topics for as long as it is open, on a thread of its own: committed records only, without a
 * consumer group, so that nobody else's reading is touched. A topic that is not there yet is waited
 * for; a broker that is away is tried again, and reading goes on where it was.
 */
final class TopicFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration CLOSING = Duration.ofSeconds(5);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long MOST_WAITING_MILLIS = 10_000;

  /**
   * Where a partition is read from.
   *
   * @param records before its end, at most
   * @param age of the records, at most; null for any
   */
  record Start(long records, Duration age) {
    static final Start BEGINNING = new Start(Long.MAX_VALUE, null);
    static final Start END = new Start(0, null);
  }

  /** Takes what is read, on the follower's thread. */
  interface Taker {
    /** A record; its value may be null. */
    void take(ConsumerRecord<byte[], byte[]> record);

    /**
     * How it goes, after each poll.
     *
     * @param behind records that are there and not read
     * @param problem a sentence, or null
     */
    void state(long behind, String problem);
  }

  private final KafkaSettings kafka;
  private final Map<String, Start> topics;
  private final Taker taker;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final Set<String> looked = new HashSet<>();
  private volatile KafkaConsumer<byte[], byte[]> consumer;
  private long nextLook;

  private TopicFollower(String name, KafkaSettings kafka, Map<String, Start> topics, Taker taker) {
    this.kafka = kafka;
    this.topics = topics;
    this.taker = taker;
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /** Starts to follow. */
  static TopicFollower start(
      String name, KafkaSettings kafka, Map<String, Start> topics, Taker taker) {
    TopicFollower follower = new TopicFollower(name, kafka, topics, taker);
    follower.thread.start();
    return follower;
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void run() {
    long waiting = 500;
    while (!isClosed()) {
      try (KafkaConsumer<byte[], byte[]> fresh =
          new KafkaConsumer<>(
              properties(kafka), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        consumer = fresh;
        nextLook = 0;
        while (!isClosed()) {
          follow(fresh);
          waiting = 500;
        }
      } catch (WakeupException | InterruptException e) {
        LOG.debug("{} was woken up", thread.getName(), e);
      } catch (RuntimeException e) {
        // What a client throws depends on broker and security; none of it may end the console.
        String problem = kafka.masked("Kafka cannot be read: " + e.getMessage());
        LOG.warn("{}: {}", thread.getName(), problem);
        LOG.debug("The cause", e);
        taker.state(0, problem);
        waitFor(waiting);
        waiting = Math.min(MOST_WAITING_MILLIS, 2 * waiting);
      } finally {
        consumer = null;
      }
    }
  }

  private void waitFor(long millis) {
    try {
      closed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed.countDown();
    }
  }

  /** Properties of a client that reads what is committed and leaves no trace. */
  static Properties properties(KafkaSettings kafka) {
    Properties properties = new Properties();
    properties.putAll(kafka.properties());
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "2000");
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Integer.toString(8 << 20));
    String millis = Long.toString(PATIENCE.toMillis());
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    return properties;
  }

  private void follow(KafkaConsumer<byte[], byte[]> from) {
    if (System.nanoTime() - nextLook >= 0 || nextLook == 0) {
      boolean all = look(from);
      nextLook = System.nanoTime() + (all ? LOOK_NANOS : LOOK_AGAIN_NANOS);
    }
    if (from.assignment().isEmpty()) {
      waitFor(POLL.toMillis());
      return;
    }
    for (ConsumerRecord<byte[], byte[]> record : from.poll(POLL)) {
      // Before it is taken, so that a record that cannot be is not met again and again.
      positions.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
      taker.take(record);
    }
    long behind = 0;
    for (TopicPartition partition : from.assignment()) {
      behind += Math.max(0, from.currentLag(partition).orElse(0));
    }
    taker.state(behind, null);
  }

  /** Takes partitions that are new to this consumer; whether every topic is there. */
  private boolean look(KafkaConsumer<byte[], byte[]> from) {
    boolean all = true;
    Set<TopicPartition> assigned = new HashSet<>(from.assignment());
    List<TopicPartition> fresh = new ArrayList<>();
    for (String topic : topics.keySet()) {
      List<PartitionInfo> known = from.partitionsFor(topic);
      if (known == null || known.isEmpty()) {
        all = false;
        looked.add(topic); // a topic that comes later is read from its beginning
        continue;
      }
      for (PartitionInfo info : known) {
        TopicPartition partition = new TopicPartition(topic, info.partition());
        if (assigned.add(partition)) {
          fresh.add(partition);
        }
      }
    }
    if (!fresh.isEmpty()) {
      from.assign(assigned);
      seek(from, fresh);
    }
    return all;
  }

  private void seek(KafkaConsumer<byte[], byte[]> from, List<TopicPartition> fresh) {
    Map<TopicPartition, Long> begins = from.beginningOffsets(fresh);
    Map<TopicPartition, Long> ends = from.endOffsets(fresh);
    Map<TopicPartition, Long> times = new HashMap<>();
    Map<TopicPartition, Long> found = new HashMap<>();
    Set<String> first = new HashSet<>();
    for (TopicPartition partition : fresh) {
      Start start = topics.get(partition.topic());
      long begin = begins.get(partition);
      Long position = positions.get(partition);
      if (position == null && looked.contains(partition.topic())) {
        position = begin;
      } else if (position == null) {
        long end = ends.get(partition);
        position = Math.max(begin, start.records() >= end ? begin : end - start.records());
        if (start.age() != null) {
          times.put(partition, Instant.now().minus(start.age()).toEpochMilli());
        }
      }
      found.put(partition, Math.max(begin, position));
      first.add(partition.topic());
    }
    for (Map.Entry<TopicPartition, OffsetAndTimestamp> young :
        (times.isEmpty()
                ? Map.<TopicPartition, OffsetAndTimestamp>of()
                : from.offsetsForTimes(times))
            .entrySet()) {
      long since = young.getValue() == null ? ends.get(young.getKey()) : young.getValue().offset();
      found.merge(young.getKey(), since, Math::max);
    }
    positions.putAll(found); // only now: a question that failed is asked again
    fresh.forEach(partition -> from.seek(partition, positions.get(partition)));
    looked.addAll(first);
  }

  /** Ends the following; the last record may still be being taken for a moment. */
  @Override
  public void close() {
    closed.countDown();
    KafkaConsumer<byte[], byte[]> open = consumer;
    if (open != null) {
      open.wakeup();
    }
    try {
      thread.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
