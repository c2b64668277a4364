package io.counterweight.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every option alike. */
class OptionsTest {
  private static final String UNFIT = "no such value!";

  /** Values for options that take almost any text. */
  private static final Map<String, String> UNFIT_BY_KEY =
      Map.of(
          "model.features",
          "0",
          "state.checkpoint-directory",
          " ",
          "job.name",
          " ",
          "learner.parent",
          " ",
          "schema-registry.password",
          "x".repeat(1001));

  static List<Option<?>> options() {
    return Options.all();
  }

  @ParameterizedTest
  @MethodSource("options")
  void anInvalidValueIsReportedWithKeyValueRuleAndLine(Option<?> option) {
    String value = UNFIT_BY_KEY.getOrDefault(option.key(), UNFIT);
    String yaml = Yaml.minimalWithout(option.key()) + option.key() + ": '" + value + "'\n";
    long line = yaml.lines().count();

    assertThatThrownBy(() -> OptionValues.parse(yaml, "job.yaml", List.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "%s: is '%s', expected %s (job.yaml, line %d)",
            option.key(),
            option == Options.REGISTRY_PASSWORD ? Secrets.MASK : value,
            option.type().rule(),
            line);
  }

  @ParameterizedTest
  @MethodSource("options")
  void aDefaultIsValidAndReadsBackFromItsText(Option<?> option) {
    assertDefaultReadsBack(option);
  }

  private static <T> void assertDefaultReadsBack(Option<T> option) {
    option
        .standard()
        .ifPresent(
            value ->
                assertThat(option.parse(Node.ofPlain(option.type().plain(value), "here")))
                    .isEqualTo(value));
  }

  @ParameterizedTest
  @MethodSource("options")
  void anOptionIsDescribedInOneSentence(Option<?> option) {
    assertThat(option.description()).matches("[A-Z][^.]*(\\.[a-z0-9][^.]*)*\\.");
    assertThat(option.type().rule()).isNotBlank().doesNotEndWith(".");
    assertThat(option.key()).matches("[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)+");
  }

  @Test
  void keysAreUnique() {
    assertThat(options()).extracting(Option::key).doesNotHaveDuplicates();
  }

  @Test
  void noKeyIsASectionOfAnother() {
    for (Option<?> option : options()) {
      assertThat(options())
          .extracting(Option::key)
          .noneMatch(key -> key.startsWith(option.key() + "."));
    }
  }

  @Test
  void onlyTheBrokersAndTheFeaturesAreRequired() {
    assertThat(options())
        .filteredOn(Option::isRequired)
        .extracting(Option::key)
        .containsExactly("kafka.bootstrap-servers", "model.features");
  }
}
