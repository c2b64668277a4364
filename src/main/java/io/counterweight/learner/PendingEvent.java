package io.counterweight.learner;

/**
 * A labelled event that was predicted and waits for its mini-batch.
 *
 * @param eventId the event
 * @param eventTime milliseconds since the epoch
 * @param label as received
 * @param inputs standardised, as the prediction saw them, {@code [features]}
 */
public record PendingEvent(String eventId, long eventTime, int label, float[] inputs) {}
