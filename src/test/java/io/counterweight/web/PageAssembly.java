package io.counterweight.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes one file of the report page and a report. */
final class PageAssembly {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SCRIPT =
      Pattern.compile("<script([^>]*?) src=\"([^\"]+)\"([^>]*)></script>");
  private static final Pattern STYLE =
      Pattern.compile("<link rel=\"stylesheet\" href=\"([^\"]+)\">");
  private static final Pattern IMPORTS =
      Pattern.compile("(<script type=\"importmap\">)(.*?)(</script>)", Pattern.DOTALL);
  private static final Pattern DATA = Pattern.compile("(id=\"report-data\">)(</script>)");

  private PageAssembly() {}

  static byte[] file(String name) {
    try (InputStream in = PageAssembly.class.getResourceAsStream("/web/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("no file " + name + " of the web pages");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String text(String name) {
    return new String(file(name), StandardCharsets.UTF_8);
  }

  static String report(Map<String, Object> report) {
    String page = text("report.html");
    page = replace(page, STYLE, m -> "<style>" + text(m.group(1)) + "</style>");
    page =
        replace(
            page,
            SCRIPT,
            m -> "<script" + m.group(1) + m.group(3) + ">" + text(m.group(2)) + "</script>");
    page = replace(page, IMPORTS, m -> m.group(1) + imports(m.group(2)) + m.group(3));
    return replace(page, DATA, m -> m.group(1) + json(report) + m.group(2));
  }

  private static String imports(String map) {
    try {
      ObjectNode root = (ObjectNode) JSON.readTree(map);
      ObjectNode imports = (ObjectNode) root.get("imports");
      imports
          .fields()
          .forEachRemaining(
              entry ->
                  imports.put(
                      entry.getKey(),
                      "data:text/javascript;base64,"
                          + Base64.getEncoder()
                              .encodeToString(file(entry.getValue().asText().substring(2)))));
      return root.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value).replace("<", "\\u003c");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String replace(String page, Pattern pattern, Function<MatchResult, String> with) {
    return pattern.matcher(page).replaceAll(m -> Matcher.quoteReplacement(with.apply(m)));
  }
}
