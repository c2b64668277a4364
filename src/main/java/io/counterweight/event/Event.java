package io.counterweight.event;

import java.util.Map;
import java.util.Objects;

/**
 * One event of the labelled, unlabelled or trusted stream.
 *
 * @param eventId identifies the event in every output; the trusted label of an event carries the
 *     same id
 * @param modelKey chooses the learner (a tenant, a merchant segment, or one global key)
 * @param eventTime milliseconds since the epoch
 * @param features raw values {@code [features]}; NaN means missing, infinite values are refused
 * @param label class index from 0, or {@link #NO_LABEL}
 * @param labelSource who gave the label, or null
 * @param attributes passed through to the outputs untouched; never null
 */
public record Event(
    String eventId,
    String modelKey,
    long eventTime,
    float[] features,
    int label,
    String labelSource,
    Map<String, String> attributes) {

  /** The label of an event that has none. */
  public static final int NO_LABEL = -1;

  /**
   * Source of labels that were only assumed because none came: they count as weak ones where the
   * learner is told so.
   */
  public static final String WEAK_SOURCE = "assumed-weak";

  public Event {
    Objects.requireNonNull(eventId, "eventId");
    Objects.requireNonNull(modelKey, "modelKey");
    Objects.requireNonNull(features, "features");
    attributes = attributes == null ? Map.of() : attributes;
    if (label < NO_LABEL) {
      throw new IllegalArgumentException(
          "Event " + eventId + ": label is " + label + ", expected a class index from 0, or none");
    }
    for (int i = 0; i < features.length; i++) {
      if (Float.isInfinite(features[i])) {
        throw new IllegalArgumentException(
            "Event " + eventId + ": feature " + i + " is infinite; send NaN for a missing value");
      }
    }
  }

  /** Whether its label is a weak one. */
  public boolean isWeak() {
    return WEAK_SOURCE.equals(labelSource);
  }

  /** Whether the event can be learned from. */
  public boolean isLabelled() {
    return label != NO_LABEL;
  }
}
