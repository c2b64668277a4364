package io.counterweight.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.embedded.FraudSimulator.Options;
import io.counterweight.event.Event;
import io.counterweight.model.BatmSpec.Concept;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FraudSimulatorTest {
  private static final long DAY = 86_400_000L;

  @Test
  void theSameSeedGivesTheSameEventsAgainAndAgain() {
    Options options =
        Options.of(3000, 11).withNoise(LabelNoise.parse("instance:0.3")).withDriftAt(0.5);
    FraudSimulator simulator = new FraudSimulator(options);

    assertSameEvents(simulator, simulator);
    assertSameEvents(simulator, new FraudSimulator(options));
  }

  @Test
  void iteratorsDoNotDisturbEachOther() {
    FraudSimulator simulator = new FraudSimulator(Options.of(500, 1));
    Iterator<FeedEvent> first = simulator.iterator();
    Iterator<FeedEvent> second = simulator.iterator();
    first.next();
    first.next();

    assertThat(second.next().event().eventId()).isEqualTo("tx-0");
    assertThat(first.next().event().eventId()).isEqualTo("tx-2");
  }

  @Test
  void anotherSeedGivesOtherEvents() {
    FeedEvent one = new FraudSimulator(Options.of(1000, 1)).iterator().next();
    FeedEvent other = new FraudSimulator(Options.of(1000, 2)).iterator().next();

    assertThat(one.event().features()).isNotEqualTo(other.event().features());
    assertThat(one.event().eventTime()).isNotEqualTo(other.event().eventTime());
  }

  @Test
  void eventsComeInTheOrderOfTimeWithDistinctIdsAndAsManyAsAsked() {
    Set<String> ids = new HashSet<>();
    long last = Instant.parse("2024-01-01T00:00:00Z").toEpochMilli();
    Iterator<FeedEvent> events = new FraudSimulator(Options.of(5000, 3)).iterator();

    while (events.hasNext()) {
      Event event = events.next().event();
      assertThat(event.eventTime()).isGreaterThanOrEqualTo(last);
      last = event.eventTime();
      ids.add(event.eventId());
    }

    assertThat(ids).hasSize(5000);
    assertThatThrownBy(events::next).isInstanceOf(NoSuchElementException.class);
  }

  @ParameterizedTest
  @CsvSource({"5000,1", "20000,1", "20000,2", "20000,3", "100000,1", "100000,2"})
  void fraudIsRareAndSteadyWhateverTheLength(int events, long seed) {
    double[] rates = new double[2];
    for (FeedEvent event : new FraudSimulator(Options.of(events, seed))) {
      int half = Integer.parseInt(event.event().eventId().substring(3)) < events / 2 ? 0 : 1;
      rates[half] += 2.0 * event.trueLabel() / events;
    }

    assertThat((rates[0] + rates[1]) / 2).isBetween(0.005, 0.02);
    assertThat(rates[0]).isBetween(0.003, 0.025);
    assertThat(rates[1]).isBetween(0.003, 0.025);
  }

  @Test
  void aDemoCoversAboutNinetyDays() {
    List<FeedEvent> events = list(new FraudSimulator(Options.of(100_000, 1)));

    long span =
        events.get(events.size() - 1).event().eventTime() - events.get(0).event().eventTime();

    assertThat(span / DAY).isBetween(80L, 100L);
  }

  @Test
  void allThreeScenariosOccurInAboutTheHandbooksProportions() {
    FraudSimulator simulator = new FraudSimulator(Options.of(200_000, 1));
    TransactionGenerator transactions = simulator.transactions();
    double[] share = new double[4];

    for (int i = 0; i < 200_000; i++) {
      share[transactions.next().scenario()] += 1 / 200_000.0;
    }

    assertThat(share[Transaction.HIGH_AMOUNT]).isBetween(0.0002, 0.002);
    assertThat(share[Transaction.COMPROMISED_TERMINAL]).isBetween(0.003, 0.009);
    assertThat(share[Transaction.COMPROMISED_CUSTOMER]).isBetween(0.0015, 0.005);
  }

  @Test
  void featuresAgreeWithARecountOverAllEarlierPayments() {
    FraudSimulator simulator =
        new FraudSimulator(Options.of(1500, 4).withNoise(LabelNoise.parse("sym:0.1")));
    List<Payment> payments = payments(simulator);
    int emitted = 0;

    for (FeedEvent event : simulator) {
      int index = (int) simulator.warmUpPayments() + emitted++;
      assertThat(event.event().features()).containsExactly(recount(payments, index));
      assertThat(event.event().attributes())
          .containsEntry("customer", "" + payments.get(index).transaction().customer())
          .containsEntry("terminal", "" + payments.get(index).transaction().terminal());
      assertThat(event.event().label()).isEqualTo(payments.get(index).label());
    }
    assertThat(emitted).isEqualTo(1500);
  }

  @Test
  void terminalRiskIgnoresLabelsYoungerThanTheDelay() {
    FraudFeatures features = new FraudFeatures(1, 1);
    long fraud = 100 * DAY;
    Transaction first = new Transaction(0, fraud, 0, 0, 100, Transaction.COMPROMISED_TERMINAL);
    features.of(first);
    features.report(first, 1);

    Map<Long, float[]> seen = new HashMap<>();
    for (long age : new long[] {1, DAY, 7 * DAY - 1, 7 * DAY, 8 * DAY, 14 * DAY, 37 * DAY}) {
      seen.put(age, features.of(new Transaction(1, fraud + age, 0, 0, 100, 0)));
    }

    int[] risk = {10, 12, 14};
    assertThat(at(seen.get(1L), risk)).containsExactly(0, 0, 0);
    assertThat(at(seen.get(DAY), risk)).containsExactly(0, 0, 0);
    assertThat(at(seen.get(7 * DAY - 1), risk)).containsExactly(0, 0, 0);
    assertThat(at(seen.get(7 * DAY), risk)).containsExactly(1, 1, 1);
    assertThat(at(seen.get(8 * DAY), risk)).containsExactly(0, 1, 1);
    assertThat(at(seen.get(14 * DAY), risk)).containsExactly(0, 0, 1);
    assertThat(at(seen.get(37 * DAY), risk)).containsExactly(0, 0, 0);
  }

  @Test
  void windowsAreFullFromTheFirstEvent() {
    List<FeedEvent> events = list(new FraudSimulator(Options.of(20_000, 2)));
    ToDoubleFunction<List<FeedEvent>> meanCount =
        part -> part.stream().mapToDouble(e -> e.event().features()[13]).average().orElseThrow();

    double first = meanCount.applyAsDouble(events.subList(0, 2000));
    double last = meanCount.applyAsDouble(events.subList(18_000, 20_000));

    assertThat(first).isCloseTo(last, within(0.15 * last));
  }

  @Test
  void trustedShareIsAsAskedAndBalanced() {
    Duration delay = Duration.ofHours(6);
    int[] trusted = new int[2];

    for (FeedEvent event : new FraudSimulator(Options.of(100_000, 5).withTrusted(0.01, delay))) {
      if (event.isTrusted()) {
        trusted[event.trueLabel()]++;
        assertThat(event.trustedTime()).isEqualTo(event.event().eventTime() + delay.toMillis());
      }
    }

    assertThat(trusted[0]).isBetween(430, 570);
    assertThat(trusted[1]).isBetween(400, 600);
  }

  @Test
  void theTrustedCopyHasTheTruthAndTheSameIdentity() {
    FraudSimulator simulator =
        new FraudSimulator(
            Options.of(2000, 5)
                .withNoise(LabelNoise.parse("sym:0.5"))
                .withTrusted(1, Duration.ofHours(1)));
    for (FeedEvent event : simulator) {
      Event trusted = event.trusted();
      assertThat(trusted.eventId()).isEqualTo(event.event().eventId());
      assertThat(trusted.modelKey()).isEqualTo(event.event().modelKey());
      assertThat(trusted.features()).isEqualTo(event.event().features());
      assertThat(trusted.label()).isEqualTo(event.trueLabel());
      assertThat(trusted.labelSource()).isEqualTo("investigation");
      assertThat(trusted.eventTime()).isEqualTo(event.event().eventTime() + 3_600_000);
    }
  }

  @Test
  void nothingIsTrustedWhenNoneIsAsked() {
    FraudSimulator simulator =
        new FraudSimulator(Options.of(2000, 5).withTrusted(0, Duration.ZERO));

    assertThat(simulator).noneMatch(FeedEvent::isTrusted);
    assertThatThrownBy(() -> simulator.iterator().next().trusted())
        .isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "none|0|0",
        "sym:0.2|0.2|0.2",
        "miss:0.4,false:0.01|0.4|0.01",
        "instance:0.3,false:0.05|0.3|0.025"
      })
  void noiseRatesAreAsAsked(String noise, double missed, double chargedBack) {
    int[] events = new int[2];
    int[] wrong = new int[2];

    for (FeedEvent event :
        new FraudSimulator(Options.of(100_000, 6).withNoise(LabelNoise.parse(noise)))) {
      events[event.trueLabel()]++;
      wrong[event.trueLabel()] += event.isMislabelled() ? 1 : 0;
    }

    assertThat((double) wrong[1] / events[1]).isCloseTo(missed, within(missed == 0 ? 0 : 0.07));
    assertThat((double) wrong[0] / events[0])
        .isCloseTo(chargedBack, within(chargedBack == 0 ? 0 : 0.005));
  }

  @Test
  void nothingChangesBeforeTheDrift() {
    Options options = Options.of(4000, 8).withNoise(LabelNoise.parse("miss:0.4"));
    Iterator<FeedEvent> steady = new FraudSimulator(options).iterator();
    Iterator<FeedEvent> drifting = new FraudSimulator(options.withDriftAt(0.5)).iterator();
    int differences = 0;

    for (int i = 0; i < 4000; i++) {
      FeedEvent expected = steady.next();
      FeedEvent actual = drifting.next();
      if (i < 2000) {
        assertSame(actual, expected);
      } else if (!Arrays.equals(actual.event().features(), expected.event().features())) {
        differences++;
      }
    }
    assertThat(differences).isPositive();
  }

  @Test
  void dearPaymentsAreFraudBeforeTheDriftAndMostlyGenuineAfterIt() {
    int[][] dear = new int[2][2]; // before or after, true label
    int[][] cheap = new int[2][2];
    for (FeedEvent event : new FraudSimulator(Options.of(100_000, 9).withDriftAt(0.5))) {
      int after = Integer.parseInt(event.event().eventId().substring(3)) < 50_000 ? 0 : 1;
      float amount = event.event().features()[0];
      if (amount > 220) {
        dear[after][event.trueLabel()]++;
      } else if (amount < 5) {
        cheap[after][event.trueLabel()]++;
      }
    }

    assertThat(dear[0][0]).isZero();
    assertThat(dear[0][1]).isPositive();
    assertThat((double) dear[1][0] / (dear[1][0] + dear[1][1])).isGreaterThan(0.6);
    double cheapFraudBefore = (double) cheap[0][1] / (cheap[0][0] + cheap[0][1]);
    double cheapFraudAfter = (double) cheap[1][1] / (cheap[1][0] + cheap[1][1]);
    assertThat(cheapFraudAfter).isGreaterThan(3 * cheapFraudBefore);
  }

  @Test
  void featuresAndConceptsAreNamedAsInTheHandbooksData() {
    FraudSimulator simulator = new FraudSimulator(Options.of(100, 1));

    assertThat(simulator.featureNames())
        .hasSize(15)
        .startsWith("TX_AMOUNT")
        .endsWith("TERMINAL_ID_RISK_30DAY_WINDOW");
    assertThat(simulator.concepts())
        .extracting(Concept::name)
        .containsExactly("transaction", "customer", "terminal");
    assertThat(simulator.concepts().stream().mapToInt(c -> c.features().size()).sum())
        .isEqualTo(15);
    assertThat(simulator.classes()).isEqualTo(2);
    assertThat(simulator.size()).isEqualTo(100);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.5, Double.NaN})
  void aDriftOutsideTheStreamIsRefused(double driftAt) {
    assertThatThrownBy(() -> Options.of(100, 1).withDriftAt(driftAt))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("driftAt");
  }

  @Test
  void otherOptionsOutOfRangeAreRefusedByName() {
    assertThatThrownBy(() -> Options.of(0, 1)).hasMessageContaining("events is 0");
    assertThatThrownBy(() -> Options.of(10, 1).withTrusted(1.1, Duration.ZERO))
        .hasMessageContaining("trustedFraction is 1.1");
    assertThatThrownBy(() -> Options.of(10, 1).withTrusted(0.1, Duration.ofHours(-1)))
        .hasMessageContaining("trustedDelay");
  }

  private record Payment(Transaction transaction, int label) {}

  /** All payments, the warm-up's included, with the labels that were observed. */
  private static List<Payment> payments(FraudSimulator simulator) {
    long total = simulator.warmUpPayments() + simulator.size();
    TransactionGenerator transactions = simulator.transactions();
    LabelCorruption corruption =
        new LabelCorruption(LabelNoise.parse("sym:0.1"), 4, 2, simulator.featureNames().size());
    List<Payment> payments = new ArrayList<>();
    for (long i = 0; i < total; i++) {
      Transaction transaction = transactions.next();
      assertThat(transaction.sequence()).isEqualTo(i);
      int label = corruption.observe(i, new float[15], transaction.isFraud() ? 1 : 0);
      payments.add(new Payment(transaction, label));
    }
    return payments;
  }

  private static float[] recount(List<Payment> payments, int index) {
    Transaction now = payments.get(index).transaction();
    float[] features = new float[15];
    features[0] = now.cents() / 100f;
    var utc = Instant.ofEpochMilli(now.time()).atOffset(ZoneOffset.UTC);
    features[1] = utc.getDayOfWeek().getValue() >= 6 ? 1 : 0;
    features[2] = utc.getHour() <= 6 ? 1 : 0;
    int[] days = {1, 7, 30};
    for (int w = 0; w < 3; w++) {
      long customerFrom = now.time() - days[w] * DAY;
      long terminalTo = now.time() - 7 * DAY;
      long terminalFrom = terminalTo - days[w] * DAY;
      double count = 0;
      double cents = 0;
      double terminalCount = 0;
      double frauds = 0;
      for (int i = index; i >= 0; i--) {
        Transaction other = payments.get(i).transaction();
        if (other.customer() == now.customer() && other.time() > customerFrom) {
          count++;
          cents += other.cents();
        }
        if (other.terminal() == now.terminal()
            && other.time() > terminalFrom
            && other.time() <= terminalTo) {
          terminalCount++;
          frauds += payments.get(i).label();
        }
      }
      features[3 + 2 * w] = (float) count;
      features[4 + 2 * w] = (float) (cents / count / 100);
      features[9 + 2 * w] = (float) terminalCount;
      features[10 + 2 * w] = (float) (terminalCount == 0 ? 0 : frauds / terminalCount);
    }
    return features;
  }

  private static float[] at(float[] features, int[] indices) {
    float[] result = new float[indices.length];
    for (int i = 0; i < indices.length; i++) {
      result[i] = features[indices[i]];
    }
    return result;
  }

  private static List<FeedEvent> list(Feed feed) {
    return StreamSupport.stream(feed.spliterator(), false).toList();
  }

  private static void assertSameEvents(Feed one, Feed other) {
    Iterator<FeedEvent> others = other.iterator();
    for (FeedEvent event : one) {
      assertSame(event, others.next());
    }
    assertThat(others.hasNext()).isFalse();
  }

  private static void assertSame(FeedEvent actual, FeedEvent expected) {
    assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
  }
}
