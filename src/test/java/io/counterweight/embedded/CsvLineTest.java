package io.counterweight.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvLineTest {

  @Test
  void splitsAtCommasAndKeepsEmptyFields() {
    assertThat(split("a,b,c")).containsExactly("a", "b", "c");
    assertThat(split(",,")).containsExactly("", "", "");
    assertThat(split("a")).containsExactly("a");
    assertThat(split("")).containsExactly("");
    assertThat(split(" 1 ,\t2 , 3 ")).containsExactly("1", "2", "3");
  }

  @Test
  void readsQuotedFields() {
    assertThat(split("\"a,b\",c")).containsExactly("a,b", "c");
    assertThat(split("1,\"say \"\"hi\"\"\"")).containsExactly("1", "say \"hi\"");
    assertThat(split("\"\",\"x\" ,")).containsExactly("", "x", "");
    assertThat(split("\" kept \"")).containsExactly(" kept ");
  }

  @Test
  void refusesQuotesThatDoNotMatch() {
    assertThatThrownBy(() -> split("1,\"open")).hasMessageContaining("character 3 is not closed");
    assertThatThrownBy(() -> split("\"a\"b,1"))
        .hasMessageContaining("text after the closing quote");
  }

  private static List<String> split(String line) {
    List<String> fields = new ArrayList<>(List.of("left over"));
    CsvLine.split(line, fields);
    return fields;
  }
}
