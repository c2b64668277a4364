package io.counterweight.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The resolved configuration as text. */
class OptionValuesTest {
  private static final String FULL =
      """
      kafka:
        bootstrap-servers: [a:9092, "[::1]:9092"]
        properties:
          security.protocol: SSL
          client.rack: "yes: # 'no' \\"maybe\\"\\nnull"
          empty: ""
          tilde: "~"
          number: 007
      model:
        features: [amount, "null", "a: b", "true", "- x", "#y", "é", "1.5"]
        concepts:
          "odd: name": [amount, 1]
        hidden: []
        dropout: 1e-7
      learner:
        lanes: [bilevel]
        weights-lane: bilevel
        weight-net: {inputs: z-loss+label+concepts}
        optimizer: {epsilon: 3.4e+38, learning-rate: 0.1234567}
        max-latency: 90000
      state: {cache-bytes: 1536 KiB}
      dashboard: {port: 0}
      """;

  @Test
  void theDefaultsReadBackAsTheSame() {
    assertReadsBack(Yaml.MINIMAL);
  }

  @Test
  void awkwardValuesReadBackAsTheSame() {
    assertReadsBack(FULL.replace("hidden: []", "hidden: [4]"));
    assertReadsBack(FULL.replace("  concepts:\n    \"odd: name\": [amount, 1]\n", ""));
  }

  private static void assertReadsBack(String yaml) {
    OptionValues values = OptionValues.parse(yaml, "job.yaml", List.of());
    OptionValues again = OptionValues.parse(values.toYaml(), "again.yaml", List.of());

    assertThat(again.toEngineConfig()).isEqualTo(values.toEngineConfig());
    assertThat(again.toYaml()).isEqualTo(values.toYaml());
  }

  @Test
  void everyKeyWithAValueIsPrinted() {
    String yaml = OptionValues.parse(Yaml.MINIMAL, "job.yaml", List.of()).toYaml();

    for (Option<?> option : Options.all()) {
      if (option.absence().isEmpty()) {
        String name = option.key().substring(option.key().lastIndexOf('.') + 1);
        assertThat(yaml).containsPattern("(?m)^ +" + name + ":");
      }
    }
    assertThat(yaml).contains("  join: false\n");
    assertThat(yaml).contains("  hidden:\n").contains("  max-latency: 1 s\n");
  }

  @Test
  void secretsAreMaskedInEveryText() {
    String secret = "hunter2";
    String yaml =
        Yaml.MINIMAL
            + """
            kafka:
              properties:
                sasl.jaas.config: org.apache.kafka.PlainLoginModule required password="hunter2";
                ssl.keystore.password: hunter2
                ssl: {key: {password: hunter2}}
                basic.auth.user.info: me:hunter2
                schema.registry.url: https://me:hunter2@registry:8081
                sasl.mechanism: PLAIN
            """;

    OptionValues values = OptionValues.parse(yaml, "job.yaml", List.of());

    assertThat(values.toYaml())
        .doesNotContain(secret)
        .contains("ssl.keystore.password: (secret)", "sasl.mechanism: PLAIN");
    assertThat(values.toEngineConfig().toString()).doesNotContain(secret);
    assertThat(values.toEngineConfig().kafka().properties())
        .containsEntry("ssl.keystore.password", secret);
    assertThat(values.toEngineConfig().kafka().masked("bad password hunter2, sorry"))
        .isEqualTo("bad password (secret), sorry");
    assertThat(OptionValues.parse(values.toYaml(), "again", List.of()).toYaml())
        .isEqualTo(values.toYaml());
  }

  @Test
  void secretsAreMaskedInMessages() {
    Node node = YamlReader.read("{properties: {ssl.key.password: hunter2, list: [a]}}", "job.yaml");

    assertThat(node.display("kafka"))
        .isEqualTo("{properties: {ssl.key.password: (secret), list: [a]}}");
    assertThat(
            KafkaSettings.masked(
                Map.of("client.id", "x", "ssl.keystore.location", "/k"), SecretValues.NONE))
        .isEqualTo(Map.of("client.id", "x", "ssl.keystore.location", "(secret)"));
  }

  @Test
  void secretsInsideAJaasConfigurationAreMaskedAlone() {
    EngineConfig config =
        EngineConfig.parse(
            Yaml.MINIMAL
                + """
                kafka.properties.sasl.jaas.config: >-
                  x.ScramLoginModule required username="me" password="hunter2" tokenauth='t0kens';
                """);

    assertThat(config.kafka().masked("me may not enter with hunter2 or t0kens"))
        .isEqualTo("me may not enter with (secret) or (secret)");
  }
}
