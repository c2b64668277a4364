package io.counterweight.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReportPageTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern DATA =
      Pattern.compile("<script type=\"application/json\" id=\"report-data\">(.*?)</script>");
  private static final Pattern IMPORTS =
      Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

  private static String page(Map<String, Object> report) {
    return ReportPage.in("/web-minimal/").with(report);
  }

  private static String found(Pattern pattern, String page) {
    Matcher matcher = pattern.matcher(page);
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  @Test
  void scriptsStylesAndModulesStandInThePage() throws Exception {
    String page = page(Map.of("format", 1));

    assertThat(page)
        .contains("<style>body { color: black; }\n</style>")
        .contains("<script>var plain = \"$0 \\\\1\";\n</script>")
        .contains("<script type=\"module\">import { words } from \"cw/words\";");
    JsonNode imports = JSON.readTree(found(IMPORTS, page)).get("imports");
    String module = imports.get("cw/words").asText();
    assertThat(module).startsWith("data:text/javascript;base64,");
    byte[] bytes = Base64.getDecoder().decode(module.substring(module.indexOf(',') + 1));
    assertThat(new String(bytes, StandardCharsets.UTF_8)).contains("größer $1");
    assertThat(imports.get("cw/given").asText()).isEqualTo("data:text/javascript,export default 1");
  }

  @Test
  void nothingIsLoaded() {
    assertThat(Pattern.compile("(src|href)=\"(?!data:)").matcher(page(Map.of("format", 1))).find())
        .isFalse();
  }

  @Test
  void noTextInTheDataEndsItsElement() throws Exception {
    String evil = "</script><script>alert(1)</script><!-- id=\"report-data\"></script> $1 \\";
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("title", evil);
    report.put("suspects", List.of(Map.of("eventId", evil)));

    String page = page(report);

    assertThat(page).doesNotContain("alert(1)</script>").doesNotContain("<script>alert");
    JsonNode read = JSON.readTree(found(DATA, page));
    assertThat(read.get("title").asText()).isEqualTo(evil);
    assertThat(read.at("/suspects/0/eventId").asText()).isEqualTo(evil);
  }

  @Test
  void aMissingPageIsNamed() {
    assertThatThrownBy(() -> ReportPage.in("/no/").with(Map.of()))
        .hasMessage("There is no file /no/report.html of the report's page");
  }
}
