package io.counterweight.config;

import java.time.Duration;
import java.util.stream.Stream;

/**
 * How the output topics are written.
 *
 * @param format of all output topics
 * @param predictions guarantee of that topic
 * @param weights guarantee of that topic
 * @param drift guarantee of that topic
 * @param models guarantee of that topic
 * @param rejects guarantee of that topic
 * @param transactionTimeout age at which the broker aborts an open transaction
 * @param transactionalIdPrefix of exactly-once sinks; unique among the jobs of a Kafka cluster
 */
public record SinkSettings(
    Format format,
    Guarantee predictions,
    Guarantee weights,
    Guarantee drift,
    Guarantee models,
    Guarantee rejects,
    Duration transactionTimeout,
    String transactionalIdPrefix) {

  /** What stands before the Avro of a record. */
  public enum Format {
    /** The schema's fingerprint: Avro's single-object encoding. */
    AVRO,
    /** The schema's id in the schema registry, as Confluent's serializers write it. */
    CONFLUENT
  }

  /** What a failure may do to the records of a topic. */
  public enum Guarantee {
    /** Lose or repeat some. */
    NONE,
    /** Repeat some; visible at once. */
    AT_LEAST_ONCE,
    /** Nothing, for readers with {@code read_committed}; visible after the next checkpoint. */
    EXACTLY_ONCE
  }

  public SinkSettings {
    Options.SINK_FORMAT.check(format);
    Options.PREDICTIONS_GUARANTEE.check(predictions);
    Options.WEIGHTS_GUARANTEE.check(weights);
    Options.DRIFT_GUARANTEE.check(drift);
    Options.MODELS_GUARANTEE.check(models);
    Options.REJECTS_GUARANTEE.check(rejects);
    Options.TRANSACTION_TIMEOUT.check(transactionTimeout);
    Options.TRANSACTIONAL_ID_PREFIX.check(transactionalIdPrefix);
  }

  /** The same with transactional ids of another prefix. */
  SinkSettings withTransactionalIdPrefix(String prefix) {
    return new SinkSettings(
        format, predictions, weights, drift, models, rejects, transactionTimeout, prefix);
  }

  /** Whether any topic is written in transactions. */
  public boolean isTransactional() {
    return Stream.of(predictions, weights, drift, models, rejects)
        .anyMatch(Guarantee.EXACTLY_ONCE::equals);
  }
}
