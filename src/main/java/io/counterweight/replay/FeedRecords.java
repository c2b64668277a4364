package io.counterweight.replay;

import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedEvent;
import io.counterweight.embedded.FeedTimeline;
import io.counterweight.event.Event;
import io.counterweight.serde.Decoded;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** One of the two streams of a feed, as a source emits it, in the order of event time. */
final class FeedRecords implements Iterator<Decoded> {
  private final Iterator<Event> records;
  private long position;

  private FeedRecords(Iterator<Event> records, long skipped) {
    this.records = records;
    while (position < skipped && records.hasNext()) {
      next();
    }
  }

  static FeedRecords none() {
    return new FeedRecords(Collections.emptyIterator(), 0);
  }

  /**
   * Opens a stream.
   *
   * @param trusted whether the trusted copies are wanted, or the events
   * @param skipped how many records to leave out at the beginning
   */
  static FeedRecords of(Feed feed, boolean trusted, long skipped) {
    return new FeedRecords(trusted ? new TrustedCopies(feed) : events(feed.iterator()), skipped);
  }

  private static Iterator<Event> events(Iterator<FeedEvent> all) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return all.hasNext();
      }

      @Override
      public Event next() {
        return all.next().event();
      }
    };
  }

  /** Copies may fall due in another order than their events. */
  private static final class TrustedCopies implements Iterator<Event> {
    private final FeedTimeline timeline;
    private Event next;

    TrustedCopies(Feed feed) {
      timeline = new FeedTimeline(feed);
      advance();
    }

    private void advance() {
      next = null;
      while (next == null && timeline.hasNext()) {
        FeedTimeline.Entry entry = timeline.next();
        next = entry.trusted() ? entry.event() : null;
      }
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Event next() {
      if (next == null) {
        throw new NoSuchElementException("All trusted copies have been given");
      }
      Event copy = next;
      advance();
      return copy;
    }
  }

  /** How many records have been given or skipped. */
  long position() {
    return position;
  }

  @Override
  public boolean hasNext() {
    return records.hasNext();
  }

  @Override
  public Decoded next() {
    position++;
    return new Decoded.Accepted(records.next());
  }
}
