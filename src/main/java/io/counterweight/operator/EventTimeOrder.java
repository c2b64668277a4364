package io.counterweight.operator;

import io.counterweight.event.Event;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.api.common.state.MapState;

/**
 * Holds one input of a key back until the watermark has passed, then gives it out in event-time
 * order, events of one time stamp by id, shorter ids first so that numbered ones keep their order.
 * Lives in keyed state, one list for each time stamp.
 */
final class EventTimeOrder {
  private static final Comparator<Event> BY_ID =
      Comparator.<Event>comparingInt(event -> event.eventId().length())
          .thenComparing(Event::eventId)
          .thenComparingInt(Event::label)
          .thenComparing(Event::features, Arrays::compare);

  private final MapState<Long, List<Event>> buffer;

  EventTimeOrder(MapState<Long, List<Event>> buffer) {
    this.buffer = buffer;
  }

  /** Keeps an event of the current key. */
  void add(Event event) throws Exception {
    List<Event> sameTime = buffer.get(event.eventTime());
    List<Event> extended = sameTime == null ? new ArrayList<>() : new ArrayList<>(sameTime);
    extended.add(event);
    buffer.put(event.eventTime(), extended);
  }

  /** Takes the current key's events of that time stamp, in order. */
  List<Event> take(long eventTime) throws Exception {
    List<Event> events = buffer.get(eventTime);
    if (events == null) {
      return List.of();
    }
    buffer.remove(eventTime);
    List<Event> ordered = new ArrayList<>(events);
    ordered.sort(BY_ID);
    return ordered;
  }
}
