package io.counterweight.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.metric.Quality;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class RunReportTest {

  private static RunReport report(long seed, double prAuc, Map<Integer, Double> wrongLabelAuc) {
    Map<String, Quality> lanes = new LinkedHashMap<>();
    lanes.put("uniform", new Quality(prAuc, 0.9, 0.8, 0.7, 0.6, 0.5, 0.1, 0.2, 0.05, Double.NaN));
    lanes.put(Evaluation.MIXTURE, new Quality(0.75, 0.9, 0.8, 0.7, 0.6, 0.5, 0.1, 0.2, 0.05, 0.3));
    long wrong = wrongLabelAuc.isEmpty() ? 0 : 200;
    return new RunReport(
        Map.of("data", "shop.csv"),
        new RunReport.Counts(1000, 20, 1000, 1000, 3),
        lanes,
        new WeightQuality(wrong, 1000 - wrong, 0.5, 1.125, 90, 60, wrongLabelAuc),
        seed,
        "0123456789abcdef".repeat(4),
        new RunReport.Timing(5000, 0.25));
  }

  @Test
  void valuesHaveNullWhereANumberIsNotDefined() {
    Map<String, Object> values = report(1, 0.5, Map.of(0, 0.9, 1, Double.NaN)).values();

    assertThat(values)
        .containsEntry("data", "shop.csv")
        .containsEntry("eventsRead", 1000L)
        .containsEntry("rejects", 3L)
        .containsEntry("seed", 1L)
        .containsEntry("eventsPerSecond", 5000.0);
    assertThat(values)
        .extractingByKey("wrongLabelAuc", InstanceOfAssertFactories.MAP)
        .containsEntry("0", 0.9)
        .containsEntry("1", null);
    assertThat(values)
        .extractingByKey("lanes", InstanceOfAssertFactories.MAP)
        .containsOnlyKeys("uniform", "mixture")
        .extractingByKey("uniform", InstanceOfAssertFactories.MAP)
        .containsEntry("prAuc", 0.5)
        .containsEntry("kappaNoChange", null);
  }

  @Test
  void withoutWrongLabelsNothingIsSaidOfFindingThem() {
    RunReport report = report(1, 0.5, Map.of());

    assertThat(report.values()).doesNotContainKeys("wrongLabelAuc", "meanWeight");
    assertThat(report.text()).contains("none known to be wrong").doesNotContain("AUC;");
  }

  @Test
  void textSaysWhatTheNumbersMean() {
    Map<Integer, Double> areas = new LinkedHashMap<>();
    areas.put(0, 0.91);
    areas.put(1, Double.NaN);

    assertThat(report(1, Double.NaN, areas).text())
        .contains("data: shop.csv\n")
        .contains("PR-AUC", "log-loss", "Higher is better, except Brier and log-loss")
        .containsPattern("uniform +- +0.9000")
        .contains("200 of 1,000 are wrong (20.0 %)")
        .contains("mean weight 0.500 where wrong, 1.125 where right")
        .contains("observed 0 0.9100, observed 1 -")
        .contains("90, of which wrong 60 (66.7 %); that is 30.0 % of the wrong ones")
        .contains("3 rejects")
        .endsWith("0.3 s in all, 5,000 events/s; seed 1, digest 0123456789abcdef\n");
  }

  @Test
  void severalRunsAreSummedUpByMeanAndStandardDeviation() {
    RunSummary summary =
        new RunSummary(
            List.of(report(4, 0.5, Map.of(1, 0.8)), report(5, 0.7, Map.of(1, Double.NaN))));

    assertThat(summary.text())
        .contains("runs: 2, seeds 4 to 5")
        .contains("0.6000 ±0.1414")
        .contains("observed 1 -");
    assertThat(summary.values()).extractingByKey("runs", InstanceOfAssertFactories.LIST).hasSize(2);
    assertThat(summary.values())
        .extractingByKey("summary", InstanceOfAssertFactories.MAP)
        .extractingByKey("lanes", InstanceOfAssertFactories.MAP)
        .extractingByKey("mixture", InstanceOfAssertFactories.MAP)
        .extractingByKey("prAuc", InstanceOfAssertFactories.MAP)
        .containsEntry("mean", 0.75)
        .containsEntry("standardDeviation", 0.0);
  }
}
