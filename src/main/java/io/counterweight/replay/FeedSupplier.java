package io.counterweight.replay;

import io.counterweight.embedded.Feed;
import java.io.Serializable;

/**
 * How to make a feed. Travels to the sources with the job, where feeds, which may hold whole files,
 * must not.
 */
@FunctionalInterface
public interface FeedSupplier extends Serializable {

  /** A feed with the same events every time. */
  Feed open();

  /** Whether the feed may have trusted copies; where not, it is not opened to look for them. */
  default boolean hasTrusted() {
    return true;
  }

  /** The same feed, ended after so many events. */
  default FeedSupplier first(long events) {
    return new Beginning(this, events);
  }

  /** See {@link #first}. */
  record Beginning(FeedSupplier whole, long events) implements FeedSupplier {
    private static final long serialVersionUID = 1L;

    @Override
    public Feed open() {
      return new FirstEvents(whole.open(), events);
    }

    @Override
    public boolean hasTrusted() {
      return whole.hasTrusted();
    }
  }
}
