package io.counterweight.compute;

import io.counterweight.model.SeededRandom;

/**
 * One architecture on one backend. Owns scratch memory; not thread-safe; one for each slot.
 *
 * @see ComputeBackend#open
 */
public interface BatmCompute extends AutoCloseable {

  /**
   * Predicts a batch with a lane's model.
   *
   * @param logits receives {@code [classes x n]}
   * @param concepts receives {@code [concepts x n]}
   */
  void predict(TrainingState state, Batch batch, float[] logits, float[] concepts);

  /**
   * One training step of a lane (SPEC 4.3). Changes {@code state} and {@code dropout}; leaves the
   * batches alone.
   *
   * @param train labelled events
   * @param meta trusted events of the upper level, or null: then nothing steers and weights are
   *     uniform
   * @param anchor trusted events of the lower level, or null for none
   * @param dropout source of dropout masks
   */
  StepReport step(
      TrainingState state,
      Batch train,
      Batch meta,
      Batch anchor,
      StepSettings settings,
      SeededRandom dropout);

  @Override
  void close();
}
