package io.counterweight.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.serde.EventFormat;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaRegistrySettingsTest {
  private static final String PASSWORD = "hunter2hunter2";
  private static final String URL = "schema-registry.url=http://registry:8081";

  @Test
  void withoutAnyOfItThereIsNoRegistry() {
    EngineConfig config = EngineConfig.parse(Yaml.MINIMAL);

    assertThat(config.schemaRegistry().isConfigured()).isFalse();
    assertThat(config.sinks().format()).isEqualTo(SinkSettings.Format.AVRO);
  }

  @Test
  void everyKeyIsRead() {
    EngineConfig config =
        EngineConfig.parse(
            Yaml.MINIMAL
                + "schema-registry:\n"
                + "  url: [http://a:8081, 'https://b/sub/']\n"
                + "  username: ada\n"
                + "  password: hunter2hunter2\n"
                + "  auto-register: false\n"
                + "  patience: 5 s\n"
                + "input.format: confluent\n"
                + "sinks.format: confluent\n");

    assertThat(config.schemaRegistry())
        .isEqualTo(
            new SchemaRegistrySettings(
                List.of(URI.create("http://a:8081"), URI.create("https://b/sub/")),
                "ada",
                PASSWORD,
                false,
                Duration.ofSeconds(5)));
    assertThat(config.input().format()).isEqualTo(EventFormat.CONFLUENT);
    assertThat(config.asScorer().sinks().format()).isEqualTo(SinkSettings.Format.CONFLUENT);
    assertThat(config.asScorer().schemaRegistry()).isEqualTo(config.schemaRegistry());
  }

  @ParameterizedTest
  @ValueSource(strings = {"input.format", "sinks.format"})
  void theFormatNeedsARegistry(String key) {
    assertThatThrownBy(() -> EngineConfig.parse(Yaml.MINIMAL, key + "=confluent"))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            key
                + ": is 'confluent', expected another format where there is no schema-registry.url"
                + " (command line)");
    assertThat(EngineConfig.parse(Yaml.MINIMAL, key + "=confluent", URL)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "registry:8081",
        "ftp://registry",
        "http://",
        "http:///subjects",
        "http://a:8081?x=1",
        "http://a b",
        "http://a,"
      })
  void whatIsNoAddressIsRefused(String url) {
    assertThatThrownBy(() -> EngineConfig.parse(Yaml.MINIMAL, "schema-registry.url=" + url))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("schema-registry.url: is '")
        .hasMessageContaining("expected addresses that begin with http:// or https://");
  }

  @Test
  void aPasswordInTheAddressIsRefusedAndNotShown() {
    assertThatThrownBy(
            () ->
                EngineConfig.parse(
                    Yaml.MINIMAL, "schema-registry.url=http://ada:" + PASSWORD + "@registry"))
        .hasMessageContaining("without a user")
        .hasMessageNotContaining(PASSWORD);
  }

  @Test
  void userAndPasswordGoTogether() {
    assertThatThrownBy(() -> EngineConfig.parse(Yaml.MINIMAL, URL, "schema-registry.username=ada"))
        .hasMessage(
            "schema-registry.username: is 'ada', expected none without schema-registry.password"
                + " (command line)");
    assertThatThrownBy(
            () -> EngineConfig.parse(Yaml.MINIMAL, URL, "schema-registry.password=" + PASSWORD))
        .hasMessage(
            "schema-registry.password: is '(secret)', expected none without"
                + " schema-registry.username (command line)");
  }

  @Test
  void thePasswordIsNeverShown(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
    for (String password : List.of(PASSWORD, "${file:" + file + "}")) {
      OptionValues values =
          OptionValues.parse(
              Yaml.MINIMAL,
              "job.yaml",
              List.of(URL, "schema-registry.username=ada", "schema-registry.password=" + password));

      assertThat(values.toYaml())
          .contains("username: ada", "password: (secret)", "url:\n    - http://registry:8081")
          .doesNotContain(PASSWORD);
      EngineConfig config = values.toEngineConfig();
      assertThat(config.schemaRegistry().password()).isEqualTo(PASSWORD);
      assertThat(config.toString()).contains("username=ada").doesNotContain(PASSWORD);
      assertThat(OptionValues.parse(values.toYaml(), "again", List.of()).toYaml())
          .isEqualTo(values.toYaml());
    }
  }
}
