/**
 * Configuration: YAML text to immutable records that validate themselves (SPEC 9). {@link
 * io.counterweight.config.Options} lists every key; {@link io.counterweight.config.EngineConfig} is
 * what the rest of the program receives.
 *
 * <p>May import {@code java..}, Jackson's YAML reader and the core's settings records; no Flink, no
 * Kafka. Seen by {@code job} and {@code cli} only: the core never meets a key string.
 */
package io.counterweight.config;
