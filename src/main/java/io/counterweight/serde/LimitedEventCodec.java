package io.counterweight.serde;

import io.counterweight.event.Event;

/** Holds a format's events to the topic's limits. Not thread-safe. */
final class LimitedEventCodec implements RecordCodec<Event> {
  private final RecordCodec<Event> format;
  private final EventLimits limits;

  LimitedEventCodec(RecordCodec<Event> format, EventLimits limits) {
    this.format = format;
    this.limits = limits;
  }

  @Override
  public byte[] encode(Event event) {
    return format.encode(event);
  }

  @Override
  public Event decode(byte[] bytes) throws DecodeException {
    limits.check(bytes);
    Event event = format.decode(bytes);
    limits.check(event);
    return event;
  }
}
