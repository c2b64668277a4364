package io.counterweight.embedded;

import io.counterweight.event.Event;
import java.util.Objects;

/**
 * An event as the stream sees it, and what really was the case.
 *
 * @param event the event with the observed label, right or wrong
 * @param trueLabel class index from 0
 * @param trustedTime event time of the trusted copy in milliseconds since the epoch, or {@link
 *     #NOT_TRUSTED}; never before the event's own time
 */
public record FeedEvent(Event event, int trueLabel, long trustedTime) {

  /** The trusted time of an event that nobody investigates. */
  public static final long NOT_TRUSTED = Long.MIN_VALUE;

  /** Source of the labels of trusted copies. */
  public static final String INVESTIGATION = "investigation";

  public FeedEvent {
    Objects.requireNonNull(event, "event");
    if (trueLabel < 0) {
      throw new IllegalArgumentException(
          "Event " + event.eventId() + ": true label is " + trueLabel + ", expected one from 0");
    }
    if (trustedTime != NOT_TRUSTED && trustedTime < event.eventTime()) {
      throw new IllegalArgumentException(
          "Event "
              + event.eventId()
              + ": trusted at "
              + trustedTime
              + ", before its own time "
              + event.eventTime());
    }
  }

  /** Whether a trusted copy of the event is sent. */
  public boolean isTrusted() {
    return trustedTime != NOT_TRUSTED;
  }

  /** Whether the observed label is not the true one. */
  public boolean isMislabelled() {
    return event.label() != trueLabel;
  }

  /**
   * The trusted copy: same id, key, features (the same array) and attributes, the true label, at
   * the trusted time.
   *
   * @throws IllegalStateException if the event is not trusted
   */
  public Event trusted() {
    if (!isTrusted()) {
      throw new IllegalStateException("Event " + event.eventId() + " has no trusted copy");
    }
    return new Event(
        event.eventId(),
        event.modelKey(),
        trustedTime,
        event.features(),
        trueLabel,
        INVESTIGATION,
        event.attributes());
  }
}
