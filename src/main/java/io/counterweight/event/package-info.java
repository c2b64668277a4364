/**
 * What enters and leaves the learner: plain immutable records, free of Avro, Kafka and Flink.
 *
 * <p>May import only {@code java..}. The wire forms live in {@code serde}.
 */
package io.counterweight.event;
