package io.counterweight.compute;

import io.counterweight.model.SeededRandom;
import java.util.ArrayList;
import java.util.List;

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
  default StepReport step(
      TrainingState state,
      Batch train,
      Batch meta,
      Batch anchor,
      StepSettings settings,
      SeededRandom dropout) {
    return step(StepRequest.onLabels(state, train, meta, anchor, settings, dropout));
  }

  /** One training step of a lane. Changes its state and its source of dropout. */
  StepReport step(StepRequest request);

  /**
   * One upper step by itself: teaches the lane's weight net, and leaves everything else alone.
   *
   * @return mean loss of the trusted events at the look-ahead, in nats
   */
  float steer(SteerRequest request);

  /**
   * Alignments s of the pooled events with the trusted ones (SPEC 4.3), after a look-ahead on the
   * pool's targets as they are. Changes nothing.
   *
   * @return {@code [n]}; positive where training on the event helps on the trusted ones
   */
  float[] align(SteerRequest request);

  /**
   * Steps of many lanes and keys, as if one after the other; a device runs them side by side.
   *
   * @return one report for each request, in their order
   */
  default List<StepReport> stepAll(List<StepRequest> requests) {
    List<StepReport> reports = new ArrayList<>(requests.size());
    for (StepRequest request : requests) {
      reports.add(step(request));
    }
    return reports;
  }

  /**
   * Makes the arrays of a state current. A backend may keep them elsewhere between its calls, all
   * but the polynomial's parameters, the concept means and the numbers of steps, which explanations
   * and reports read. To be called before a state is stored, copied or changed by anyone else.
   */
  default void sync(TrainingState state) {
    // The arrays are all there is.
  }

  /**
   * Frees what a backend keeps for a state. To be called after {@link #sync}, by a caller that will
   * not use this object again: what was not synced is lost.
   */
  default void release(TrainingState state) {
    // Nothing is kept.
  }

  @Override
  void close();
}
