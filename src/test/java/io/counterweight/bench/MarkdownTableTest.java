package io.counterweight.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MarkdownTableTest {

  @Test
  void columnsAreAlignedAndMarkdown() {
    MarkdownTable table = new MarkdownTable("shape", "events/s");
    table.row("small", "1,000");

    assertThat(table.toString())
        .isEqualTo("| shape | events/s |\n|-------|---------:|\n| small |    1,000 |\n");
  }

  @Test
  void aRowOfAnotherWidthIsRefused() {
    MarkdownTable table = new MarkdownTable("a", "b");

    assertThatThrownBy(() -> table.row("1")).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "73456; 73,500",
        "1.2345; 1.23",
        "0.012345; 0.0123",
        "99.96; 100",
        "-5.678; -5.68",
        "0; 0",
        "NaN; -"
      })
  void numbersKeepThreeSignificantDigits(double value, String text) {
    assertThat(MarkdownTable.number(value, 3)).isEqualTo(text);
  }
}
