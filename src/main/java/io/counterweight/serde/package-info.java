/**
 * Between bytes and records: Avro and JSON codecs of every topic, the decoding of hostile input
 * into an event or a reject, and Flink's serializers for the same records.
 *
 * <p>May import {@code event}, Avro, Jackson and Flink's core and streaming interfaces, but not
 * Kafka. Avro's generated classes ({@code io.counterweight.avro}) stop here: they supply the
 * schemas, and the codecs' bytes are tested against them.
 */
package io.counterweight.serde;
