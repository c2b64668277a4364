package io.counterweight.meta;

/**
 * One trusted event as the learner keeps it.
 *
 * @param eventTime milliseconds since the epoch
 * @param inputs standardised, {@code [features]}
 */
public record TrustedExample(long eventTime, float[] inputs) {}
