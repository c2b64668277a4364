package io.counterweight.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

/** The report page in a real browser: what it draws is what stands in the JSON. */
class ReportPageITCase {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LARGEST_PAGE = 2_000_000;

  /** Of an axis: half a pixel of a chart of 150 pixels is a 300th of it. */
  private static final double PIXEL = 1 / 300.0;

  @TempDir static Path folder;
  private static Browser browser;
  private static Probe probe;

  @BeforeAll
  static void openBrowser() {
    browser = Browser.open();
    probe = new Probe(browser);
  }

  @AfterAll
  static void closeBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  private static int pages;

  /** Opens a report and says what stands in it. */
  private static JsonNode show(Map<String, Object> report) throws IOException {
    Path page = folder.resolve("report" + pages++ + ".html");
    Files.writeString(page, WebFiles.report(report));
    browser.size(1440, 900).dark(false).go(page.toUri().toString());
    return JSON.readTree(JSON.writeValueAsString(report));
  }

  @ParameterizedTest(name = "{0} concepts, {1} classes, {2} keys, drift {3}")
  @CsvSource({"1, 2, 1, false", "3, 2, 40, true", "3, 7, 1, false", "40, 7, 10000, true"})
  void chartsShowTheNumbersOfTheJson(int concepts, int classes, int keys, boolean drift)
      throws IOException {
    JsonNode report = show(new ReportData(concepts, classes, keys, drift).report());

    assertThat(browser.text("h1")).isEqualTo("replay of payments.csv");
    assertThat(browser.text(".summary")).contains("100,000 events", "0.644", "1,893 labels");
    lanesTable(report);
    linesOverTime(report);
    shares(report);
    driftMarks(report);
    weightCurves(report);
    histograms(report);
    calibration(report);
    coverage(report);
    confusion(report);
    importance(report);
    shapes(report);
    pairs(report);
    assertThat(browser.text("#keys .lead"))
        .startsWith(keys == 1 ? "1 key" : "%,d keys".formatted(keys));
    browser.assertNoSidewaysScroll();
    browser.size(360, 740).settle().settle();
    browser.assertNoSidewaysScroll();
    browser.assertSilent();
    System.out.printf(
        "report of %d concepts, %d classes, %d keys: first paint after %s ms%n",
        concepts,
        classes,
        keys,
        browser.read(
            "return Math.round((performance.getEntriesByName('first-contentful-paint')[0] || {}).startTime)"));
  }

  private static void lanesTable(JsonNode report) {
    List<String> cells = probe.texts("#lanes tbody tr:last-child > *");
    JsonNode mixture = report.at("/run/lanes/mixture");
    assertThat(cells.get(0)).isEqualTo("mixture");
    assertThat(cells.get(1)).isEqualTo("%.3f".formatted(mixture.get("prAuc").asDouble()));
    assertThat(cells.get(cells.size() - 1))
        .isEqualTo("%.3f".formatted(mixture.get("ece").asDouble()));
  }

  private static void linesOverTime(JsonNode report) {
    for (JsonNode lane : report.get("lanes")) {
      JsonNode wanted = report.at("/timeline/prAuc/" + lane.asText());
      JsonNode drawn = probe.line("[data-figure=pr-auc] svg", lane.asText());
      int point = 0;
      for (int w = 0; w < wanted.size(); w++) {
        if (wanted.get(w).isNull()) {
          continue;
        }
        JsonNode window = report.at("/timeline/windows/" + w);
        double middle = (window.get("from").asDouble() + window.get("to").asDouble()) / 2;
        assertThat(drawn.get(point).get(0).asDouble()).isCloseTo(middle, within(100_000 * PIXEL));
        assertThat(drawn.get(point).get(1).asDouble())
            .isCloseTo(wanted.get(w).asDouble(), within(PIXEL));
        point++;
      }
      assertThat(drawn.size()).isEqualTo(point);
    }
  }

  private static void shares(JsonNode report) {
    JsonNode heights =
        probe.read(
            """
            const svg = document.querySelector('[data-figure=share] svg');
            const y = inverse(svg, 'y');
            return Object.fromEntries([...svg.querySelectorAll('[data-series]')].map((g) => [g.dataset.series,
              [...g.querySelectorAll('rect')].map((r) => y(Number(r.getAttribute('y')))
                - y(Number(r.getAttribute('y')) + Number(r.getAttribute('height'))))]));
            """);
    report
        .at("/timeline/share")
        .fields()
        .forEachRemaining(
            lane ->
                assertClose(
                    Probe.doubles(heights.get(lane.getKey())),
                    Probe.known(lane.getValue()),
                    PIXEL));
  }

  private static void driftMarks(JsonNode report) {
    List<Double> wanted = new ArrayList<>();
    report.get("drift").forEach(event -> wanted.add(event.get("index").asDouble()));
    assertThat(probe.values("[data-figure=drift] .drift-mark", "data-at")).isEqualTo(wanted);
    assertThat(browser.all("[data-figure=pr-auc] .rule.injected"))
        .hasSize(report.get("injectedDrift").isNull() ? 0 : 1);
    if (!wanted.isEmpty()) {
      JsonNode places =
          probe.read(
              """
              const svg = document.querySelector('[data-figure=g-mean] svg');
              const x = inverse(svg, 'x');
              return [...svg.querySelectorAll('.rule.found')].map((line) => x(Number(line.getAttribute('x1'))));
              """);
      assertClose(Probe.doubles(places), List.of(60_990.0, 83_107.0), 100_000 * PIXEL);
      assertThat(browser.text(".summary"))
          .contains("changed at event 60,000", "found 990 events later");
    }
  }

  private static void weightCurves(JsonNode report) {
    for (JsonNode curve : report.at("/weights/curves")) {
      JsonNode heights =
          probe.read(
              """
              const svg = document.querySelector('[data-figure=weight-curve-%d] svg');
              const y = inverse(svg, 'y');
              return [...svg.querySelectorAll('[data-series="3"] circle')].map((c) => y(Number(c.getAttribute('cy'))));
              """
                  .formatted(curve.get("label").asInt()));
      assertClose(Probe.doubles(heights), Probe.known(curve.at("/periods/3/mean")), 2 * PIXEL);
    }
  }

  /**
   * Right labels upward, wrong ones downward; the axis has no signs, so heights are taken from
   * zero.
   */
  private static void histograms(JsonNode report) {
    for (JsonNode group : report.at("/weights/histogram")) {
      for (String side : List.of("right", "wrong")) {
        List<Double> counts = Probe.doubles(group.get(side));
        double total = counts.stream().mapToDouble(n -> n).sum();
        JsonNode bars =
            probe.read(
                """
                const svg = document.querySelector('[data-figure=belief-%d] svg');
                const ticks = [...svg.querySelectorAll('.axis.y .tick')];
                const zero = ticks.find((tick) => tick.textContent.trim() === '0 %%').querySelector('line');
                const top = ticks[ticks.length - 1];
                const unit = number(top.textContent)
                  / (Number(zero.getAttribute('y1')) - Number(top.querySelector('line').getAttribute('y1')));
                return [...svg.querySelectorAll('[data-series=%s] rect')].map((r) => ({
                  count: Number(r.dataset.value), share: Number(r.getAttribute('height')) * unit,
                  down: Number(r.getAttribute('y')) >= Number(zero.getAttribute('y1')) - 0.01}));
                """
                    .formatted(group.get("label").asInt(), side));
        assertThat(bars.size()).isEqualTo(total > 0 ? counts.size() : 0);
        for (int b = 0; b < bars.size(); b++) {
          JsonNode bar = bars.get(b);
          assertThat(bar.get("count").asDouble()).isEqualTo(counts.get(b));
          assertThat(bar.get("share").asDouble()).isCloseTo(counts.get(b) / total, within(PIXEL));
          assertThat(bar.get("down").asBoolean() || counts.get(b) == 0)
              .isEqualTo(side.equals("wrong") || counts.get(b) == 0);
        }
      }
    }
  }

  private static void calibration(JsonNode report) {
    JsonNode drawn =
        probe.read(
            """
            const svg = document.querySelector('[data-figure=calibration] svg');
            const [x, y] = [inverse(svg, 'x'), inverse(svg, 'y')];
            return [...svg.querySelectorAll('.bin')].map((c) => [x(Number(c.getAttribute('cx'))), y(Number(c.getAttribute('cy')))]);
            """);
    int at = 0;
    for (JsonNode bin : report.at("/calibration/bins")) {
      if (bin.get("count").asInt() > 0) {
        assertThat(drawn.get(at).get(0).asDouble())
            .isCloseTo(bin.get("predicted").asDouble(), within(PIXEL));
        assertThat(drawn.get(at).get(1).asDouble())
            .isCloseTo(bin.get("observed").asDouble(), within(PIXEL));
        at++;
      }
    }
    assertThat(drawn.size()).isEqualTo(at);
  }

  private static void coverage(JsonNode report) {
    for (JsonNode one : report.at("/coverage/byClass")) {
      JsonNode drawn = coverageLine("class " + one.get("label").asText());
      for (int w = 0; w < drawn.size(); w++) {
        double wanted = one.get("held").get(w).asDouble() / one.get("of").get(w).asDouble();
        assertThat(drawn.get(w).get(1).asDouble()).isCloseTo(wanted, within(PIXEL));
      }
    }
  }

  private static JsonNode coverageLine(String name) {
    return probe.line("[data-figure=coverage] svg:has([data-series='%s'])".formatted(name), name);
  }

  private static void confusion(JsonNode report) {
    List<Double> wanted = new ArrayList<>();
    report.get("confusion").forEach(row -> wanted.addAll(Probe.doubles(row)));
    assertThat(probe.values("[data-figure=confusion] td.cell", "data-value")).isEqualTo(wanted);
  }

  private static void importance(JsonNode report) {
    JsonNode names = report.at("/concepts/names");
    for (int c = 0; c < names.size(); c++) {
      assertThat(
              probe.values(
                  "[data-figure=importance] [data-series='%s'] rect"
                      .formatted(names.get(c).asText()),
                  "data-value"))
          .isEqualTo(Probe.doubles(report.at("/concepts/importance/" + c)));
    }
    assertThat(browser.all("[data-figure=importance] .axis.y .tick")).hasSize(names.size());
  }

  /** Of the lane with the largest share: all concepts, over the feature where there is one. */
  private static void shapes(JsonNode report) {
    if (browser.all("#models button").stream().anyMatch(b -> b.getText().startsWith("Show all"))) {
      browser.run(
          "[...document.querySelectorAll('#models button')].find((b) => b.textContent.trim().startsWith('Show all')).click()");
      browser.settle();
    }
    JsonNode lane = report.at("/models/0/lanes/1");
    assertThat(browser.all(".shape[data-concept]")).hasSize(lane.get("concepts").size());
    for (JsonNode concept : lane.get("concepts")) {
      JsonNode over = concept.get("byFeature").isNull() ? concept : concept.get("byFeature");
      JsonNode x = concept.get("byFeature").isNull() ? concept.get("z") : over.get("x");
      for (int line = 0; line < over.get("effect").size(); line++) {
        JsonNode drawn =
            probe.line(
                ".shape[data-concept='%s'] svg".formatted(concept.get("name").asText()),
                over.get("effect").size() == 1 ? "effect" : "class " + line);
        for (int i = 0; i < x.size(); i++) {
          assertThat(drawn.get(i).get(0).asDouble())
              .isCloseTo(x.get(i).asDouble(), within(x.get(x.size() - 1).asDouble() * 2 * PIXEL));
          assertThat(drawn.get(i).get(1).asDouble())
              .isCloseTo(over.at("/effect/" + line + "/" + i).asDouble(), within(8 * PIXEL));
        }
      }
    }
  }

  /** Each cell stands where its axis says, in the strength of its value. */
  private static void pairs(JsonNode report) {
    JsonNode pairs = report.at("/models/0/lanes/1/pairs");
    assertThat(browser.all("[data-pair]")).hasSize(pairs.size());
    double limit = 0;
    for (JsonNode pair : pairs) {
      for (JsonNode row : pair.get("effect")) {
        limit = Math.max(limit, Probe.doubles(row).stream().mapToDouble(Math::abs).max().orElse(0));
      }
    }
    for (JsonNode pair : pairs) {
      JsonNode cells =
          probe.read(
              """
              const svg = document.querySelector(`[data-pair="%s|%s"] svg`);
              const [x, y] = [inverse(svg, 'x'), inverse(svg, 'y')];
              return [...svg.querySelectorAll('.cell')].map((r) => {
                const [left, top, w, h] = ['x', 'y', 'width', 'height'].map((name) => Number(r.getAttribute(name)));
                return [y(top + h / 2), x(left + w / 2), Number(r.dataset.value),
                  parseFloat(r.style.getPropertyValue('--v')) * (r.classList.contains('negative') ? -1 : 1)];
              });
              """
                  .formatted(pair.get("a").asText(), pair.get("b").asText()));
      assertThat(cells.size()).isEqualTo(225);
      for (int cell = 0; cell < cells.size(); cell++) {
        int a = 14 - cell / 15;
        int b = cell % 15;
        double value = pair.at("/effect/" + a + "/" + b).asDouble();
        assertThat(cells.get(cell).get(0).asDouble())
            .isCloseTo(pair.get("zA").get(a).asDouble(), within(0.03));
        assertThat(cells.get(cell).get(1).asDouble())
            .isCloseTo(pair.get("zB").get(b).asDouble(), within(0.03));
        assertThat(cells.get(cell).get(2).asDouble()).isEqualTo(value);
        assertThat(cells.get(cell).get(3).asDouble()).isCloseTo(value / limit * 92, within(0.51));
      }
    }
  }

  private static void assertClose(List<Double> drawn, List<Double> wanted, double tolerance) {
    assertThat(drawn).hasSameSizeAs(wanted);
    IntStream.range(0, wanted.size())
        .forEach(i -> assertThat(drawn.get(i)).isCloseTo(wanted.get(i), within(tolerance)));
  }

  @Test
  void anEmptyRunSaysWhyThereIsNothing() throws IOException {
    show(ReportData.empty());
    assertThat(browser.text(".summary")).isEqualTo("No event was read.");
    assertThat(probe.texts("main section")).isNotEmpty();
    assertThat(browser.all("main section:not(:has(p))")).isEmpty();
    assertThat(browser.all("main svg")).isEmpty();
    browser.assertNoSidewaysScroll();
    browser.assertSilent();
  }

  @Test
  void aSuiteShowsGainsAgainstItsControl() throws IOException {
    JsonNode report = show(ReportData.suite());
    JsonNode arms = report.at("/suite/streams/sea-abrupt");
    double gain = 0;
    for (String seed : List.of("1", "2", "3")) {
      gain +=
          (arms.at("/oracle/" + seed + "/PR-AUC").asDouble()
                  - arms.at("/control/" + seed + "/PR-AUC").asDouble())
              / 3;
    }
    JsonNode drawn =
        probe.read(
            """
            const svg = document.querySelector('[data-figure="gains-sea-abrupt"] svg');
            const dots = svg.querySelector('[data-series=oracle]');
            return {mean: inverse(svg, 'x')(Number(dots.querySelector('.mean').getAttribute('cx'))), seeds: dots.querySelectorAll('.seed').length};
            """);
    assertThat(drawn.get("mean").asDouble()).isCloseTo(gain, within(0.001));
    assertThat(drawn.get("seeds").asInt()).isEqualTo(3);
    assertThat(browser.text(".summary"))
        .startsWith("2 streams, 4 arms. Against the control the arm mixture");
    assertThat(browser.all("[data-figure=gains] .seed")).hasSize(6);
    assertThat(browser.text("[data-stream=sea-abrupt] table")).contains(" ± ");
    assertThat(browser.text(".failed")).contains("out of memory");
    browser.assertSilent();
  }

  @Test
  void theKeyboardSortsTurnsAndChooses() throws IOException {
    JsonNode report = show(new ReportData(7, 2, 400, true).report());

    browser.tabTo("#lanes thead button").press(Keys.ENTER);
    assertThat(browser.find("#lanes thead th").getAttribute("aria-sort")).isEqualTo("ascending");
    assertThat(probe.texts("#lanes tbody th")).isSorted();
    browser.press(Keys.SPACE);
    assertThat(browser.find("#lanes thead th").getAttribute("aria-sort")).isEqualTo("descending");
    assertThat(probe.texts("#lanes tbody th").get(0)).isEqualTo("uniform");

    browser.tabTo("[data-figure=pr-auc] svg").press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    assertThat(browser.text("[data-figure=pr-auc] .tip"))
        .contains("events 3,333 to 5,000")
        .contains("mixture " + "%.3f".formatted(report.at("/timeline/prAuc/mixture/2").asDouble()));
    browser.press(Keys.END);
    assertThat(browser.text("[data-figure=pr-auc] .tip")).contains("to 100,000");
    browser.press(Keys.ESCAPE);
    assertThat(browser.text("[data-figure=pr-auc] .tip")).isEmpty();

    browser.tabTo("#alerts select").press(Keys.ARROW_DOWN);
    assertThat(browser.text("#alerts .answer")).contains("2,000 alerts, 1,290 of them right");
    assertThat(probe.values("[data-figure=alert-confusion] td", "data-value"))
        .containsExactly(96_290.0, 710.0, 1710.0, 1290.0);

    browser.tabTo("#models select").press(Keys.ARROW_DOWN);
    JsonNode concept = report.at("/models/0/lanes/2/concepts/0");
    JsonNode drawn =
        probe.line(
            ".shape[data-concept='%s'] svg".formatted(concept.get("name").asText()), "effect");
    assertThat(drawn.get(40).get(1).asDouble())
        .isCloseTo(concept.at("/effect/0/40").asDouble(), within(8 * PIXEL));

    browser.tabTo("#keys .pager button:last-child").press(Keys.ENTER);
    assertThat(browser.text("#keys .pager [role=status]")).isEqualTo("26 to 50 of 400");
    browser.assertSilent();
  }

  @Test
  void theMousePointsAndSortsToo() throws IOException {
    show(new ReportData(3, 2, 40, false).report());
    browser.find("#suspects thead th:nth-child(7) button").click();
    browser.settle();
    assertThat(browser.find("#suspects thead th:nth-child(7)").getAttribute("aria-sort"))
        .isEqualTo("descending");
    browser.hover("[data-figure=share] svg");
    assertThat(browser.text("[data-figure=share] .tip")).contains("posterior 0.");
  }

  @Test
  void theNumbersBehindAChartAreATable() throws IOException {
    JsonNode report = show(new ReportData(3, 2, 1, false).report());
    browser.find("[data-figure=pr-auc] summary").click();
    browser.settle();
    List<String> cells = probe.texts("[data-figure=pr-auc] .numbers tbody tr:nth-child(1) td");
    List<String> wanted = new ArrayList<>();
    report
        .get("lanes")
        .forEach(
            lane ->
                wanted.add(
                    "%.3f"
                        .formatted(
                            report.at("/timeline/prAuc/" + lane.asText() + "/0").asDouble())));
    assertThat(cells).isEqualTo(wanted);
    assertThat(probe.texts("[data-figure=pr-auc] .numbers tbody tr:nth-child(4) td"))
        .containsOnly("–");
  }

  @Test
  void accessibleInLightAndDark() throws IOException {
    show(new ReportData(7, 7, 40, true).report());
    assertThat(browser.accessibilityFindings()).as("light").isEmpty();
    browser.dark(true).settle();
    assertThat(browser.accessibilityFindings()).as("dark").isEmpty();
    show(new ReportData(3, 2, 40, true).report());
    browser.find("[data-figure=pr-auc] summary").click();
    assertThat(browser.accessibilityFindings()).as("two classes").isEmpty();
  }

  @Test
  void printedItIsLightAndNothingIsCutOff() throws IOException {
    show(new ReportData(7, 2, 40, true).report());
    browser.printed(688);
    assertThat(browser.run("return getComputedStyle(document.body).backgroundColor"))
        .isEqualTo("rgb(255, 255, 252)");
    assertThat(
            probe.read(
                "return [...document.querySelectorAll('.scroll, svg')].filter((e) => e.getBoundingClientRect().right > 689"
                    + " || e.scrollWidth > e.clientWidth + 1 && e.matches('.scroll')).map((e) => e.getAttribute('aria-label'))"))
        .isEmpty();
    assertThat(new String(browser.print(), 0, 5, StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
    browser.dark(false);
  }

  @Test
  void textsOfTheDataStayTexts() throws IOException {
    Map<String, Object> report = new ReportData(3, 2, 3, false).report();
    report.put("title", "</script><script>window.broken = 1</script><b>bold</b>");
    report.put("classes", List.of("<img src=x onerror='window.broken = 1'>", "1"));
    show(report);
    assertThat(browser.text("h1")).isEqualTo(report.get("title"));
    assertThat(browser.run("return window.broken === undefined")).isEqualTo(true);
    browser.assertSilent();
  }

  @Test
  void aReportOfAnotherFormatIsRefused() throws IOException {
    Map<String, Object> report = new ReportData(1, 2, 1, false).report();
    report.put("format", 2);
    show(report);
    assertThat(browser.text("main")).contains("cannot be shown", "format 2");
  }

  @Test
  void aPageIsSmall() throws IOException {
    Map<String, Object> report = new ReportData(40, 2, 10_000, true).report();
    Map<String, Object> keys = new ReportData(40, 2, 10_000, true).keysAsArrays();
    report.put("keys", keys);
    show(report);
    assertThat(browser.text("#keys .lead")).startsWith("10,000 keys");
    assertThat(probe.texts("#keys tbody tr:first-child > *").get(0)).isEqualTo("shop-0");
    int empty = WebFiles.report(ReportData.empty()).getBytes(StandardCharsets.UTF_8).length;
    int full = WebFiles.report(report).getBytes(StandardCharsets.UTF_8).length;
    System.out.printf("report page: %,d bytes without data, %,d with 10,000 keys%n", empty, full);
    assertThat(empty).isLessThan(LARGEST_PAGE / 2);
    assertThat(full).isLessThan(LARGEST_PAGE);
  }
}
