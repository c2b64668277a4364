package io.counterweight.learner;

/**
 * What a trusted event showed.
 *
 * @param losses log-loss on it of each lane, then of each of the challenger's, as if all classes
 *     were equally frequent, in nats
 * @param observed its ordinary label, or −1 if that is not known
 * @param belief in that label by what is known now, in [0, 1]; NaN if it is not known
 * @param mislabelled whether the ordinary label is known and another one
 * @param reservoirAge how far the oldest trusted event that is kept lies behind the newest event,
 *     in milliseconds
 */
public record TrustedReport(
    double[] losses, int observed, float belief, boolean mislabelled, long reservoirAge) {}
