package io.counterweight.job;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * One output topic.
 *
 * @param topic the topic
 * @param guarantee {@code EXACTLY_ONCE} writes in transactions, visible at each checkpoint to
 *     readers with {@code isolation.level=read_committed}; {@code AT_LEAST_ONCE} and {@code NONE}
 *     are visible at once
 * @param transactionalIdPrefix unique among all sinks of the Kafka cluster and the same at every
 *     start; used with {@code EXACTLY_ONCE} only, otherwise it may be null
 * @param transactionTimeout longest time from a transaction's beginning to its commit, at least one
 *     second: more than the checkpoint interval plus the longest outage to survive, and at most the
 *     broker's {@code transaction.max.timeout.ms} (15 minutes unless changed)
 * @param properties of the producers, over those of {@link KafkaSettings}; never null
 */
public record SinkSettings(
    String topic,
    DeliveryGuarantee guarantee,
    String transactionalIdPrefix,
    Duration transactionTimeout,
    Map<String, String> properties) {

  /**
   * What brokers allow unless told otherwise; the connector's own default, an hour, they refuse.
   */
  public static final Duration DEFAULT_TRANSACTION_TIMEOUT = Duration.ofMinutes(15);

  /** Properties that have a setting of their own, or that the sink relies on. */
  private static final Set<String> RESERVED =
      Set.of(
          ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
          ProducerConfig.TRANSACTIONAL_ID_CONFIG,
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG);

  public SinkSettings {
    KafkaNames.requireTopic(topic);
    Objects.requireNonNull(guarantee, "guarantee");
    if (guarantee == DeliveryGuarantee.EXACTLY_ONCE) {
      KafkaNames.requireText("transactionalIdPrefix", transactionalIdPrefix);
    }
    Objects.requireNonNull(transactionTimeout, "transactionTimeout");
    if (transactionTimeout.compareTo(Duration.ofSeconds(1)) < 0
        || transactionTimeout.compareTo(Duration.ofMillis(Integer.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException(
          "transactionTimeout is " + transactionTimeout + ", expected 1 second to about 24 days");
    }
    properties = KafkaNames.without(RESERVED, properties);
  }
}
