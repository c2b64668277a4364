package io.counterweight.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.counterweight.config.EngineConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Alerts and dashboard; that their metrics exist is for {@link DashboardScrapeITCase}. */
class MonitoringTest {
  private static final int COLUMNS = 24;

  @Test
  void expressionsAskForTheListedMetricsAndForAllOfThem() {
    Set<String> asked = new TreeSet<>();
    for (String expression : Monitoring.expressions()) {
      Set<String> names = PromQl.metrics(expression);
      assertThat(names).as(expression).isNotEmpty();
      asked.addAll(names);
    }

    assertThat(asked).isEqualTo(Monitoring.names());
  }

  @Test
  void namesAreTakenFromExpressionsWithoutLabelsAndFunctions() {
    assertThat(
            PromQl.metrics(
                "sum by (a, b) (rate(x_y{c=\"d\"}[5m])) / on (e) z > 0.5 and time() > 1"))
        .containsExactly("x_y", "z");
  }

  @Test
  void bracketsAreClosed() {
    assertThat(Monitoring.expressions()).allMatch(PromQl::isBalanced);
    assertThat(PromQl.isBalanced("sum(rate(x[5m])")).isFalse();
  }

  @Test
  void alertsHaveDifferentNamesAndSayHowBadAndWhatToDo() {
    List<String> names = new ArrayList<>();
    for (JsonNode alert : Monitoring.alerts()) {
      names.add(alert.path("alert").asText());
      assertThat(alert.path("labels").path("severity").asText())
          .isIn("critical", "warning", "info");
      assertThat(alert.path("annotations").path("summary").asText()).isNotBlank();
      assertThat(alert.path("annotations").path("description").asText()).isNotBlank();
    }

    assertThat(names)
        .doesNotHaveDuplicates()
        .allMatch(name -> name.startsWith("Counterweight"))
        .hasSizeGreaterThanOrEqualTo(10);
  }

  @Test
  void coverageIsComparedWithTheDefaultLevel() {
    EngineConfig defaults =
        EngineConfig.parse("{kafka.bootstrap-servers: 'b:1', model.features: 2}");
    String expression =
        Monitoring.alerts().stream()
            .filter(alert -> alert.path("alert").asText().equals("CounterweightCoverage"))
            .findFirst()
            .orElseThrow()
            .path("expr")
            .asText();

    assertThat(expression).contains(") - " + defaults.learner().sets().level() + ")");
  }

  @Test
  void panelsHaveATitleAUnitAndAQueryOnTheChosenJob() {
    for (JsonNode panel : Monitoring.panels()) {
      String title = panel.path("title").asText();
      assertThat(title).isNotBlank();
      assertThat(panel.path("description").asText()).as(title).isNotBlank();
      assertThat(panel.path("fieldConfig").path("defaults").path("unit").asText())
          .as(title)
          .isNotBlank();
      assertThat(panel.path("targets")).as(title).isNotEmpty();
      for (JsonNode target : panel.path("targets")) {
        assertThat(target.path("expr").asText()).as(title).contains("{job_name=\"$job\"");
      }
    }
  }

  @Test
  void panelsHaveDifferentIdsAndDoNotOverlap() {
    Set<Integer> ids = new TreeSet<>();
    Set<String> cells = new TreeSet<>();
    for (JsonNode panel : Monitoring.dashboard().path("panels")) {
      assertThat(ids.add(panel.path("id").asInt())).isTrue();
      JsonNode grid = panel.path("gridPos");
      int x = grid.path("x").asInt();
      int y = grid.path("y").asInt();
      assertThat(x + grid.path("w").asInt()).isLessThanOrEqualTo(COLUMNS);
      for (int column = x; column < x + grid.path("w").asInt(); column++) {
        for (int line = y; line < y + grid.path("h").asInt(); line++) {
          assertThat(cells.add(line + ":" + column)).as(panel.path("title").asText()).isTrue();
        }
      }
    }
  }
}
