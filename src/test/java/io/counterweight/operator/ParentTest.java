package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.event.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.java.tuple.Tuple3;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParentTest {
  private static final int EVENTS = 20_000;

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.05, 0.5})
  void theShareOfTheEventsIsCopied(double share) {
    Parent parent = new Parent("global", share);
    int copied = 0;
    for (int n = 0; n < EVENTS; n++) {
      copied += parent.copies("event-" + n) ? 1 : 0;
    }

    assertThat((double) copied / EVENTS).isCloseTo(share, within(0.01));
    assertThat(parent.isFedByCopies()).isEqualTo(share > 0);
  }

  @Test
  void anEventsTwoLabelsShareItsFate() throws Exception {
    Parent parent = new Parent("global", 0.3);
    List<Tuple3<Event, Boolean, Boolean>> events = copied(parent, false, "shop");
    List<Tuple3<Event, Boolean, Boolean>> trusted = copied(parent, true, "shop");

    assertThat(events).extracting(t -> t.f1).containsOnly(false);
    assertThat(trusted).extracting(t -> t.f1).containsOnly(true);
    assertThat(trusted)
        .extracting(t -> t.f0.eventId() + " " + t.f0.modelKey())
        .containsExactlyElementsOf(
            events.stream().map(t -> t.f0.eventId() + " " + t.f0.modelKey()).toList());
    assertThat(events.stream().filter(t -> t.f0.modelKey().equals("global")).count())
        .isBetween(20L, 40L);
    assertThat(events).allMatch(t -> t.f2 == t.f0.modelKey().equals("global"));
    assertThat(events.get(0).f0.attributes()).containsEntry("place", "here");
  }

  @Test
  void eventsOfTheParentItselfAreNotCopied() throws Exception {
    assertThat(copied(new Parent("global", 0.9), false, "global"))
        .hasSize(100)
        .extracting(t -> t.f2)
        .containsOnly(false);
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> new Parent("", 0.1)).hasMessageContaining("expected a key");
    assertThatThrownBy(() -> new Parent("global", 1)).hasMessageContaining("share 1.0");
    assertThatThrownBy(() -> new Parent("global", Double.NaN)).hasMessageContaining("NaN");
  }

  private static List<Tuple3<Event, Boolean, Boolean>> copied(
      Parent parent, boolean trusted, String key) throws Exception {
    List<Tuple3<Event, Boolean, Boolean>> out = new ArrayList<>();
    ParentCopies copies = new ParentCopies(parent, trusted);
    for (int n = 0; n < 100; n++) {
      float[] x = {n};
      copies.flatMap(
          new Event("e" + n, key, n, x, trusted ? 1 : 0, "s", Map.of("place", "here")),
          new ListCollector<>(out));
    }
    return out;
  }
}
