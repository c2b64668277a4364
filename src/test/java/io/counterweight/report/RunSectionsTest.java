package io.counterweight.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.evaluation.Evaluation;
import io.counterweight.evaluation.Truth;
import io.counterweight.event.DriftState;
import io.counterweight.metric.Decisions;
import io.counterweight.metric.ScoredEvents;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunSectionsTest {
  private static final int EVENTS = 500;

  private static Results result(int i) {
    Results results = Results.of("e" + i, 1000L * i);
    results.p1 = (i * 37 % 100) / 100f;
    results.shares =
        i < 250
            ? Map.of("uniform", 0.25f, "posterior", 0.75f)
            : Map.of("uniform", 0.5f, "uniform-challenger", 0.25f, "posterior-challenger", 0.25f);
    results.contributions = Map.of("place", i / 100f);
    return results;
  }

  private static Truth truth(int i) {
    return new Truth(i, i * 37 % 100 > 40 + i % 50 ? 1 : 0, i % 2);
  }

  private static Map<String, Object> run(List<Integer> order) {
    Evaluation evaluation = new Evaluation(2);
    RunSections sections = new RunSections(EVENTS, 2, Map.of("place", List.of("x")), true);
    for (int i : order) {
      sections.predicted(truth(i), result(i).prediction());
      evaluation.predicted(truth(i), result(i).prediction());
      int j = (i + 7) % EVENTS; // a weight may overtake its prediction
      sections.weighted(truth(j), result(j).weight(j % 2, j / 100f, j % 7 / 7f, j % 7 == 0));
    }
    sections.drifted(Results.drift("k", 123_400, DriftState.DRIFT));
    return sections.values(evaluation);
  }

  private static List<Integer> inOrder() {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      order.add(i);
    }
    return order;
  }

  @Test
  void qualityOfAWindowIsThatOfItsEventsAlone() {
    Map<String, Object> timeline = Results.map(run(inOrder()).get("timeline"));

    List<Map<String, Object>> windows = Results.maps(timeline.get("windows"));
    List<?> prAuc = (List<?>) Results.map(timeline.get("prAuc")).get("mixture");
    List<?> gMean = (List<?>) Results.map(timeline.get("gMean")).get("mixture");
    assertThat(windows).hasSize(12);
    for (int w = 0; w < 12; w++) {
      ScoredEvents alone = new ScoredEvents(2);
      int from = ((Long) windows.get(w).get("from")).intValue();
      int to = ((Long) windows.get(w).get("to")).intValue();
      for (int i = from; i < to; i++) {
        float[] p = {1 - result(i).p1, result(i).p1};
        alone.set(i - from, truth(i).trueLabel(), Decisions.mostProbable(p), p);
      }
      assertThat(prAuc.get(w)).isEqualTo(Numbers.rounded(alone.quality().prAuc()));
      assertThat(gMean.get(w)).isEqualTo(Numbers.rounded(alone.quality().gMean()));
      assertThat(windows.get(w))
          .containsEntry("events", (long) to - from)
          .containsEntry("firstTime", 1000L * from)
          .containsEntry("lastTime", 1000L * (to - 1));
    }
    assertThat(Results.map(timeline.get("prAuc")).keySet())
        .containsExactlyInAnyOrder("uniform", "posterior", "mixture");
  }

  @Test
  void challengersShareIsOneLine() {
    Map<String, Object> share =
        Results.map(Results.map(run(inOrder()).get("timeline")).get("share"));

    assertThat((List<?>) share.get("challenger")).first().isEqualTo(0.0);
    assertThat((List<?>) share.get("challenger")).last().isEqualTo(0.5);
    assertThat((List<?>) share.get("posterior")).first().isEqualTo(0.75);
    assertThat((List<?>) share.get("posterior")).last().isEqualTo(0.0);
  }

  @Test
  void theOrderOfResultsDoesNotMatter() {
    List<Integer> mixed = inOrder();
    Collections.shuffle(mixed, new Random(5));

    Map<String, Object> values = run(mixed);

    assertThat(Results.maps(values.get("suspects")))
        .allSatisfy(suspect -> assertThat(suspect.get("probability")).isNotNull());
    assertThat(values).isEqualTo(run(inOrder()));
    assertThat(Results.maps(values.get("drift")).get(0)).containsEntry("index", 123);
    assertThat(Results.maps(values.get("suspects"))).hasSize(72);
    assertThat(values.get("confusion").toString()).matches("\\[\\[\\d+, \\d+], \\[\\d+, \\d+]]");
  }

  @Test
  void aRunOfOneEventHasNoUndefinedNumbers() {
    Evaluation evaluation = new Evaluation(2);
    RunSections sections = new RunSections(1, 2, Map.of("place", List.of("x")), true);
    sections.predicted(truth(0), result(0).prediction());
    evaluation.predicted(truth(0), result(0).prediction());

    Map<String, Object> values = sections.values(evaluation);

    assertThat(values.toString()).doesNotContain("NaN", "Infinity");
    assertThat(values).containsEntry("alerts", null).containsEntry("coverage", null);
  }

  @Test
  void whereNoLabelWasFlippedNothingIsCalledRight() {
    RunSections sections = new RunSections(1, 2, Map.of("place", List.of("x")), false);
    Evaluation evaluation = new Evaluation(2);
    Results results = Results.of("e", 1);
    Truth truth = new Truth(0, 1, 1);
    evaluation.predicted(truth, results.prediction());
    sections.predicted(truth, results.prediction());
    sections.weighted(truth, results.weight(1, 3, 0.1f, true));

    Map<String, Object> values = sections.values(evaluation);

    assertThat(Results.map(values.get("timeline"))).containsEntry("truth", "labels as given");
    assertThat(Results.map(values.get("weights"))).containsEntry("truthKnown", false);
    assertThat(Results.maps(values.get("suspects")).get(0)).containsEntry("trueLabel", null);
  }
}
