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
 * @param mubo what the present {@code MUBO} lanes did
 */
public record LearnReport(
    List<SampleWeight> weights,
    boolean steered,
    float metaLoss,
    float effectiveSampleSize,
    int skippedSteps,
    List<Mubo> mubo) {

  /**
   * What a {@code MUBO} lane did.
   *
   * @param lane its name
   * @param accepted whether the micro-sample was accepted
   * @param minorityRows rows of the rare class in its buffer
   * @param majorityRows rows of the frequent class in its buffer
   */
  public record Mubo(String lane, boolean accepted, int minorityRows, int majorityRows) {}
}
