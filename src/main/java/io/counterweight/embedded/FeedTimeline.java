package io.counterweight.embedded;

import io.counterweight.event.Event;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * Both streams of a feed merged in the order of event time: the events with their observed labels,
 * and the trusted copies when they fall due. At equal times the trusted copy comes after the event.
 * Holds only the copies that are still to come.
 */
public final class FeedTimeline implements Iterator<FeedTimeline.Entry> {

  /**
   * One record to send.
   *
   * @param source the event it belongs to
   * @param trusted whether it is the trusted copy
   */
  public record Entry(FeedEvent source, boolean trusted) {

    /** The record itself: the event, or its trusted copy. */
    public Event event() {
      return trusted ? source.trusted() : source.event();
    }
  }

  private record Due(FeedEvent source, long order) {}

  private final Iterator<FeedEvent> events;
  private final PriorityQueue<Due> due =
      new PriorityQueue<>(
          Comparator.<Due>comparingLong(d -> d.source().trustedTime())
              .thenComparingLong(Due::order));
  private FeedEvent next;
  private long taken;

  public FeedTimeline(Feed feed) {
    events = feed.iterator();
    next = events.hasNext() ? events.next() : null;
  }

  @Override
  public boolean hasNext() {
    return next != null || !due.isEmpty();
  }

  @Override
  public Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException("The feed has ended");
    }
    if (next == null
        || (!due.isEmpty() && due.peek().source().trustedTime() < next.event().eventTime())) {
      return new Entry(due.poll().source(), true);
    }
    FeedEvent event = next;
    if (event.isTrusted()) {
      due.add(new Due(event, taken));
    }
    taken++;
    next = events.hasNext() ? events.next() : null;
    return new Entry(event, false);
  }
}
