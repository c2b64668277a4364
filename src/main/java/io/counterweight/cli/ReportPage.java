package io.counterweight.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The report as one file that needs no network. The page on the class path names its scripts,
 * styles and modules as any page does; here each takes the place of its name, modules as {@code
 * data:} URLs in the import map, and the data stand in the page as JSON.
 */
public final class ReportPage {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern STYLE =
      Pattern.compile("<link rel=\"stylesheet\" href=\"([^\"]+)\">");
  private static final Pattern SCRIPT =
      Pattern.compile("<script([^>]*?) src=\"([^\"]+)\"([^>]*)></script>");
  private static final Pattern IMPORTS =
      Pattern.compile("(<script type=\"importmap\">)(.*?)(</script>)", Pattern.DOTALL);
  private static final Pattern DATA = Pattern.compile("(id=\"report-data\">)(</script>)");

  private final String folder;

  private ReportPage(String folder) {
    this.folder = folder;
  }

  /** The page in {@code web/report.html}. */
  public static ReportPage standard() {
    return in("/web/");
  }

  /**
   * The page of a folder on the class path.
   *
   * @param folder begins and ends with a slash, and holds {@code report.html}
   */
  static ReportPage in(String folder) {
    return new ReportPage(folder);
  }

  /**
   * The whole page.
   *
   * @param report maps, lists, texts, numbers and nulls
   */
  public String with(Map<String, Object> report) {
    String page = text("report.html");
    page = replace(page, STYLE, m -> "<style>" + text(m.group(1)) + "</style>");
    page =
        replace(
            page,
            SCRIPT,
            m -> "<script" + m.group(1) + m.group(3) + ">" + script(m.group(2)) + "</script>");
    page = replace(page, IMPORTS, m -> m.group(1) + imports(m.group(2)) + m.group(3));
    // The last, so that nothing in the data is taken for a part of the page.
    return replace(page, DATA, m -> m.group(1) + json(report) + m.group(2));
  }

  private static String replace(String page, Pattern pattern, Function<MatchResult, String> with) {
    return pattern.matcher(page).replaceAll(m -> Matcher.quoteReplacement(with.apply(m)));
  }

  private String imports(String text) {
    try {
      ObjectNode map = (ObjectNode) JSON.readTree(text);
      ObjectNode imports = (ObjectNode) map.get("imports");
      for (Map.Entry<String, JsonNode> one : imports.properties()) {
        String address = one.getValue().asText();
        if (!address.startsWith("data:")) {
          imports.put(
              one.getKey(),
              "data:text/javascript;base64," + Base64.getEncoder().encodeToString(bytes(address)));
        }
      }
      return map.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** JSON that a script element may hold: no text in it can end the element. */
  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value).replace("<", "\\u003c");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A script as it may stand in a page; none that is ours or a library's holds its own end. */
  private String script(String name) {
    String script = text(name);
    if (script.toLowerCase(Locale.ROOT).contains("</script")) {
      throw new IllegalStateException(name + " of the report's page would end its element early");
    }
    return script;
  }

  private String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  private byte[] bytes(String name) {
    String path = URI.create(folder + name).normalize().toString();
    try (InputStream in = ReportPage.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("There is no file " + path + " of the report's page");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
