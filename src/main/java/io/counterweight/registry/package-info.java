/**
 * A thin client of schema registries with Confluent's REST interface: schemas by id, ids by schema.
 * It moves texts and knows nothing of Avro, Kafka or Flink.
 */
package io.counterweight.registry;
