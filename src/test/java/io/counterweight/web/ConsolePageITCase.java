package io.counterweight.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The live console in a real browser, on a server of 10,000 keys. */
class ConsolePageITCase {
  private static final int PACE_MILLIS = 150;
  private static final int FEED = 200;

  private static Browser browser;
  private static ConsoleStand stand;
  private static Probe probe;

  @BeforeAll
  static void open() {
    browser = Browser.open();
    probe = new Probe(browser);
    stand = new ConsoleStand(new ReportData(3, 2, 10_000, true), PACE_MILLIS);
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.close();
    }
    if (stand != null) {
      stand.close();
    }
  }

  @BeforeEach
  void wide() {
    browser.size(1440, 900).dark(false);
  }

  private static void show(String route, String until) {
    browser.go(stand.address() + "#/" + route);
    awaitElement(until);
  }

  private static void awaitElement(String css) {
    browser.await(css, "return document.querySelector(arguments[0]) !== null", css);
  }

  private static void awaitText(String css, String text) {
    browser.await(
        css + " says " + text,
        "const e = document.querySelector(arguments[0]); return e !== null && e.textContent.includes(arguments[1])",
        css,
        text);
  }

  @Test
  void theOverviewIsLive() {
    show("", "[data-figure=pr-auc] svg");
    assertThat(browser.text("[data-fact='keys'] dd")).isEqualTo("10,000");
    assertThat(browser.text("[data-fact='events/s'] dd")).isEqualTo("21,400");
    assertThat(browser.find("header a[rel]").getAttribute("href"))
        .isEqualTo("http://localhost:8081/");
    assertThat(probe.texts("[data-figure=share] .layer-name"))
        .containsExactlyInAnyOrder("uniform", "posterior", "by-concept", "swift");
    assertThat(probe.line("[data-figure=sample-lag] svg", "events").get(0).get(1).asDouble())
        .isBetween(990.0, 1010.0);
    String before = browser.text("[data-fact='events'] dd");
    browser.await(
        "the next answer",
        "return document.querySelector(\"[data-fact='events'] dd\").textContent !== arguments[0]",
        before);
    browser.assertSilent();
  }

  @Test
  void keysAreSearchedSortedAndTurnedByTheServer() {
    show("", "#keys tbody tr");
    assertThat(browser.all("#keys tbody tr")).hasSize(50);
    assertThat(browser.text("#keys .pager [role=status]")).isEqualTo("1 to 50 of 10,000");
    browser.tabTo("#keys .pager button:last-child").press(Keys.ENTER);
    awaitText("#keys .pager [role=status]", "51 to 100");
    assertThat(probe.texts("#keys tbody th").get(0)).isEqualTo("shop-50");
    browser.run("document.querySelector('#keys input').focus()");
    browser.press("shop-777");
    awaitText("#keys .lead", "11 match");
    assertThat(browser.all("#keys tbody tr")).hasSize(11);
    browser.tabTo("#keys thead button").press(Keys.ENTER);
    awaitElement("#keys thead th[aria-sort=ascending]");
    awaitElement("#keys table[data-sort=key]");
    assertThat(probe.texts("#keys tbody th")).first().isEqualTo("shop-777");
    browser.assertSilent();
  }

  @Test
  void theKeyboardOpensAKey() {
    show("", "#keys tbody tr");
    browser.tabTo("#keys tbody tr:nth-child(4) a").press(Keys.ENTER);
    awaitElement("[data-figure=shapes] svg");
    assertThat(browser.text("h1")).isEqualTo("shop-3");
    assertThat(browser.run("return document.activeElement.tagName")).isEqualTo("H1");
    assertThat(
            browser.all(
                "[data-figure=share] svg, #weights svg, #suspects table, #drift table, #models svg"))
        .hasSizeGreaterThan(4);
    browser.run("history.back()");
    awaitText("h1", "Overview");
    browser.assertSilent();
  }

  @Test
  void anUnknownKeyIsSaidToBeUnknown() {
    show("key/" + "no%20such", ".empty");
    awaitText("main .empty", "There is no key 'no such'.");
    assertThat(browser.consoleLines()).allMatch(line -> line.contains("404"));
  }

  @Test
  void theFeedIsCappedAndPauses() {
    show("events", ".feed tbody tr");
    browser.await(
        "a full feed",
        "return document.querySelectorAll('.feed tbody tr').length === arguments[0]",
        FEED);
    long nodes = nodes();
    int answers = stand.eventAnswers.get();
    browser.await(
        "ten more answers",
        "return Number(document.querySelector('.feed tbody tr').dataset.seq) > arguments[0]",
        30 * (answers + 10));
    assertThat(browser.all(".feed tbody tr")).hasSize(FEED);
    assertThat(nodes()).as("elements of the page").isBetween(nodes - FEED, nodes + FEED);
    List<Double> numbers = probe.values(".feed tbody tr", "data-seq");
    assertThat(numbers).isSortedAccordingTo((a, b) -> Double.compare(b, a)).doesNotHaveDuplicates();
    // Some events come again when their weight is there, and take the place of what stood before.
    assertThat(probe.texts(".feed tbody th")).doesNotHaveDuplicates();

    browser.tabTo(".controls button").press(Keys.ENTER);
    awaitText(".controls [role=status]", "Paused");
    Object first = browser.run("return document.querySelector('.feed tbody tr').dataset.seq");
    for (int later = 0; later < 2; later++) {
      String clock = browser.text(".bar .note");
      browser.await(
          "another overview",
          "return document.querySelector('.bar .note').textContent !== arguments[0]",
          clock);
    }
    assertThat(browser.run("return document.querySelector('.feed tbody tr').dataset.seq"))
        .isEqualTo(first);
    browser.press(Keys.ENTER);
    browser.await(
        "it goes on",
        "return document.querySelector('.feed tbody tr').dataset.seq !== arguments[0]",
        first);
    browser.assertSilent();
  }

  private static long nodes() {
    return (Long) browser.run("return document.querySelectorAll('*').length");
  }

  @Test
  void driftIsATimelineAndATable() {
    show("drift", "[data-figure=drift] svg");
    assertThat(browser.all("[data-figure=drift] .drift-mark")).hasSize(5);
    assertThat(browser.all("main table tbody tr")).hasSize(5);
    assertThat(browser.text("main .lead")).contains("concept 1", "label noise 1");
    browser.tabTo("[data-figure=drift] svg");
    assertThat(browser.text("[data-figure=drift] .tip")).contains("label noise", "page-hinkley");
    browser.assertSilent();
  }

  @Test
  void aServerThatIsGoneIsSaidToBeGoneAndItsReturnIsNoticed() {
    show("", "#keys tbody tr");
    stand.stop();
    awaitText(".banner", "The server does not answer");
    assertThat(browser.text("h1")).isEqualTo("Overview");
    assertThat(browser.all("#keys tbody tr")).hasSize(50);
    stand.start();
    browser.await("the banner goes", "return document.querySelector('.banner').textContent === ''");
    browser.consoleLines(); // Chromium tells of each question without an answer.
  }

  @Test
  void aPartThatIsNotAnsweredSaysSoThoughTheOverviewIs() {
    try {
      show("", "#keys tbody tr");
      stand.broken.addAll(List.of("keys", "key"));
      awaitText("#keys [data-unanswered]", "it answered 500");
      assertThat(browser.text("#keys [data-unanswered]")).contains("What you see is of");
      assertThat(browser.all("#keys tbody tr")).hasSize(50);
      show("key/shop-4", "main [data-unanswered]");
      assertThat(browser.text(".banner")).isEmpty();
    } finally {
      stand.broken.clear();
    }
    awaitElement("#weights svg");
    assertThat(browser.all("[data-unanswered]")).isEmpty();
    browser.consoleLines(); // Chromium tells of each 500.
  }

  @Test
  void aKeysLabelsAreThoseSinceTheConsoleBegan() {
    show("key/shop-3", "#weights svg");
    assertThat(browser.text("#suspects .lead")).startsWith("The newest 200 suspect labels");
    assertThat((String) browser.run("return document.querySelector('#weights').textContent"))
        .doesNotContain("events 0 to");
    browser.tabTo("[data-figure=weight-curve-0] svg").press(Keys.ARROW_RIGHT);
    assertThat(browser.text("[data-figure=weight-curve-0] .tip"))
        .contains("since the console began");
    browser.assertSilent();
  }

  @Test
  void accessibleAndNarrow() {
    for (String route : List.of("", "events", "drift", "key/shop-3")) {
      show(route, "main svg");
      if (route.equals("events")) {
        browser.tabTo(".controls button").press(Keys.ENTER);
      }
      assertThat(browser.accessibilityFindings()).as("light " + route).isEmpty();
      browser.dark(true).settle();
      assertThat(browser.accessibilityFindings()).as("dark " + route).isEmpty();
      browser.dark(false);
      browser.assertNoSidewaysScroll();
      browser.size(360, 740).settle().settle();
      browser.assertNoSidewaysScroll();
      browser.size(1440, 900);
    }
    browser.assertSilent();
  }
}
