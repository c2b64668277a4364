package io.counterweight.replay;

import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedEvent;
import java.util.Iterator;
import java.util.function.Consumer;

/**
 * A feed that tells of every event that is taken from it.
 *
 * @param feed that is watched
 * @param onEvent receives each event in the feed's order, for each iterator
 */
public record WatchedFeed(Feed feed, Consumer<FeedEvent> onEvent) implements FeedView {
  @Override
  public Iterator<FeedEvent> iterator() {
    Iterator<FeedEvent> events = feed.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return events.hasNext();
      }

      @Override
      public FeedEvent next() {
        FeedEvent event = events.next();
        onEvent.accept(event);
        return event;
      }
    };
  }
}
