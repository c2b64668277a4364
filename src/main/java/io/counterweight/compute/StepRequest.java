package io.counterweight.compute;

import io.counterweight.model.SeededRandom;

/**
 * One training step of one lane; the arguments of {@link BatmCompute#step}.
 *
 * @param meta may be null
 * @param anchor may be null
 */
public record StepRequest(
    TrainingState state,
    Batch train,
    Batch meta,
    Batch anchor,
    StepSettings settings,
    SeededRandom dropout) {}
