package io.counterweight.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import io.counterweight.event.DriftState;
import io.counterweight.metric.ScoredEvents;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AccumulatorsTest {
  @Test
  void meansDoNotDependOnTheOrder() {
    List<Float> values = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 1000; i++) {
      values.add((float) (random.nextGaussian() * Math.exp(5 * random.nextGaussian())));
    }
    ExactMeans one = new ExactMeans(1);
    ExactMeans other = new ExactMeans(1);

    values.forEach(value -> one.add(0, value));
    Collections.shuffle(values, random);
    values.forEach(value -> other.add(0, value));

    assertThat(other.mean(0)).isEqualTo(one.mean(0));
    assertThat(one.count(0)).isEqualTo(1000);
  }

  @Test
  void numbersKeepSixDigits() {
    assertThat(Numbers.rounded(1.0 / 3)).isEqualTo(0.333333);
    assertThat(Numbers.rounded(-123456.789)).isEqualTo(-123457.0);
    assertThat(Numbers.rounded(1.23456789e12)).isEqualTo(1.23457e12);
    assertThat(Numbers.rounded(2.5e-9)).isEqualTo(2.5e-9);
    assertThat(Numbers.rounded(0)).isZero();
    assertThat(Numbers.rounded(Double.NaN)).isNull();
    assertThat(Numbers.rounded(Double.NEGATIVE_INFINITY)).isNull();
  }

  @Test
  void weightsAreToldByLabelPeriodLossAndTruth() {
    WeightCurves curves = new WeightCurves(new Windows(4, 2));
    Results results = new Results();

    curves.weighted(0, 1, results.weight(1, 0.005f, 0.9f, false));
    curves.weighted(1, 1, results.weight(1, 0.005f, 0.5f, false));
    curves.weighted(2, 0, results.weight(1, 3.2f, 0.25f, true));
    curves.weighted(3, 0, results.weight(0, 50f, 1f, false));

    Map<String, Object> values = curves.values();
    assertThat(values).containsEntry("truthKnown", true);
    List<?> edges = (List<?>) values.get("lossEdges");
    assertThat(edges.get(edges.size() - 1)).isNull();
    Map<String, Object> ofOne = Results.maps(values.get("curves")).get(1);
    assertThat(ofOne).containsEntry("label", 1);
    Map<String, Object> early = Results.maps(ofOne.get("periods")).get(0);
    assertThat(((List<?>) early.get("count")).get(0)).isEqualTo(2L);
    assertThat(((List<?>) early.get("mean")).get(0)).isEqualTo(0.85);
    Map<String, Object> late = Results.maps(ofOne.get("periods")).get(1);
    int bin = edges.indexOf(3.0);
    assertThat(((List<?>) late.get("count")).get(bin)).isEqualTo(1L);
    assertThat(((List<?>) late.get("mean")).get(bin)).isEqualTo(0.625);
    assertThat(((List<?>) late.get("mean")).get(0)).isNull();
    Map<String, Object> ofZero = Results.maps(values.get("curves")).get(0);
    List<?> open = (List<?>) Results.maps(ofZero.get("periods")).get(1).get("count");
    assertThat(open.get(open.size() - 1)).isEqualTo(1L);
    Map<String, Object> histogram = Results.maps(values.get("histogram")).get(1);
    assertThat(((List<?>) histogram.get("right")).get(18)).isEqualTo(1L);
    assertThat(((List<?>) histogram.get("right")).get(10)).isEqualTo(1L);
    assertThat(((List<?>) histogram.get("wrong")).get(5)).isEqualTo(1L);
    assertThat(((List<?>) Results.maps(values.get("histogram")).get(0).get("right")).get(19))
        .isEqualTo(1L);
  }

  @Test
  void whereTheTruthIsNotKnownNoLabelIsWrong() {
    WeightCurves curves = new WeightCurves(new Windows(1, 1));

    curves.weighted(0, WeightCurves.UNKNOWN, new Results().weight(1, 1, 0.1f, true));

    assertThat(curves.values()).containsEntry("truthKnown", false);
    assertThat(Results.maps(curves.values().get("histogram")).get(0).get("wrong").toString())
        .doesNotContain("1");
  }

  @Test
  void coverageCountsTheSetsThatHoldTheClass() {
    Coverage coverage = new Coverage(2, 2);
    assertThat(coverage.values()).isNull();

    Results results = new Results();
    coverage.predicted(0, 0, results.prediction());
    results.set = new int[] {0, 1};
    coverage.predicted(1, 1, results.prediction());
    results.set = new int[] {0};
    coverage.predicted(1, 1, results.prediction());

    Map<String, Object> values = coverage.values();
    assertThat(values).containsEntry("level", 0.9);
    assertThat(values.get("setSize")).asInstanceOf(LIST).containsExactly(null, 1.5);
    Map<String, Object> one = Results.maps(values.get("byClass")).get(1);
    assertThat(one.get("held")).asInstanceOf(LIST).containsExactly(0L, 1L);
    assertThat(one.get("of")).asInstanceOf(LIST).containsExactly(0L, 2L);
  }

  @Test
  void importanceIsTheMeanSizeOverAllEventsOfAWindow() {
    Map<String, List<String>> concepts = new LinkedHashMap<>();
    concepts.put("place", List.of("distance", "country"));
    concepts.put("amount", List.of("amount"));
    ConceptImportance importance = new ConceptImportance(concepts, 2);
    Results results = new Results();

    results.contributions = Map.of("place", -2f, "amount", 1f);
    importance.predicted(0, results.prediction());
    results.contributions = Map.of("place", 1f);
    importance.predicted(0, results.prediction());

    Map<String, Object> values = importance.values();
    assertThat(values.get("names")).asInstanceOf(LIST).containsExactly("place", "amount");
    assertThat(values.get("features").toString()).isEqualTo("[[distance, country], [amount]]");
    assertThat(values.get("importance").toString()).isEqualTo("[[1.5, null], [0.5, null]]");

    results.contributions = Map.of("(others)", -4f, "nobody", 9f);
    importance.predicted(1, results.prediction());

    assertThat(importance.values().get("names"))
        .asInstanceOf(LIST)
        .containsExactly("place", "amount", "(others)");
    assertThat(importance.values().get("importance").toString())
        .isEqualTo("[[1.5, 0.0], [0.5, 0.0], [0.0, 4.0]]");
  }

  @Test
  void theSuspectsThatCountedLeastAreKeptWithTheirReasons() {
    Suspects suspects = new Suspects(2, 3);
    float[] beliefs = {0.3f, 0.1f, 0.2f, 0.05f};

    for (int i = 0; i < 4; i++) {
      Results results = Results.of("e" + i, i);
      results.contributions = Map.of("place", 0.5f, "amount", -(float) i);
      suspects.predicted(results.prediction()); // the first one's reasons are pushed out
    }
    for (int i = 0; i < 4; i++) {
      suspects.weighted(i % 2, Results.of("e" + i, i).weight(1, 3, beliefs[i], i != 3));
    }

    List<Map<String, Object>> values = suspects.values();
    assertThat(values).extracting(one -> one.get("eventId")).containsExactly("e1", "e2");
    assertThat(values.get(0))
        .containsEntry("belief", 0.1)
        .containsEntry("rawWeight", 0.55)
        .containsEntry("weight", 0.2)
        .containsEntry("probability", 0.75)
        .containsEntry("predicted", 0)
        .containsEntry("trueLabel", 1)
        .containsEntry("label", 1);
    assertThat(values.get(0).get("reasons").toString()).isEqualTo("[[amount, -1.0], [place, 0.5]]");

    suspects.weighted(WeightCurves.UNKNOWN, Results.of("e0", 0).weight(1, 3, 0.01f, true));

    assertThat(suspects.values().get(0))
        .containsEntry("eventId", "e0")
        .containsEntry("probability", null)
        .containsEntry("trueLabel", null)
        .containsEntry("reasons", List.of());

    Results overtaken = Results.of("e0", 0);
    overtaken.contributions = Map.of("place", 0.5f);
    suspects.predicted(overtaken.prediction());

    assertThat(suspects.values().get(0)).containsEntry("probability", 0.75);
    assertThat(suspects.values().get(0).get("reasons").toString()).isEqualTo("[[place, 0.5]]");
  }

  @Test
  void keysAreToldMostEventsFirstAndBounded() {
    KeyTable keys = new KeyTable(2);
    String[] of = {"a", "b", "b", "c"};

    for (int i = 0; i < of.length; i++) {
      Results results = Results.of("e" + i, i);
      results.key = of[i];
      keys.predicted(results.prediction());
      keys.weighted(results.weight(0, 1, 0.5f, i == 2));
      keys.drifted(Results.drift(of[i], i, i == 1 ? DriftState.DRIFT : DriftState.WARNING));
    }

    Map<String, Object> values = keys.values(1);
    assertThat(values).containsEntry("total", 2).containsEntry("eventsOfOtherKeys", 1L);
    assertThat(values.get("fields").toString())
        .isEqualTo(
            "[key, events, labelled, suspects, meanWeight, drifts, driftState, driftKind, version,"
                + " lastTime]");
    assertThat(values.get("rows").toString())
        .isEqualTo("[[b, 2, 2, 1, 0.75, 1, WARNING, NOISE, 4, 2]]");
    assertThat(keys.busiest(5)).containsExactly("b", "a");
  }

  @Test
  void theNewestDriftEventsAreKeptOnce() {
    DriftList drifts = new DriftList(2);

    for (long time : new long[] {30, 10, 20, 30}) {
      drifts.drifted(Results.drift("k", time, DriftState.DRIFT));
    }

    List<Map<String, Object>> values = drifts.values(time -> (int) time / 10);
    assertThat(values).extracting(one -> one.get("eventTime")).containsExactly(20L, 30L);
    assertThat(values.get(1))
        .containsEntry("index", 3)
        .containsEntry("onset", 27L)
        .containsEntry("state", "DRIFT")
        .containsEntry("kind", "CONCEPT")
        .containsEntry("affected", List.of("class 1"));
  }

  @Test
  void alertsAreTheHighestScoresAndTiesAreNotCut() {
    ScoredEvents scored = new ScoredEvents(2);
    for (int i = 0; i < 1000; i++) {
      // The highest 3 of 0.9, then 20 of 0.8; every other one of these is positive.
      float p1 = i < 3 ? 0.9f : i < 23 ? 0.8f : 0.1f;
      scored.set(i, i < 23 ? i % 2 : 0, 0, new float[] {1 - p1, p1});
    }

    Map<String, Object> alerts = AlertBudgets.values(scored);

    Map<String, Object> thousandth = Results.maps(alerts.get("budgets")).get(0);
    assertThat(thousandth)
        .containsEntry("share", 0.001)
        .containsEntry("alerts", 3L)
        .containsEntry("hits", 1L)
        .containsEntry("precision", 0.333333)
        .containsEntry("threshold", 0.9);
    assertThat((double) thousandth.get("recall")).isEqualTo(0.0909091);
    assertThat(alerts.get("confusion").toString()).isEqualTo("[[977, 12], [0, 11]]");
    assertThat(AlertBudgets.values(new ScoredEvents(3))).isNull();
    assertThat(AlertBudgets.values(new ScoredEvents(2))).isNull();
  }

  @Test
  void calibrationLeavesEmptyBinsOut() {
    ScoredEvents scored = new ScoredEvents(2);
    scored.set(0, 1, 0, new float[] {0.75f, 0.25f});
    scored.set(1, 0, 0, new float[] {0.7f, 0.3f});
    scored.set(2, 1, 1, new float[] {0.25f, 0.75f});

    Map<String, Object> values = Calibration.values(scored.calibration(), 2);

    assertThat(values).containsEntry("of", "probability of class 1");
    assertThat(Results.maps(values.get("bins"))).hasSize(3);
    assertThat(Results.maps(values.get("bins")).get(0))
        .containsEntry("from", 0.2)
        .containsEntry("to", 0.266667)
        .containsEntry("count", 1L)
        .containsEntry("predicted", 0.25)
        .containsEntry("observed", 1.0);
    assertThat(scored.confusion().counts()).isEqualTo(new long[][] {{1, 0}, {1, 1}});
  }

  @Test
  void theLargestReasonsAreNamedAndTheOthersAddedUp() {
    Map<String, Float> contributions = new LinkedHashMap<>();
    for (int c = 1; c <= 7; c++) {
      contributions.put("c" + c, (c % 2 == 0 ? -1f : 1f) * c);
    }
    contributions.put("(others)", 9f);

    assertThat(Suspects.pairs(contributions).toString())
        .isEqualTo("[[c7, 7.0], [c6, -6.0], [c5, 5.0], [c4, -4.0], [c3, 3.0], [(others), 8.0]]");
    assertThat(Suspects.pairs(Map.of("a", 1f, "(others)", -2f)).toString())
        .isEqualTo("[[a, 1.0], [(others), -2.0]]");
    assertThat(Suspects.pairs(Map.of())).isEmpty();
  }
}
