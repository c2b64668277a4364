package io.counterweight.event;

/**
 * How much one labelled event counted in the step that trained on it.
 *
 * @param eventId the event
 * @param modelKey the learner
 * @param eventTime milliseconds since the epoch, the event's
 * @param label the label as received
 * @param loss the event's loss in the training pass, in nats
 * @param weight the normalised weight; its mean over the mini-batch is 1
 * @param rawWeight V of the MetaWeightNet in (0, 1), or null where the lane had no steering net in
 *     that step
 * @param alignment s of SPEC 4.3: inner product of the event's gradient with the trusted one in the
 *     look-ahead metric; positive means training on the event helps on the trusted labels; null
 *     where it was not computed
 * @param suspect whether the label is probably wrong
 * @param modelVersion version of the model that the step produced
 * @param lane the lane whose weight this is
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
    String lane) {}
