/**
 * The job: Kafka in, Kafka out, and the topology between them.
 *
 * <p>Kafka's classes are used here, in {@code embedded}, {@code console} and {@code cli} only.
 */
package io.counterweight.job;
