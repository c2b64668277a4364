package io.counterweight.drift;

import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import java.util.List;

/**
 * A change of the monitor's state.
 *
 * @param state the new one
 * @param kind what changed, or NONE while that is not known
 * @param onset estimated event time at which the change began, milliseconds since the epoch
 * @param signal what moved, for example {@code trusted.loss}
 * @param detector that raised it
 * @param statistic of the detector
 * @param threshold that the statistic passed
 * @param affected classes ({@code class 1}) or features by index ({@code feature 3}) that moved
 */
public record DriftChange(
    DriftState state,
    DriftKind kind,
    long onset,
    String signal,
    String detector,
    double statistic,
    double threshold,
    List<String> affected) {}
