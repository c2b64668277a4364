package io.counterweight.learner;

import io.counterweight.event.SampleWeight;
import java.util.List;

/**
 * What one mini-batch did.
 *
 * @param weights one for each event of the mini-batch, in order, of the lane whose weights are
 *     emitted
 * @param steered whether trusted events steered; otherwise the control's weights were used
 * @param metaLoss mean trusted loss at the look-ahead of the emitting lane, NaN where it was not
 *     steered
 * @param effectiveSampleSize (Σw)² / Σw² of the emitted weights, 1 to the size of the mini-batch
 * @param skippedSteps lanes whose step was skipped because a gradient was not finite
 */
public record LearnReport(
    List<SampleWeight> weights,
    boolean steered,
    float metaLoss,
    float effectiveSampleSize,
    int skippedSteps) {}
