package io.counterweight.meta;

/**
 * One trusted event as the learner keeps it.
 *
 * @param eventTime milliseconds since the epoch
 * @param inputs standardised, {@code [features]}
 * @param observed its ordinary label, or {@link LabelPairs#UNKNOWN}
 */
public record TrustedExample(long eventTime, float[] inputs, int observed) {}
