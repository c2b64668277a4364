package io.counterweight.replay;

import io.counterweight.embedded.Feed;
import io.counterweight.model.BatmSpec;
import java.util.List;

/** A feed made of another one, as which it is described where it says nothing else. */
interface FeedView extends Feed {
  /** The feed that it is made of. */
  Feed feed();

  @Override
  default long size() {
    return feed().size();
  }

  @Override
  default int classes() {
    return feed().classes();
  }

  @Override
  default List<String> featureNames() {
    return feed().featureNames();
  }

  @Override
  default List<BatmSpec.Concept> concepts() {
    return feed().concepts();
  }

  @Override
  default List<String> notes() {
    return feed().notes();
  }
}
