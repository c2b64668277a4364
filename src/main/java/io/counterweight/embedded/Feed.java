package io.counterweight.embedded;

import io.counterweight.model.BatmSpec;
import java.util.Iterator;
import java.util.List;

/**
 * A finite stream of events in the order of their event time, whose true labels are known.
 *
 * <p>A feed is repeatable: every iterator gives the same events, and several may run at a time.
 * Events are made as they are asked for, so that a long feed needs no memory of its length.
 */
public interface Feed extends Iterable<FeedEvent> {

  /** Model key of events that have no key of their own. */
  String DEFAULT_KEY = "default";

  /** Number of events, trusted copies not counted. */
  long size();

  /** Number of classes K, at least 2; labels are 0 to K - 1. */
  int classes();

  /** Names of the features in the order of {@code Event.features()}. */
  List<String> featureNames();

  /** The features grouped into concepts; every feature is in one at least. */
  List<BatmSpec.Concept> concepts();

  /** What a user should know of how the feed was made, one sentence each; empty if nothing. */
  default List<String> notes() {
    return List.of();
  }

  /** The events from the first, in the order of event time. */
  @Override
  Iterator<FeedEvent> iterator();
}
