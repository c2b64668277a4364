/**
 * Judges a finished run against the truth: predictions of every lane, weights, and the report that
 * the commands show and write. A package of its own, below the commands, because several of them
 * share it and because it needs neither Flink nor Kafka: its tests are fast.
 *
 * <p>Core: may import {@code java..}, {@code event} and {@code metric} only.
 */
package io.counterweight.evaluation;
