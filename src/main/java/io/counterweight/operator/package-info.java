/**
 * The learner inside Flink: state, time, timers, cache and metrics, and no arithmetic beyond
 * counting.
 *
 * <p>May import Flink, {@code serde} and the core; must not know Kafka, configuration keys or the
 * command line.
 */
package io.counterweight.operator;
