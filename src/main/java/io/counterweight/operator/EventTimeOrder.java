package io.counterweight.operator;

import io.counterweight.event.Event;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.runtime.state.internal.InternalListState;

/**
 * Holds one input of a key back until the watermark has passed, then gives it out in event-time
 * order, events of one time stamp by id, shorter ids first so that numbered ones keep their order.
 * Lives in keyed state, one list for each time stamp, to which an event is appended without reading
 * it.
 */
final class EventTimeOrder {
  private static final Comparator<Event> BY_ID =
      Comparator.<Event>comparingInt(event -> event.eventId().length())
          .thenComparing(Event::eventId)
          .thenComparingInt(Event::label)
          .thenComparing(Event::features, Arrays::compare);

  private final InternalListState<?, Long, Event> lists;
  private final MapState<Long, List<Event>> earlier;

  /**
   * The order of an input.
   *
   * @param lists with the time stamp as namespace
   * @param earlier where builds before this state kept the lists; only read
   */
  EventTimeOrder(InternalListState<?, Long, Event> lists, MapState<Long, List<Event>> earlier) {
    this.lists = lists;
    this.earlier = earlier;
  }

  /** Keeps an event of the current key. */
  void add(Event event) throws Exception {
    lists.setCurrentNamespace(event.eventTime());
    lists.add(event);
  }

  /** Takes the current key's events of that time stamp, in order. */
  List<Event> take(long eventTime) throws Exception {
    List<Event> ordered = new ArrayList<>();
    lists.setCurrentNamespace(eventTime);
    Iterable<Event> found = lists.get();
    if (found != null) {
      found.forEach(ordered::add);
      lists.clear();
    }
    List<Event> kept = earlier.get(eventTime);
    if (kept != null) {
      ordered.addAll(kept);
      earlier.remove(eventTime);
    }
    ordered.sort(BY_ID);
    return ordered;
  }
}
