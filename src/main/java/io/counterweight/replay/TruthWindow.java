package io.counterweight.replay;

import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedEvent;
import io.counterweight.evaluation.Truth;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * The truth of events whose results come in about the order of the feed. Walks its own pass over
 * the feed only as far as results ask for, and forgets an event once its prediction and its weight
 * have both come, so that it holds the events in flight and no others. Each may be asked for once.
 * Not thread-safe.
 */
public final class TruthWindow {
  private final Iterator<FeedEvent> events;
  private final Map<String, InFlight> inFlight = new HashMap<>();
  private int walked;
  private long trusted;

  private static final class InFlight {
    final Truth truth;
    boolean hasOneResult;

    InFlight(Truth truth) {
      this.truth = truth;
    }
  }

  /** Begins before the first event. */
  public TruthWindow(Feed feed) {
    events = feed.iterator();
  }

  /**
   * The truth of an event of which one more result has come.
   *
   * @throws NoSuchElementException if the feed has no such event, or both of its results came
   */
  public Truth ofResult(String eventId) {
    InFlight found = inFlight.get(eventId);
    while (found == null) {
      if (!events.hasNext()) {
        throw new NoSuchElementException(
            "Event " + eventId + " is not of the feed, or had both of its results already");
      }
      FeedEvent event = events.next();
      trusted += event.isTrusted() ? 1 : 0;
      InFlight next = new InFlight(new Truth(walked++, event.trueLabel(), event.event().label()));
      inFlight.put(event.event().eventId(), next);
      found = event.event().eventId().equals(eventId) ? next : null;
    }
    if (found.hasOneResult) {
      inFlight.remove(eventId);
    }
    found.hasOneResult = true;
    return found.truth;
  }

  /** Events that were walked past and have a trusted copy. */
  public long trusted() {
    return trusted;
  }

  /** Events that were walked past and wait for a result. */
  int size() {
    return inFlight.size();
  }
}
