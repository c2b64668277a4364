package io.counterweight.replay;

import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedEvent;
import io.counterweight.event.Event;
import io.counterweight.model.BatmSpec;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A feed of events e0, e1 and so on; labels are drawn from their number, every third is trusted.
 */
record FewEvents(int count, List<String> featureNames) implements Feed {

  static FewEvents of(int count) {
    return new FewEvents(count, List.of("a", "b"));
  }

  @Override
  public long size() {
    return count;
  }

  @Override
  public int classes() {
    return 2;
  }

  @Override
  public List<BatmSpec.Concept> concepts() {
    return BatmSpec.oneConceptEach(featureNames);
  }

  @Override
  public Iterator<FeedEvent> iterator() {
    return IntStream.range(0, count).mapToObj(this::event).iterator();
  }

  private FeedEvent event(int i) {
    Event event =
        new Event("e" + i, "k", i, new float[] {i * 37 % 11, i % 5}, i % 2, null, Map.of());
    return new FeedEvent(event, i % 4 == 0 ? 1 : 0, i % 3 == 0 ? i + 4 : FeedEvent.NOT_TRUSTED);
  }
}
