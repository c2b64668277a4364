package io.counterweight.compute;

/**
 * What one training step did.
 *
 * @param losses of the training events before the step, {@code [n]}
 * @param weights normalised weights of the real step times n, so that their mean is 1 (exactly with
 *     {@code SUM}), {@code [n]}
 * @param rawWeights V in (0, 1) {@code [n]}, or null where nothing steered
 * @param alignments s {@code [n]}, or null where nothing steered
 * @param metaLoss mean loss of the trusted batch at the look-ahead; NaN where nothing steered
 * @param objective the lower level's value before the step, anchor included
 * @param hypergradient gradient of the meta loss by Θ, or null where nothing steered
 * @param applied false when the lower level's gradient or the statistics were not finite and the
 *     whole state, weight net included, was left as it was. A hypergradient that is not finite only
 *     leaves the weight net as it was
 */
public record StepReport(
    float[] losses,
    float[] weights,
    float[] rawWeights,
    float[] alignments,
    float metaLoss,
    double objective,
    float[] hypergradient,
    boolean applied) {}
