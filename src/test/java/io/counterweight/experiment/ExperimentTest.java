package io.counterweight.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.event.Event;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentTest {
  private static final String TINY =
      """
      seeds: [1, 2]
      half: all
      streams:
        - {name: small, study: sym, events: 1500}
        - {name: absent, csv: no_such_data, noise: "sym:0.2"}
      arms:
        - {name: control, set: ["learner.lanes=uniform"]}
        - {name: engine, set: ["model.hidden=[4]"]}
        - {name: oracle, set: ["learner.lanes=oracle"]}
      peers: [logistic-regression, moa-none]
      """;

  @Test
  void theTableDoesNotDependOnTheSlotsAndNamesWhatIsMissing() throws Exception {
    Map<String, Object> one = withoutSpeed(run(TINY, 1).values());
    ExperimentResults results = run(TINY, 2);

    assertThat(withoutSpeed(results.values())).isEqualTo(one);
    assertThat(results.failures()).isEmpty();
    assertThat(results.markdown())
        .contains("### small", "| control", "| engine", "engine: posterior", "| oracle")
        .contains("logistic-regression, balanced decision")
        .contains("- absent is skipped: its data is absent.")
        .contains("- moa-none is skipped")
        .contains("### All streams");
  }

  @Test
  void aCellThatFailsIsToldAndTheOthersFinish() throws Exception {
    ExperimentResults results = run(TINY.replace("model.hidden=[4]", "learner.mini-batch=many"), 2);

    assertThat(results.failures()).hasSize(2).allMatch(f -> f.contains("learner.mini-batch"));
    assertThat(results.markdown()).contains("| oracle").contains("- FAILED: small, engine, seed 1");
  }

  @Test
  void differencesAndSharesAreThoseOfTheNumbers() {
    Suite suite = Suite.parse(TINY);
    ExperimentResults results = new ExperimentResults(suite);
    results.add("s", "control", 1, row(0.5, 0.8));
    results.add("s", "control", 2, row(0.6, 0.8));
    results.add("s", "engine", 1, row(0.6, 0.85));
    results.add("s", "engine", 2, row(0.65, 0.79));
    results.add("s", "oracle", 1, row(0.8, 0.805));
    results.add("s", "oracle", 2, row(0.6, 0.795));

    String engine =
        results.markdown().lines().filter(l -> l.startsWith("| engine")).findFirst().orElseThrow();

    // Mean gains .075 of .15, and of an oracle's gain below .01 no share is told.
    assertThat(engine)
        .contains("0.625 ± 0.035", "+0.075", "50 %", "0.820 ± 0.042", "+0.020")
        .containsPattern("\\+0\\.020 \\| +- \\|");
  }

  @Test
  void meansAreOverTheStreamsAndPooledSharesOverTheSumsOfGains() {
    ExperimentResults results = new ExperimentResults(Suite.parse(TINY));
    double[][] gains = {{0.1, 0.2}, {0.03, 0.02}};
    for (int s = 0; s < 2; s++) {
      String stream = "stream " + s;
      results.add(stream, "control", 1, row(0.5, 0.5));
      results.add(stream, "engine", 1, row(0.5 + gains[s][0], 0.5));
      results.add(stream, "oracle", 1, row(0.5 + gains[s][1], 0.5));
    }

    String all = results.markdown();
    String engine =
        all.substring(all.indexOf("### All streams"))
            .lines()
            .filter(l -> l.startsWith("| engine"))
            .findFirst()
            .orElseThrow();

    // (.1 / .2 + .03 / .02) / 2 = 100 %, .13 / .22 = 59 %.
    assertThat(engine.replaceAll(" +", " "))
        .contains("| 2 | +0.065 | +0.030 (stream 1) | 100 % of 2 | 59 % |");
  }

  @Test
  void filesCanBeWrittenWheneverAStreamIsDone() throws Exception {
    List<Integer> lengths = new ArrayList<>();
    new Experiment(Suite.parse(TINY), Path.of("no-data-here"))
        .run(
            2,
            new Experiment.Progress() {
              @Override
              public void done(int cells, int of, String cell) {}

              @Override
              public void streamDone(ExperimentResults soFar) {
                lengths.add(soFar.markdown().length());
              }
            });

    assertThat(lengths).hasSize(2).isSorted().allMatch(length -> length > 500);
  }

  private static Row row(double prAuc, double gMean) {
    return new Row(Map.of(Row.PR_AUC, prAuc, Row.G_MEAN, gMean));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "seeds: [1, 2] | seeds: [] | seeds is []",
        "half: all | half: third | half is third",
        "half: all | colour: red | colour",
        "study: sym | study: loud | study is 'loud'",
        "study: sym, | '' | 0 of study, csv and fraud",
        "sym:0.2 | sym:2 | sym is 2, outside [0, 1]",
        "name: engine | name: Engine! | arms.name is 'Engine!'",
        "name: engine | name: control | arms is control, expected unique names",
      })
  void whatIsWrongInASuiteIsNamed(String right, String wrong, String message) {
    assertThat(TINY).contains(right);
    assertThatThrownBy(() -> Suite.parse(TINY.replace(right, wrong)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void logisticRegressionLearnsALine() {
    LogisticRegression regression = new LogisticRegression(2, 2);
    Random random = new Random(1);
    int right = 0;
    for (int n = 0; n < 3000; n++) {
      float[] x = {(float) random.nextGaussian(), (float) random.nextGaussian()};
      int label = x[0] - x[1] > 0 ? 1 : 0;
      var event = new Event("e" + n, "k", n, x, label, null, null);
      float[] p = regression.predict(event);
      assertThat(p[0] + p[1]).isCloseTo(1, within(1e-5f));
      right += n >= 1000 && (p[1] > 0.5) == (label == 1) ? 1 : 0;
      regression.learn(event);
    }

    assertThat(right / 2000.0).isGreaterThan(0.95);
  }

  private static ExperimentResults run(String yaml, int slots) throws InterruptedException {
    return new Experiment(Suite.parse(yaml), Path.of("no-data-here"))
        .run(slots, (done, of, cell) -> assertThat(done).isLessThanOrEqualTo(of));
  }

  /** JSON without events/s, the one value that differs between two runs. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> withoutSpeed(Map<String, Object> values) {
    Map<String, Object> copy = new LinkedHashMap<>();
    values.forEach(
        (key, value) -> {
          if (!key.equals(Row.SPEED)) {
            copy.put(
                key,
                value instanceof Map<?, ?> map ? withoutSpeed((Map<String, Object>) map) : value);
          }
        });
    return copy;
  }
}
