package io.counterweight.event;

/**
 * How much one labelled event counted in the step that trained on it.
 *
 * @param eventId the event
 * @param modelKey the learner
 * @param eventTime milliseconds since the epoch, the event's
 * @param label the label as received
 * @param loss of the emitted prediction on the label, in nats
 * @param weight how much the label counted, over its mean in the mini-batch
 * @param rawWeight how far the label was believed: in (0, 1), 1 where nothing speaks against it; of
 *     the mixture, the lanes' as their logits are mixed; null from builds before 0.2
 * @param alignment s of SPEC 4.3: inner product of the event's gradient with the trusted one in the
 *     look-ahead metric; positive means training on the event helps on the trusted labels; null
 *     where it was not computed
 * @param suspect whether the label is probably wrong
 * @param modelVersion version of the model that the step produced
 * @param lane the lane whose weight this is, or {@code mixture}
 * @param belief probability that the label is right, from flip rates and the prediction (SPEC 4.4);
 *     1 where trusted events do not tell; null from builds before 0.2
 */
public record SampleWeight(
    String eventId,
    String modelKey,
    long eventTime,
    int label,
    float loss,
    float weight,
    Float rawWeight,
    Float alignment,
    boolean suspect,
    long modelVersion,
    String lane,
    Float belief) {}
