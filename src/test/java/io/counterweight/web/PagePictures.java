package io.counterweight.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Pictures of the pages, to look at: light, dark, narrow, printed. The argument is the folder that
 * they are written to.
 */
final class PagePictures {
  private PagePictures() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    Map<String, Map<String, Object>> reports =
        Map.of(
            "rich", new ReportData(7, 2, 400, true).report(),
            "many", new ReportData(40, 7, 10_000, true).report(),
            "one", new ReportData(1, 2, 1, false).report(),
            "empty", ReportData.empty(),
            "suite", ReportData.suite());
    try (Browser browser = Browser.open()) {
      for (Map.Entry<String, Map<String, Object>> report : reports.entrySet()) {
        Path page = folder.resolve(report.getKey() + ".html");
        Files.writeString(page, WebFiles.report(report.getValue()));
        String address = page.toUri().toString();
        browser
            .dark(false)
            .size(1440, 900)
            .go(address)
            .picture(folder.resolve(report.getKey() + "-light.png"));
        browser.dark(true).settle().picture(folder.resolve(report.getKey() + "-dark.png"));
        browser
            .size(360, 740)
            .dark(false)
            .settle()
            .settle()
            .picture(folder.resolve(report.getKey() + "-phone.png"));
        browser.size(1440, 900).settle();
        Files.write(folder.resolve(report.getKey() + ".pdf"), browser.print());
        System.out.println(report.getKey() + " " + browser.consoleLines());
      }
      try (ConsoleStand stand = new ConsoleStand(new ReportData(7, 2, 10_000, true), 2000)) {
        for (String route : new String[] {"", "events", "drift", "key/shop-3"}) {
          String name = "console-" + (route.isEmpty() ? "overview" : route.replace('/', '-'));
          browser.size(1440, 900).dark(false).go(stand.address() + "#/" + route);
          browser.await("content", "return document.querySelectorAll('main svg').length > 0");
          browser.settle().picture(folder.resolve(name + "-light.png"));
          browser.dark(true).settle().picture(folder.resolve(name + "-dark.png"));
          browser
              .size(360, 740)
              .dark(false)
              .settle()
              .settle()
              .picture(folder.resolve(name + "-phone.png"));
          System.out.println(name + " " + browser.consoleLines());
        }
      }
    }
  }
}
