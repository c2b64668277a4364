package io.counterweight.experiment;

import io.counterweight.embedded.Feed;
import java.util.Set;

/** Contestants that need no other library. */
public final class OwnContestants implements Contestants {
  private static final String LOGISTIC = "logistic-regression";

  @Override
  public Set<String> names() {
    return Set.of(LOGISTIC);
  }

  @Override
  public Contestant open(String name, Feed feed, long seed) {
    return new LogisticRegression(feed.featureNames().size(), feed.classes());
  }
}
