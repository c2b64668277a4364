/**
 * The job: Kafka in, Kafka out, and the topology between them.
 *
 * <p>Kafka's classes are used here and in {@code embedded} only.
 */
package io.counterweight.job;
