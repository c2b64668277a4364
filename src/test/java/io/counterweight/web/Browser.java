package io.counterweight.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A real Chromium without a screen, with a profile of its own that is gone afterwards. */
final class Browser implements AutoCloseable {
  private static final List<String> CHROMIUMS =
      List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");
  private static final List<String> DRIVERS =
      List.of(
          "/usr/bin/chromedriver", "/usr/lib/chromium/chromedriver", "/usr/local/bin/chromedriver");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** It warns of each Chromium that is newer than itself. */
  private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path profile;
  private final ChromeDriver driver;

  private Browser(Path profile, ChromeDriver driver) {
    this.profile = profile;
    this.driver = driver;
  }

  /** Where there is no Chromium the test is skipped, and says so. */
  static Browser open() {
    String chromium = first(CHROMIUMS);
    String chromedriver = first(DRIVERS);
    Assumptions.assumeTrue(
        chromium != null && chromedriver != null,
        "no Chromium with chromedriver here (Debian: apt-get install chromium chromium-driver): the web pages are not tried");
    SELENIUM.setLevel(Level.SEVERE);
    try {
      Path profile = Files.createTempDirectory("counterweight-browser");
      ChromeOptions options = new ChromeOptions();
      options.setBinary(chromium);
      options.addArguments(
          "--headless=new",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--disable-dev-shm-usage",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--disable-extensions",
          "--force-color-profile=srgb",
          "--user-data-dir=" + profile);
      LoggingPreferences logs = new LoggingPreferences();
      logs.enable(LogType.BROWSER, Level.ALL);
      options.setCapability("goog:loggingPrefs", logs);
      ChromeDriverService service =
          new ChromeDriverService.Builder()
              .usingDriverExecutable(new File(chromedriver))
              .usingAnyFreePort()
              .withSilent(true)
              .build();
      ChromeDriver driver = new ChromeDriver(service, options);
      driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(60));
      return new Browser(profile, driver);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String first(List<String> paths) {
    return paths.stream()
        .filter(path -> Files.isExecutable(Path.of(path)))
        .findFirst()
        .orElse(null);
  }

  /** Width and height of the window's content in CSS pixels. */
  Browser size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
    return this;
  }

  Browser dark(boolean dark) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "media",
            "",
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    return this;
  }

  /** Shows the page as in print, on a paper of a width in CSS pixels; {@link #dark} ends it. */
  Browser printed(int width) {
    size(width, 1000);
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("media", "print"));
    return settle().settle();
  }

  /** Puts the mouse in the middle of an element. */
  Browser hover(String css) {
    WebElement element = find(css);
    driver.executeScript("arguments[0].scrollIntoView({block: 'center'})", element);
    new Actions(driver).moveToElement(element).perform();
    return settle();
  }

  /** Opens a page and waits until it has drawn. */
  Browser go(String address) {
    driver.get("about:blank");
    driver.get(address);
    await("the page has drawn", "return document.documentElement.dataset.drawn === 'true'");
    settle();
    return this;
  }

  /** Waits for two frames: layout, and what observers made of it. */
  Browser settle() {
    driver.executeAsyncScript(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0)));");
    return this;
  }

  /** Waits until a script says true. */
  void await(String what, String script, Object... arguments) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!Boolean.TRUE.equals(driver.executeScript(script, arguments))) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain: " + what + "\n" + consoleLines());
      }
      settle();
    }
  }

  Object run(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  /** What a script returns, as JSON. */
  JsonNode read(String script) {
    try {
      return JSON.readTree(
          (String) driver.executeScript("return JSON.stringify((() => {" + script + "})());"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  WebElement find(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  String text(String css) {
    return find(css).getText();
  }

  /** Sends keys to what has the focus. */
  Browser press(CharSequence... keys) {
    new Actions(driver).sendKeys(keys).perform();
    return settle();
  }

  /** Goes on with the tab key until an element has the focus. */
  Browser tabTo(String css) {
    for (int i = 0; i < 400; i++) {
      new Actions(driver).sendKeys(Keys.TAB).perform();
      if (Boolean.TRUE.equals(
          driver.executeScript("return document.activeElement.matches(arguments[0])", css))) {
        return settle();
      }
    }
    throw new AssertionError("the tab key does not come to " + css);
  }

  /** Lines on the browser's console since the last call. */
  List<String> consoleLines() {
    List<String> lines = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
      lines.add(entry.getLevel() + " " + entry.getMessage());
    }
    return lines;
  }

  void assertSilent() {
    assertThat(consoleLines()).as("lines on the browser's console").isEmpty();
  }

  /** Nothing sticks out of the page to the right. */
  void assertNoSidewaysScroll() {
    JsonNode widths =
        read(
            "const root = document.documentElement; const wide = [...document.body.querySelectorAll('*')]"
                + ".filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1 && !e.closest('.scroll, .unseen'))"
                + ".slice(0, 5).map((e) => e.outerHTML.slice(0, 120));"
                + "return {scroll: root.scrollWidth, client: root.clientWidth, wide};");
    assertThat(widths.get("scroll").asInt())
        .as("width of the page, too wide: %s", widths.get("wide"))
        .isLessThanOrEqualTo(widths.get("client").asInt());
  }

  /** Serious and critical findings of axe: rule, elements. */
  List<String> accessibilityFindings() {
    if (!Boolean.TRUE.equals(driver.executeScript("return typeof axe === 'object'"))) {
      driver.executeScript(AxeScript.TEXT);
    }
    Object result =
        driver.executeAsyncScript(
            "const done = arguments[0];"
                + "axe.run(document, {resultTypes: ['violations']}).then((r) => done(JSON.stringify(r.violations"
                + ".filter((v) => v.impact === 'serious' || v.impact === 'critical')"
                + ".map((v) => v.id + ': ' + v.help + ' ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' ' + n.failureSummary.slice(0, 300)).join(' | ')))),"
                + "(e) => done(JSON.stringify(['axe failed: ' + e])));");
    try {
      List<String> findings = new ArrayList<>();
      JSON.readTree((String) result).forEach(finding -> findings.add(finding.asText()));
      return findings;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The whole page as a picture. */
  void picture(Path file) {
    try {
      long height = (Long) run("return document.documentElement.scrollHeight");
      long width = (Long) run("return document.documentElement.clientWidth");
      Object data =
          driver
              .executeCdpCommand(
                  "Page.captureScreenshot",
                  Map.of(
                      "captureBeyondViewport",
                      true,
                      "clip",
                      Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1)))
              .get("data");
      Files.write(file, Base64.getDecoder().decode((String) data));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The window as a picture. */
  void window(Path file) {
    try {
      Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The page as it is printed. */
  byte[] print() {
    Object data =
        driver
            .executeCdpCommand(
                "Page.printToPDF", Map.of("printBackground", false, "preferCSSPageSize", true))
            .get("data");
    return Base64.getDecoder().decode((String) data);
  }

  @Override
  public void close() {
    driver.quit();
    try (Stream<Path> files = Files.walk(profile)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
