package io.counterweight.compute;

import io.counterweight.model.SeededRandom;

/**
 * One training step of one lane.
 *
 * @param state of the lane; changed
 * @param train labelled events
 * @param targets what the labelled events teach, or null: then their labels, each event alike
 * @param beliefs log-odds that each label is right, {@code [n]}, for a weight net that sees them;
 *     otherwise null
 * @param weighed whether the lane's MetaWeightNet multiplies the masses of the targets; a net that
 *     {@link BatmCompute#steer} teaches at its own cadence
 * @param meta trusted events of an upper step on the train batch itself, or null; not together with
 *     targets
 * @param anchor trusted events of the lower level, or null
 * @param settings of the lane
 * @param dropout source of dropout masks; changed
 */
public record StepRequest(
    TrainingState state,
    Batch train,
    LabelTargets targets,
    float[] beliefs,
    boolean weighed,
    Batch meta,
    Batch anchor,
    StepSettings settings,
    SeededRandom dropout) {

  /** A step on the labels as they are, with an upper step on the same batch if there is meta. */
  public static StepRequest onLabels(
      TrainingState state,
      Batch train,
      Batch meta,
      Batch anchor,
      StepSettings settings,
      SeededRandom dropout) {
    return new StepRequest(state, train, null, null, false, meta, anchor, settings, dropout);
  }
}
