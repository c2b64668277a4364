package io.counterweight.serde;

import io.counterweight.event.Event;

/** How the input topics are written. */
public enum EventFormat {
  /** Avro, single-object encoding, {@code schemas/labeled-event.avsc}. */
  AVRO,
  /** One JSON object a record, see {@link JsonEventCodec}; for people with a console producer. */
  JSON;

  /**
   * A new codec that refuses what breaks the limits. They bind decoding only.
   *
   * @param limits of the topic
   */
  public RecordCodec<Event> newCodec(EventLimits limits) {
    RecordCodec<Event> format =
        switch (this) {
          case AVRO -> RecordType.EVENT.newCodec();
          case JSON -> new JsonEventCodec(limits.features() != EventLimits.NONE);
        };
    return new LimitedEventCodec(format, limits);
  }
}
