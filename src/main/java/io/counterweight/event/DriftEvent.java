package io.counterweight.event;

import java.util.List;

/**
 * A change of a key's drift state.
 *
 * @param modelKey the learner
 * @param eventTime milliseconds since the epoch, of the event that moved the state
 * @param onset estimated event time at which the change began, milliseconds since the epoch
 * @param state the new state
 * @param kind what changed
 * @param signal the monitored quantity, for example {@code trusted.recall.1}
 * @param detector name of the detector that raised it
 * @param statistic the detector's statistic
 * @param threshold the threshold that the statistic passed
 * @param modelVersion version of the model at that time
 * @param affected classes or features that moved, such as {@code class 1}; empty where that is not
 *     known
 */
public record DriftEvent(
    String modelKey,
    long eventTime,
    long onset,
    DriftState state,
    DriftKind kind,
    String signal,
    String detector,
    double statistic,
    double threshold,
    long modelVersion,
    List<String> affected) {
  public DriftEvent {
    affected = List.copyOf(affected);
  }
}
