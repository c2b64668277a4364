/**
 * What a demo or a replay needs and a production job does not: a Kafka broker in the process, and
 * feeds of labelled events, simulated or read from a file, whose true labels are known.
 *
 * <p>May import Kafka, {@code event} and {@code model}; nothing of the learner, the job or Flink.
 * Feeds are functions of their options and seed: they never read a clock or an unseeded random
 * source. The wire form of events is the business of {@code serde}.
 */
package io.counterweight.embedded;
