package io.counterweight.replay;

import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedEvent;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** The beginning of a feed; classes and concepts are those of the whole. */
public record FirstEvents(Feed feed, long limit) implements FeedView {

  @Override
  public long size() {
    return Math.min(limit, feed.size());
  }

  @Override
  public Iterator<FeedEvent> iterator() {
    Iterator<FeedEvent> all = feed.iterator();
    return new Iterator<>() {
      private long given;

      @Override
      public boolean hasNext() {
        return given < limit && all.hasNext();
      }

      @Override
      public FeedEvent next() {
        if (!hasNext()) {
          throw new NoSuchElementException("All " + given + " events have been given");
        }
        given++;
        return all.next();
      }
    };
  }
}
