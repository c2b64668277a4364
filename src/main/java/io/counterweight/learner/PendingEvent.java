package io.counterweight.learner;

/**
 * A labelled event that was predicted and waits for its mini-batch.
 *
 * @param eventId the event
 * @param eventTime milliseconds since the epoch
 * @param label as received
 * @param weight how far it counts: below 1 for a label that was only assumed
 * @param inputs standardised, as the prediction saw them, {@code [features]}
 * @param loss of the emitted prediction on the label, in nats
 * @param belief what the true class probably is, by the flip rates, {@code [classes]}; all on the
 *     label where trusted events do not tell
 * @param conceptBelief the same by the errors' dependence on the concepts
 */
public record PendingEvent(
    String eventId,
    long eventTime,
    int label,
    float weight,
    float[] inputs,
    float loss,
    float[] belief,
    float[] conceptBelief) {}
