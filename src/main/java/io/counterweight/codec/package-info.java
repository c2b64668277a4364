/**
 * What survives a crash: the learner's versioned bytes. Readers check everything they read, because
 * bytes are hostile.
 *
 * <p>May import {@code java..} and the core; knows nothing of Flink.
 */
package io.counterweight.codec;
