package io.counterweight.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlReaderTest {

  @Test
  void scalarsStayText() {
    Node node = YamlReader.read("a: [01, 1e3, yes, 'null', null, 1_000, 64 MiB, .5, true]", "f");

    assertThat(node.display("")).isEqualTo("{a: [01, 1e3, yes, null, , 1_000, 64 MiB, .5, true]}");
    assertThat(((Node.Sequence) ((Node.Mapping) node).entries().get("a")).items().get(4))
        .isInstanceOf(Node.Empty.class);
  }

  @Test
  void anEmptyDocumentIsEmpty() {
    assertThat(YamlReader.read("# nothing\n", "f")).isInstanceOf(Node.Empty.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: 1\nb: 2\na: 3",
        "a: &x 1\nb: *x",
        "a: 1\n---\nb: 2",
        "a: [1\nb: 2",
        "a: b: c",
        "\ta: 1",
        "a: !!binary aGVsbG8=",
        "a: \"\\q\""
      })
  void whatIsNotPlainYamlIsRefused(String text) {
    assertThatThrownBy(() -> YamlReader.read(text, "job.yaml"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("job.yaml, line ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"- a\n- b", "text", "[1, 2]"})
  void aDocumentThatIsNoMappingIsRefused(String text) {
    assertThatThrownBy(() -> OptionValues.parse(text, "job.yaml", List.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage("job.yaml, line 1: is not a mapping of keys to values");
  }

  @Test
  void aKeyInTwoSpellingsIsRefused() {
    assertThatThrownBy(
            () ->
                OptionValues.parse(Yaml.MINIMAL + "model:\n  features: 5\n", "job.yaml", List.of()))
        .hasMessage("model.features: is given twice (job.yaml, line 4)");
  }

  @Test
  void aSyntaxErrorDoesNotQuoteTheText() {
    assertThatThrownBy(() -> YamlReader.read("a:\n  password: hunter2: x\n", "job.yaml"))
        .hasMessage("job.yaml, line 2: is not valid YAML: mapping values are not allowed here")
        .hasMessageNotContaining("hunter2");
  }
}
