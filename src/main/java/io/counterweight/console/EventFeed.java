package io.counterweight.console;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The newest events, each once: a weight joins the prediction of its id and moves it to the front,
 * so that who asks for what came after a number gets it again, with its weight. Beyond a bound the
 * one that changed longest ago is forgotten. Not thread-safe.
 */
final class EventFeed {
  private final int most;
  private final Map<String, FeedEvent> byId = new HashMap<>();
  private FeedEvent newest;
  private FeedEvent oldest;
  private long seq;
  private long bytes;

  EventFeed(int most) {
    this.most = most;
  }

  /** The event of that id, new if there is none; of another key it is another event. */
  FeedEvent changed(String eventId, KeyRow row, Consumer<FeedEvent> change) {
    FeedEvent event = byId.get(eventId);
    if (event == null || event.row != row) {
      if (event != null) {
        remove(event);
      }
      event = new FeedEvent(eventId, row);
      byId.put(eventId, event);
    } else {
      unlink(event);
      bytes -= event.bytes();
    }
    change.accept(event);
    bytes += event.bytes();
    event.seq = ++seq;
    link(event);
    if (byId.size() > most) {
      remove(oldest);
    }
    return event;
  }

  private void remove(FeedEvent event) {
    unlink(event);
    bytes -= event.bytes();
    byId.remove(event.eventId);
  }

  private void link(FeedEvent event) {
    event.older = newest;
    if (newest == null) {
      oldest = event;
    } else {
      newest.newer = event;
    }
    newest = event;
    KeyRow row = event.row;
    event.olderOfKey = row.newest;
    if (row.newest == null) {
      row.oldest = event;
    } else {
      row.newest.newerOfKey = event;
    }
    row.newest = event;
  }

  private void unlink(FeedEvent event) {
    if (event.newer == null) {
      newest = event.older;
    } else {
      event.newer.older = event.older;
    }
    if (event.older == null) {
      oldest = event.newer;
    } else {
      event.older.newer = event.newer;
    }
    KeyRow row = event.row;
    if (event.newerOfKey == null) {
      row.newest = event.olderOfKey;
    } else {
      event.newerOfKey.olderOfKey = event.olderOfKey;
    }
    if (event.olderOfKey == null) {
      row.oldest = event.newerOfKey;
    } else {
      event.olderOfKey.newerOfKey = event.newerOfKey;
    }
    event.newer = null;
    event.older = null;
    event.newerOfKey = null;
    event.olderOfKey = null;
  }

  /** Number of the newest change. */
  long seq() {
    return seq;
  }

  int size() {
    return byId.size();
  }

  long bytes() {
    return bytes;
  }

  /**
   * Newest first.
   *
   * @param row of whose key, or null for all
   * @param after only events that changed after this number
   */
  List<FeedEvent> newest(KeyRow row, long after, int limit) {
    List<FeedEvent> events = new ArrayList<>();
    FeedEvent event = row == null ? newest : row.newest;
    while (event != null && event.seq > after && events.size() < limit) {
      events.add(event);
      event = row == null ? event.older : event.olderOfKey;
    }
    return events;
  }

  /** Gives every event of a key in the order of predictions; those without one come last. */
  static void replay(KeyRow row, Consumer<FeedEvent> taker) {
    List<FeedEvent> events = new ArrayList<>();
    for (FeedEvent event = row.oldest; event != null; event = event.newerOfKey) {
      events.add(event);
    }
    events.sort(
        Comparator.comparingLong(event -> event.isPredicted() ? event.written() : Long.MAX_VALUE));
    events.forEach(taker);
  }
}
