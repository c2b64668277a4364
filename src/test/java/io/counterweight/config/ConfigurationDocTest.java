package io.counterweight.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Keeps the tables of docs/configuration.md equal to the options. To write them anew: {@code mvn
 * test -Dtest=ConfigurationDocTest -Dcounterweight.docs=write}.
 */
class ConfigurationDocTest {
  private static final Path FILE = Path.of("docs", "configuration.md");
  private static final String BEGIN = "-Dcounterweight.docs=write -->\n";
  private static final String END = "<!-- end of the generated part -->\n";

  @Test
  void everyOptionIsDocumentedAsTheCodeHasIt() throws IOException {
    String text = Files.readString(FILE);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    String expected = text.substring(0, begin) + tables() + text.substring(end);

    if ("write".equals(System.getProperty("counterweight.docs"))) {
      Files.writeString(FILE, expected);
    }

    assertThat(Files.readString(FILE)).isEqualTo(expected);
  }

  private static String tables() {
    StringBuilder tables = new StringBuilder();
    String section = "";
    for (Option<?> option : Options.all()) {
      String own = option.key().substring(0, option.key().indexOf('.'));
      if (!own.equals(section)) {
        section = own;
        tables.append("\n### ").append(section).append("\n\n");
        tables.append("| key | meaning | values | default |\n| --- | --- | --- | --- |\n");
      }
      tables.append(row(option));
    }
    return tables.append('\n').toString();
  }

  private static <T> String row(Option<T> option) {
    String standard =
        option
            .standard()
            .map(value -> code(option.type().plain(value)))
            .or(option::absence)
            .orElse("**required**");
    return "| "
        + String.join(
            " | ",
            "`" + option.key() + "`",
            cell(option.description()),
            cell(option.type().rule()),
            standard)
        + " |\n";
  }

  private static String code(Object plain) {
    String text = plain instanceof List<?> list ? list.toString() : String.valueOf(plain);
    return "`" + text + "`";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("*", "\\*");
  }
}
