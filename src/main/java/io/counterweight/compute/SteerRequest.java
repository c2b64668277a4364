package io.counterweight.compute;

/**
 * One upper step of one lane on pooled labelled events (SPEC 4.3 at its own cadence).
 *
 * @param state of the lane; only its weight net and that one's moments change
 * @param pool labelled events, the newest ones
 * @param targets of the pool before the weight net multiplies them
 * @param beliefs log-odds that each label of the pool is right, {@code [n]}, for a weight net that
 *     sees them; otherwise null
 * @param meta trusted events
 * @param settings of the lane
 */
public record SteerRequest(
    TrainingState state,
    Batch pool,
    LabelTargets targets,
    float[] beliefs,
    Batch meta,
    StepSettings settings) {}
