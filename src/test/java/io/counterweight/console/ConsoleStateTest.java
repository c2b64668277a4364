package io.counterweight.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.console.ConsoleState.Bounds;
import io.counterweight.event.DriftState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleStateTest {
  private static final Bounds SMALL = new Bounds(20, 4, 10, 5);

  private final long[] clock = {Seen.START};

  private static JsonNode json(Object value) {
    try {
      return new ObjectMapper().readTree(Json.bytes(value));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> texts(JsonNode rows, String field) {
    List<String> texts = new ArrayList<>();
    rows.forEach(row -> texts.add(row.path(field).asText()));
    return texts;
  }

  private void predict(ConsoleState state, String id, String key) {
    state.predicted(Seen.prediction(id, key, Seen.START), clock[0]);
  }

  @Test
  void tenThousandKeysAreSearchedSortedAndTurnedOver() {
    ConsoleState state = Seen.state(Bounds.STANDARD, clock);
    for (int k = 0; k < 10_000; k++) {
      for (int e = 0; e <= k % 3; e++) {
        predict(state, "e-" + k + "-" + e, String.format("Shop-%05d", k));
      }
    }

    JsonNode page = json(state.keys("SHOP-09", KeyTable.Sort.EVENTS, 1, 100));
    assertThat(page.path("total").asInt()).isEqualTo(10_000);
    assertThat(page.path("matching").asInt()).isEqualTo(1_000);
    assertThat(page.path("rows")).hasSize(100);
    assertThat(page.path("rows").get(0).path("events").asInt()).isEqualTo(3);
    JsonNode last = json(state.keys("", KeyTable.Sort.KEY, 199, 50));
    assertThat(texts(last.path("rows"), "key")).endsWith("Shop-09999").hasSize(50);
    assertThat(json(state.keys("", KeyTable.Sort.KEY, Integer.MAX_VALUE, 500)).path("rows"))
        .isEmpty();
    assertThat(json(state.keys("no such", KeyTable.Sort.KEY, 0, 50)).path("matching").asInt())
        .isZero();
    assertThat(json(state.overview()).path("totals").path("keys").asInt()).isEqualTo(10_000);
  }

  @Test
  void beyondItsBoundTheKeyThatWasSilentForLongestIsForgottenAndCounted() {
    ConsoleState state = Seen.state(SMALL, clock);
    for (int k = 0; k < 20; k++) {
      predict(state, "e-" + k, "key-" + k);
    }
    predict(state, "again", "key-0");
    predict(state, "new", "key-20");

    assertThat(state.key("key-1")).isNull();
    assertThat(state.key("key-0")).isNotNull();
    JsonNode overview = json(state.overview());
    assertThat(overview.path("totals").path("keys").asInt()).isEqualTo(20);
    assertThat(overview.path("totals").path("events").asInt()).isEqualTo(22);
    assertThat(overview.path("console").path("keysForgotten").asInt()).isEqualTo(1);
  }

  @Test
  void rowsAreSortedByWhatIsAskedFor() {
    ConsoleState state = Seen.state(SMALL, clock);
    predict(state, "1", "a");
    predict(state, "2", "b");
    predict(state, "3", "b");
    state.weighted(Seen.weight("1", "a", 0, 0.1f, true), clock[0]);
    state.weighted(Seen.weight("2", "b", 0, 0.9f, false), clock[0]);
    predict(state, "4", "c");
    state.drifted(Seen.drift("c", Seen.START, DriftState.DRIFT));

    assertThat(order(state, KeyTable.Sort.EVENTS)).containsExactly("b", "a", "c");
    assertThat(order(state, KeyTable.Sort.SUSPECTS)).containsExactly("a", "b", "c");
    assertThat(order(state, KeyTable.Sort.DRIFTS)).containsExactly("c", "a", "b");
    assertThat(order(state, KeyTable.Sort.WEIGHT)).containsExactly("a", "b", "c");
    assertThat(order(state, KeyTable.Sort.KEY)).containsExactly("a", "b", "c");
    JsonNode rows = json(state.keys("c", KeyTable.Sort.KEY, 0, 10)).path("rows");
    assertThat(rows.get(0).path("meanWeight").isNull()).isTrue();
    assertThat(rows.get(0).path("driftState").asText()).isEqualTo("DRIFT");
    assertThat(rows.get(0).path("drifts").asInt()).isEqualTo(1);
  }

  private static List<String> order(ConsoleState state, KeyTable.Sort sort) {
    return texts(json(state.keys("", sort, 0, 10)).path("rows"), "key");
  }

  @Test
  void theFeedHoldsTheNewestEventsAndGivesThemAgainWhenTheirWeightComes() {
    ConsoleState state = Seen.state(SMALL, clock);
    for (int e = 0; e < 12; e++) {
      predict(state, "e-" + e, "key");
    }

    JsonNode all = json(state.events(null, 0, 50));
    assertThat(texts(all.path("events"), "eventId")).hasSize(10).startsWith("e-11").endsWith("e-2");
    long next = all.path("next").asLong();
    assertThat(json(state.events(null, next, 50)).path("events")).isEmpty();

    state.weighted(Seen.weight("e-5", "key", 0, 0.2f, true), clock[0]);
    JsonNode fresh = json(state.events(null, next, 50)).path("events");
    assertThat(texts(fresh, "eventId")).containsExactly("e-5");
    JsonNode event = fresh.get(0);
    assertThat(event.path("predicted").asInt()).isEqualTo(1);
    assertThat(event.path("label").asInt()).isZero();
    assertThat(event.path("suspect").asBoolean()).isTrue();
    assertThat(event.path("belief").asDouble()).isCloseTo(0.2, within(1e-6));
    assertThat(event.path("reasons").toString())
        .isEqualTo("[[\"place\",0.5],[\"amount\",-0.25],[\"(others)\",0.125]]");
    assertThat(json(state.events(null, 0, 3)).path("events")).hasSize(3);
    assertThat(json(state.events("key", 0, 50)).path("events")).hasSize(10);
    assertThat(json(state.events("other", 0, 50)).path("events")).isEmpty();
  }

  @Test
  void aRepeatedPredictionIsOneEventOfTheFeed() {
    ConsoleState state = Seen.state(SMALL, clock);
    predict(state, "e", "key");
    predict(state, "e", "key");

    assertThat(json(state.events(null, 0, 50)).path("events")).hasSize(1);
  }

  @Test
  void aKeysPageAddsUpWhatCame() {
    ConsoleState state = Seen.state(Bounds.STANDARD, clock);
    for (int e = 0; e < 40; e++) {
      state.predicted(Seen.prediction("e-" + e, "key", Seen.START + e), clock[0]);
      state.weighted(
          Seen.weight("e-" + e, "key", e % 2, e % 4 == 0 ? 0.1f : 0.9f, e % 4 == 0), clock[0]);
      clock[0] += 1_000;
    }
    state.drifted(Seen.drift("key", Seen.START, DriftState.WARNING));

    JsonNode report = json(state.key("key").report());
    assertThat(report.path("kind").asText()).isEqualTo("live");
    JsonNode windows = report.path("timeline").path("windows");
    long events = 0;
    long ofClass0 = 0;
    for (JsonNode window : windows) {
      assertThat(window.path("from").asLong()).isEqualTo(events);
      events += window.path("events").asLong();
      ofClass0 += window.path("byClass").get(0).asLong();
    }
    assertThat(events).isEqualTo(40);
    assertThat(ofClass0).isEqualTo(20);
    JsonNode share = report.path("timeline").path("share");
    assertThat(share.path("uniform").get(0).asDouble()).isEqualTo(0.5);
    assertThat(share.path("challenger").get(0).asDouble()).isEqualTo(0.25);
    assertThat(report.path("suspects")).hasSize(10);
    assertThat(report.path("suspects").get(0).path("probability").asDouble()).isEqualTo(0.75);
    assertThat(report.path("coverage").path("byClass").get(1).path("held").get(0).asLong())
        .isEqualTo(report.path("coverage").path("byClass").get(1).path("of").get(0).asLong());
    assertThat(report.path("coverage").path("byClass").get(0).path("held").get(0).asLong())
        .isZero();
    assertThat(report.path("concepts").path("importance").get(0).get(0).asDouble()).isEqualTo(0.5);
    long counted = 0;
    for (JsonNode count :
        report.path("weights").path("curves").get(0).path("periods").get(0).path("count")) {
      counted += count.asLong();
    }
    assertThat(counted).isEqualTo(20);
    assertThat(report.path("weights").path("periods").isNull()).isTrue();
    assertThat(report.path("drift")).hasSize(1);
    assertThat(report.path("keys").path("rows").get(0).path("events").asInt()).isEqualTo(40);
  }

  private static long labels(JsonNode report) {
    long labels = 0;
    for (JsonNode window : report.path("timeline").path("windows")) {
      labels += window.path("byClass").get(0).asLong() + window.path("byClass").get(1).asLong();
    }
    return labels;
  }

  @Test
  void labelsThatComeWhenNoEventDoesAreShownAllTheSame() {
    ConsoleState state = Seen.state(Bounds.STANDARD, clock);
    state.key("key");
    for (int e = 0; e < 5; e++) {
      predict(state, "e-" + e, "key");
      clock[0] += 30_000;
      state.weighted(Seen.weight("e-" + e, "key", 1, 0.9f, false), clock[0]);
      clock[0] += 30_000;
    }

    JsonNode report = json(state.key("key").report());
    assertThat(report.path("timeline").path("windows")).hasSize(5);
    assertThat(events(report)).isEqualTo(5);
    assertThat(labels(report)).isEqualTo(5);
    long of = 0;
    for (JsonNode count : report.path("coverage").path("byClass").get(1).path("of")) {
      of += count.asLong();
    }
    assertThat(of).isEqualTo(5);
  }

  @Test
  void labelsFromBeforeTheFirstEventGoToItsWindow() {
    ConsoleState state = Seen.state(Bounds.STANDARD, clock);
    state.weighted(Seen.weight("early", "key", 0, 0.9f, false), clock[0]);
    state.key("key");
    state.weighted(Seen.weight("earlier", "key", 0, 0.9f, false), clock[0] - 10_000);
    clock[0] += 30_000;
    predict(state, "e", "key");

    JsonNode report = json(state.key("key").report());
    assertThat(report.path("timeline").path("windows")).hasSize(1);
    assertThat(labels(report)).isEqualTo(2);
  }

  @Test
  void partitionsThatAreReadOneAfterTheOtherAreOneLine() {
    ConsoleState state = Seen.state(Bounds.STANDARD, clock);
    clock[0] += 60_000;
    for (int partition = 0; partition < 3; partition++) {
      for (int second = 0; second < 60; second++) {
        state.predicted(
            Seen.prediction(partition + "-" + second, "key-" + partition, Seen.START),
            Seen.START + second * 1_000);
      }
    }

    JsonNode rates = json(state.overview()).path("samples").path("eventsPerSecond");
    assertThat(rates).hasSize(59).allMatch(rate -> rate.asDouble() == 3);
  }

  @Test
  void aPageOpenedLaterDoesNotDependOnTheOrderOfWeights() {
    ConsoleState state = Seen.state(new Bounds(100, 4, 1_000, 5), clock);
    for (int k = 0; k < 4; k++) {
      predict(state, "other-" + k, "other-" + k);
      state.key("other-" + k); // so that the key has nothing but the feed
    }
    for (int e = 0; e < 40; e++) {
      predict(state, "e-" + e, "key");
      clock[0] += 20_000;
    }
    for (int e = 0; e < 20; e++) {
      state.weighted(Seen.weight("e-" + e, "key", 1, 0.9f, false), clock[0]);
    }

    JsonNode windows = json(state.key("key").report()).path("timeline").path("windows");
    assertThat(windows).hasSize(40).allMatch(window -> window.path("events").asInt() == 1);
  }

  @Test
  void detailsGoToTheKeysThatAreLookedAtAndTheBusiestAndStartWithWhatTheFeedHolds() {
    ConsoleState state = Seen.state(new Bounds(100, 4, 1_000, 5), clock);
    for (int k = 0; k < 10; k++) {
      predict(state, "e-" + k, "key-" + k);
    }
    assertThat(json(state.overview()).path("console").path("details").asInt()).isEqualTo(4);

    JsonNode late = json(state.key("key-9").report());
    assertThat(late.path("timeline").path("windows").get(0).path("events").asInt()).isEqualTo(1);
    assertThat(late.path("timeline").path("share").path("uniform").get(0).asDouble())
        .isEqualTo(0.5);
    for (int e = 0; e < 64; e++) {
      predict(state, "busy-" + e, "key-8");
    }
    predict(state, "more", "key-9");

    JsonNode busy = json(state.key("key-8").report());
    assertThat(events(busy)).isEqualTo(65);
    assertThat(events(json(state.key("key-9").report()))).isEqualTo(2);
    assertThat(json(state.overview()).path("console").path("details").asInt()).isEqualTo(4);
  }

  private static long events(JsonNode report) {
    long events = 0;
    for (JsonNode window : report.path("timeline").path("windows")) {
      events += window.path("events").asLong();
    }
    return events;
  }

  @Test
  void memoryStaysWithinABoundWhateverComes() {
    ConsoleState state = Seen.state(new Bounds(100, 8, 500, 20), clock);
    long afterTheFirst = 0;
    for (int round = 0; round < 20; round++) {
      for (int e = 0; e < 1_000; e++) {
        String key = "key-" + e % 150;
        predict(state, "e-" + round + "-" + e, key);
        state.weighted(Seen.weight("e-" + round + "-" + e, key, 1, 0.1f, true), clock[0]);
        state.drifted(Seen.drift(key, Seen.START + e, DriftState.DRIFT));
        clock[0] += 500;
      }
      state.key("key-" + round);
      if (round == 9) {
        afterTheFirst = state.bytes();
      }
    }

    assertThat(state.bytes()).isLessThan(afterTheFirst * 11 / 10);
    assertThat(json(state.drift()).path("events")).hasSize(20);
    JsonNode times = json(state.overview()).path("samples").path("time");
    assertThat(times.size()).isBetween(60, 240);
  }

  @Test
  void aWritersClockThatIsAheadEndsNoLine() {
    ConsoleState state = Seen.state(Bounds.STANDARD, clock);
    state.predicted(Seen.prediction("ahead", "key", Seen.START), Long.MAX_VALUE);
    for (int e = 0; e < 10; e++) {
      clock[0] += 10_000;
      predict(state, "e-" + e, "key");
    }

    assertThat(json(state.overview()).path("samples").path("time").size()).isEqualTo(10);
    assertThat(json(state.key("key").report()).path("timeline").path("windows")).hasSize(11);
  }

  @Test
  void ratesLagAndQualityAreShownAsTheyCome() {
    ConsoleState state = Seen.state(Bounds.STANDARD, clock);
    for (int e = 0; e < 200; e++) {
      predict(state, "e-" + e, "key");
      clock[0] += 100;
      if (e % 20 == 0) {
        state.measured(
            new JobReading(
                "RUNNING",
                "http://flink/#/job",
                60_000,
                12,
                1_000,
                3,
                10,
                Map.of("uniform", 0.5, "mixture", Double.NaN),
                Map.of(),
                new JobReading.Checkpoints(3, 0, Seen.START, 40, 1)));
      }
    }

    JsonNode overview = json(state.overview());
    assertThat(overview.path("rates").path("eventsPerSecond").asDouble()).isEqualTo(10);
    assertThat(overview.path("rates").path("lag").asLong()).isEqualTo(12);
    assertThat(overview.path("job").path("state").asText()).isEqualTo("RUNNING");
    assertThat(overview.path("job").path("checkpoints").path("completed").asInt()).isEqualTo(3);
    JsonNode samples = overview.path("samples");
    int size = samples.path("time").size();
    assertThat(samples.path("prAuc").path("uniform")).hasSize(size);
    // The job answers every other second; what it said holds until it speaks again, but not for
    // ever.
    assertThat(samples.path("prAuc").path("uniform")).allMatch(value -> value.asDouble() == 0.5);
    assertThat(samples.path("prAuc").path("mixture").get(0).isNull()).isTrue();
    assertThat(samples.path("eventsPerSecond").get(0).asDouble()).isEqualTo(10);
    assertThat(overview.path("lanes").toString())
        .isEqualTo("[\"uniform\",\"posterior\",\"challenger\",\"mixture\"]");
    for (int second = 0; second < 40; second++) {
      clock[0] += 1000;
      predict(state, "later-" + second, "key");
    }
    JsonNode later = json(state.overview()).path("samples").path("lag");
    assertThat(later.get(later.size() - 25).asLong()).isEqualTo(12);
    assertThat(later.get(later.size() - 1).isNull()).isTrue();
  }

  @Test
  void recordsThatAreNoneOfTheJobsModelAreCountedAndLeftOut() {
    ConsoleState state = Seen.state(SMALL, clock);
    state.weighted(Seen.weight("e", "key", Integer.MAX_VALUE, 0.5f, false), clock[0]);
    state.weighted(Seen.weight("e", "key", -1, 0.5f, false), clock[0]);

    JsonNode overview = json(state.overview());
    assertThat(overview.path("console").path("unreadable").asInt()).isEqualTo(2);
    assertThat(overview.path("totals").path("keys").asInt()).isZero();
  }
}
