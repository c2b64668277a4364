package io.counterweight.serde;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord.Reason;
import java.io.Serializable;

/**
 * What an event must satisfy to enter the engine.
 *
 * @param maxRecordBytes longest record value, in bytes, at least 1
 * @param maxIdLength longest event id, model key and label source, in UTF-16 characters, at least 1
 * @param features how many features an event has; {@link #NONE} where events are labels only; or
 *     {@link #ANY}
 * @param classes labels are in {@code [0, classes)}; at least 2, or {@link #ANY}
 * @param requireLabel whether an event without a label is refused, as on the trusted topic
 */
public record EventLimits(
    int maxRecordBytes, int maxIdLength, int features, int classes, boolean requireLabel)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Of labels that come on a topic of their own. */
  public static final int NONE = 0;

  /** No limit on the number of features or classes. */
  public static final int ANY = -1;

  /** 1 MiB, Kafka's own default. */
  public static final int DEFAULT_MAX_RECORD_BYTES = 1 << 20;

  public static final int DEFAULT_MAX_ID_LENGTH = 256;

  /**
   * Latest event time, 2100-01-01 in milliseconds; the earliest is 0. A time in seconds,
   * microseconds or far in the future would move the watermark for everybody, and never back.
   */
  public static final long MAX_EVENT_TIME = 4_102_444_800_000L;

  public EventLimits {
    if (maxRecordBytes < 1) {
      throw new IllegalArgumentException(
          "maxRecordBytes is " + maxRecordBytes + ", expected at least 1");
    }
    if (maxIdLength < 1) {
      throw new IllegalArgumentException("maxIdLength is " + maxIdLength + ", expected at least 1");
    }
    if (features != ANY && features < NONE) {
      throw new IllegalArgumentException(
          "features is " + features + ", expected at least 0, or ANY (" + ANY + ")");
    }
    if (classes != ANY && classes < 2) {
      throw new IllegalArgumentException(
          "classes is " + classes + ", expected at least 2, or ANY (" + ANY + ")");
    }
  }

  /** The default sizes for a model's events. */
  public static EventLimits of(int features, int classes, boolean requireLabel) {
    return new EventLimits(
        DEFAULT_MAX_RECORD_BYTES, DEFAULT_MAX_ID_LENGTH, features, classes, requireLabel);
  }

  void check(byte[] bytes) throws DecodeException {
    if (bytes.length > maxRecordBytes) {
      throw DecodeException.malformed(
          "Expected at most " + maxRecordBytes + " bytes, found " + bytes.length);
    }
  }

  void check(Event event) throws DecodeException {
    checkIdentifier("eventId", event.eventId());
    checkIdentifier("modelKey", event.modelKey());
    if (event.labelSource() != null) {
      checkIdentifier("labelSource", event.labelSource());
    }
    if (event.eventTime() < 0 || event.eventTime() > MAX_EVENT_TIME) {
      throw DecodeException.malformed(
          "eventTime: expected milliseconds since the epoch in [0, "
              + MAX_EVENT_TIME
              + "], found "
              + event.eventTime());
    }
    if (features != ANY && event.features().length != features) {
      throw new DecodeException(
          Reason.FEATURE_COUNT,
          "features: expected " + features + ", found " + event.features().length);
    }
    EventBody.checkFinite(event.features());
    if (event.isLabelled()) {
      if (classes != ANY && event.label() >= classes) {
        throw new DecodeException(
            Reason.LABEL,
            "label: expected a class index in [0, " + classes + "), found " + event.label());
      }
    } else if (requireLabel) {
      throw new DecodeException(
          Reason.LABEL, "label: expected one, as all events of this topic have, found none");
    }
  }

  private void checkIdentifier(String field, String value) throws DecodeException {
    if (value.isEmpty() || value.length() > maxIdLength) {
      throw new DecodeException(
          Reason.IDENTIFIER,
          field + ": expected 1 to " + maxIdLength + " characters, found " + value.length());
    }
  }
}
