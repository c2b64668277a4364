package io.counterweight.experiment;

import io.counterweight.embedded.Feed;
import java.util.Set;

/** Makes contestants by name. */
public interface Contestants {
  /** Names that {@link #open} knows. */
  Set<String> names();

  /** A contestant before its first event of a feed. */
  Contestant open(String name, Feed feed, long seed);
}
