package io.counterweight.serde;

import io.counterweight.event.Event;
import io.counterweight.registry.SchemaRegistry;

/** How the input topics are written. */
public enum EventFormat {
  /** Avro, single-object encoding, {@code schemas/labeled-event.avsc}. */
  AVRO,
  /** One JSON object a record, see {@link JsonEventCodec}; for people with a console producer. */
  JSON,
  /**
   * Avro behind the id of any fitting schema in a schema registry, as Confluent's serializers write
   * it, see {@link ConfluentCodec}.
   */
  CONFLUENT;

  /** The model key of an event that names none. */
  public static final String DEFAULT_MODEL_KEY = "default";

  /**
   * A new codec of a format that needs no registry; it refuses what breaks the limits. They bind
   * decoding only.
   *
   * @param limits of the topic
   */
  public RecordCodec<Event> newCodec(EventLimits limits) {
    return newCodec(limits, null, "events");
  }

  /**
   * A new codec that refuses what breaks the limits. They bind decoding only.
   *
   * @param limits of the topic
   * @param registry null where the format needs none
   * @param topic whose records these are
   */
  public RecordCodec<Event> newCodec(EventLimits limits, SchemaRegistry registry, String topic) {
    boolean labelsOnly = limits.features() == EventLimits.NONE;
    RecordCodec<Event> format =
        switch (this) {
          case AVRO -> RecordType.EVENT.newCodec();
          case JSON -> new JsonEventCodec(!labelsOnly);
          case CONFLUENT ->
              labelsOnly
                  ? RecordType.EVENT.newCodec(registry, topic, EventBody.labelSchema())
                  : RecordType.EVENT.newCodec(registry, topic);
        };
    return new LimitedEventCodec(format, limits);
  }
}
