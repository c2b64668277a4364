package io.counterweight.evaluation;

/**
 * What really was the case with an event.
 *
 * @param index place of the event in its stream, from 0; results are kept by it
 * @param trueLabel class index from 0
 * @param observedLabel the label that the learner was given
 */
public record Truth(int index, int trueLabel, int observedLabel) {
  /** Whether the learner was given another label than the true one. */
  public boolean isMislabelled() {
    return trueLabel != observedLabel;
  }
}
