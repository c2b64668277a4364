package io.counterweight.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that come from the environment and from files. */
class SecretReferencesTest {
  private static final String SECRET = "hunter2hunter2";

  @TempDir private Path folder;

  private final SecretReferences references =
      new SecretReferences(
          Map.of("KAFKA_PASSWORD", SECRET, "EMPTY", "", "NESTED", "${env:KAFKA_PASSWORD}")::get);

  private String resolve(String text) {
    Node node = references.resolve("some.key", new Node.Scalar(text, "job.yaml, line 3"));
    return ((Node.Scalar) node).text();
  }

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("secret"), content);
  }

  @Test
  void referencesAreReplacedWhereverTheyStand() throws IOException {
    Path file = file("from-a-file");

    assertThat(resolve("${env:KAFKA_PASSWORD}")).isEqualTo(SECRET);
    assertThat(resolve("a ${env:KAFKA_PASSWORD} b ${file:" + file + "};"))
        .isEqualTo("a " + SECRET + " b from-a-file;");
    assertThat(resolve("[${env:EMPTY}]")).isEqualTo("[]");
  }

  @Test
  void whatWasPutInAndOtherTextsInBracesAreLeftAlone() {
    assertThat(resolve("${env:NESTED}")).isEqualTo("${env:KAFKA_PASSWORD}");
    assertThat(resolve("${vault:x} $HOME ${}")).isEqualTo("${vault:x} $HOME ${}");
  }

  @Test
  void oneNewlineAtTheEndOfAFileIsStripped() throws IOException {
    assertThat(resolve("${file:" + file("a\nb\n") + "}")).isEqualTo("a\nb");
    assertThat(resolve("${file:" + file("a\r\n") + "}")).isEqualTo("a");
    assertThat(resolve("${file:" + file("a\n\n") + "}")).isEqualTo("a\n");
  }

  @Test
  void listsAndMappingsAreSearchedAndTheirKeysRemembered() {
    Node node =
        YamlReader.read("{ssl: {pass: '${env:KAFKA_PASSWORD}'}, list: [a, '${env:EMPTY}']}", "x");

    Node resolved = references.resolve("kafka.properties", node);

    assertThat(resolved.display("kafka.properties"))
        .isEqualTo("{ssl: {pass: (secret)}, list: [a, (secret)]}");
    assertThat(references.found().keys())
        .containsExactlyInAnyOrder("kafka.properties.ssl.pass", "kafka.properties.list");
  }

  @Test
  void aVariableThatIsNotSetIsAnErrorThatNamesTheKey() {
    assertThatThrownBy(() -> resolve(SECRET + "${env:NO_SUCH}"))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "some.key: refers to the environment variable 'NO_SUCH', which is not set"
                + " (job.yaml, line 3)");
    assertThatThrownBy(() -> resolve("${env:}"))
        .hasMessageContaining("some.key: refers to the environment variable ''");
  }

  @Test
  void aFileThatCannotBeReadIsAnErrorThatNamesTheKey() throws IOException {
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0x20});

    assertThatThrownBy(() -> resolve("${file:/no/such}"))
        .hasMessage(
            "some.key: refers to the file '/no/such', which does not exist (job.yaml, line 3)");
    assertThatThrownBy(() -> resolve("${file:" + folder + "}"))
        .hasMessageContaining("some.key: refers to the file")
        .hasMessageContaining("cannot be read");
    assertThatThrownBy(() -> resolve("${file:" + binary + "}"))
        .hasMessageContaining("is not text in UTF-8");
  }

  @Test
  void aReferenceThatIsNotClosedIsAnErrorThatDoesNotQuoteTheValue() {
    assertThatThrownBy(() -> resolve(SECRET + "${env:KAFKA_PASSWORD"))
        .hasMessage("some.key: holds a reference without its closing brace (job.yaml, line 3)");
  }

  // --------------------------------------------------------------- in a configuration as a whole

  @Test
  void whatCameFromAReferenceIsNeverShown() throws IOException {
    Path file = file(SECRET + "\n");
    OptionValues values =
        OptionValues.parse(
            Yaml.MINIMAL + "kafka.properties: {client.rack: 'in ${file:" + file + "}'}\n",
            "job.yaml",
            List.of("job.name=${file:" + file + "}"));

    assertThat(values.toYaml())
        .contains("client.rack: (secret)", "name: (secret)")
        .doesNotContain(SECRET);
    EngineConfig config = values.toEngineConfig();
    assertThat(config.kafka().properties()).containsEntry("client.rack", "in " + SECRET);
    assertThat(config.job().name()).isEqualTo(SECRET);
    assertThat(config.toString()).contains("client.rack=(secret)").doesNotContain(SECRET);
    assertThat(config.kafka().toString()).doesNotContain(SECRET);
    assertThat(config.kafka().secrets().toString()).doesNotContain(SECRET);
    assertThat(config.kafka().masked("no rack " + SECRET)).isEqualTo("no rack (secret)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "learner.mini-batch",
        "learner.lanes",
        "kafka.bootstrap-servers",
        "state.checkpoint-interval",
        "learner.weights-lane"
      })
  void errorsDoNotQuoteWhatCameFromAReference(String key) throws IOException {
    Path file = file(SECRET);

    assertThatThrownBy(() -> EngineConfig.parse(Yaml.MINIMAL, key + "=${file:" + file + "}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(key + ": is '(secret)', expected ")
        .hasMessageEndingWith(" (command line)")
        .hasMessageNotContaining(SECRET);
  }

  @Test
  void errorsBetweenKeysDoNotQuoteThemEither() throws IOException {
    Path file = file("129");

    assertThatThrownBy(
            () -> EngineConfig.parse(Yaml.MINIMAL, "job.parallelism=${file:" + file + "}"))
        .hasMessage(
            "job.parallelism: is '(secret)', expected at most job.max-parallelism (128)"
                + " (command line)");
  }

  @Test
  void aShortTextIsMaskedAsAWordOnly() {
    SecretValues secrets = new SecretValues(Set.of(), Set.of("ab", "abcd"));

    assertThat(secrets.masked("abcd ab cabin")).isEqualTo("(secret) (secret) cabin");
  }
}
