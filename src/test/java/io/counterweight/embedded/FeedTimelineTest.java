package io.counterweight.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.event.Event;
import io.counterweight.model.BatmSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class FeedTimelineTest {

  @Test
  void trustedCopiesComeWhenTheyFallDueAndAfterEventsOfTheSameTime() {
    FeedTimeline timeline =
        new FeedTimeline(
            feed(event("a", 0, 20), event("b", 10, FeedEvent.NOT_TRUSTED), event("c", 20, 25)));
    List<String> order = new ArrayList<>();

    while (timeline.hasNext()) {
      FeedTimeline.Entry entry = timeline.next();
      order.add(entry.event().eventId() + (entry.trusted() ? "*" : ""));
      assertThat(entry.event().label()).isEqualTo(entry.trusted() ? 1 : 0);
    }

    assertThat(order).containsExactly("a", "b", "c", "a*", "c*");
    assertThatThrownBy(timeline::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void holdsEveryEventOnceAndEveryTrustedCopyOnceInOrder() {
    FraudSimulator simulator =
        new FraudSimulator(
            FraudSimulator.Options.of(3000, 1).withTrusted(0.1, Duration.ofHours(5)));
    FeedTimeline timeline = new FeedTimeline(simulator);
    long last = Long.MIN_VALUE;
    int events = 0;
    int trusted = 0;

    while (timeline.hasNext()) {
      FeedTimeline.Entry entry = timeline.next();
      assertThat(entry.event().eventTime()).isGreaterThanOrEqualTo(last);
      last = entry.event().eventTime();
      events += entry.trusted() ? 0 : 1;
      trusted += entry.trusted() ? 1 : 0;
    }

    int expected = 0;
    for (FeedEvent event : simulator) {
      expected += event.isTrusted() ? 1 : 0;
    }
    assertThat(events).isEqualTo(3000);
    assertThat(trusted).isEqualTo(expected).isPositive();
  }

  @Test
  void aTrustedTimeBeforeTheEventIsRefused() {
    assertThatThrownBy(() -> event("a", 10, 9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("trusted at 9");
  }

  private static FeedEvent event(String id, long time, long trustedTime) {
    Event event = new Event(id, Feed.DEFAULT_KEY, time, new float[1], 0, null, Map.of());
    return new FeedEvent(event, 1, trustedTime);
  }

  private static Feed feed(FeedEvent... events) {
    return new Feed() {
      @Override
      public long size() {
        return events.length;
      }

      @Override
      public int classes() {
        return 2;
      }

      @Override
      public List<String> featureNames() {
        return List.of("x");
      }

      @Override
      public List<BatmSpec.Concept> concepts() {
        return BatmSpec.oneConceptEach(featureNames());
      }

      @Override
      public Iterator<FeedEvent> iterator() {
        return List.of(events).iterator();
      }
    };
  }
}
