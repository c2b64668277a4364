package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.config.EngineConfig;
import io.counterweight.embedded.BrokerSecurity;
import io.counterweight.embedded.BrokerSecurity.Mechanism;
import io.counterweight.embedded.EmbeddedKafka;
import io.counterweight.event.SampleWeight;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TestKeys;
import io.counterweight.support.TestTopics;
import io.counterweight.support.TopicReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The commands and the job against a broker that speaks TLS and lets in users by their passwords.
 * The commands run in processes of their own, which have the password from their environment, and
 * log more than they usually do; it must be in nothing that they print or log.
 */
class SecureKafkaITCase {
  private static final String USER = "alice";
  private static final String PASSWORD = "correct-horse.battery_staple";
  private static final String WRONG_PASSWORD = "wrong-horse.battery_staple";
  private static final String STORE_PASSWORD = "store-of-many-keys";
  private static final String VARIABLE = "COUNTERWEIGHT_TEST_KAFKA_PASSWORD";
  private static final int EVENTS_PER_KEY = 64;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir static Path directory;

  private static BrokerSecurity security;
  private static EmbeddedKafka kafka;

  /** What a command left behind. */
  private record Ended(int status, String output) {}

  @BeforeAll
  static void startBroker() throws Exception {
    TestKeys keys = TestKeys.create(directory, STORE_PASSWORD);
    Files.writeString(directory.resolve("store-password"), STORE_PASSWORD + "\n");
    Files.writeString(
        directory.resolve("log4j2.properties"),
        """
        status = fatal
        appender.file.type = File
        appender.file.name = file
        appender.file.fileName = ${sys:counterweight.log}
        appender.file.layout.type = PatternLayout
        appender.file.layout.pattern = %p %c %m%n%throwable
        rootLogger.level = info
        rootLogger.appenderRef.file.ref = file
        """);
    security =
        new BrokerSecurity(
            keys.keystore(), keys.truststore(), STORE_PASSWORD, Map.of(USER, PASSWORD));
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), security);
  }

  @AfterAll
  static void stopBroker() {
    if (kafka != null) {
      kafka.close();
    }
  }

  @Test
  void theJobRunsAndTellsNobodyThePassword() throws Exception {
    Path file = configuration("job", Mechanism.SCRAM_SHA_512);
    String path = file.toString();

    Ended check = command(PASSWORD, "config", "check", path);
    assertThat(check.status()).as(check.output()).isZero();
    assertThat(check.output())
        .contains("sasl.jaas.config: (secret)", "ssl.truststore.password: (secret)")
        .contains("sasl.mechanism: SCRAM-SHA-512");

    Ended topics = command(PASSWORD, "topics", "create", "--config", path);
    assertThat(topics.status()).as(topics.output()).isZero();
    assertThat(topics.output()).contains("created  job-events", "created  job-rejects");

    runTheJob(file);

    assertThat(Files.readString(directory.resolve("job.log")))
        .contains("sasl.mechanism = SCRAM-SHA-512", "sasl.jaas.config = [hidden]");
    assertNothingTells();
  }

  private static void runTheJob(Path file) throws Exception {
    Map<String, String> client = security.clientProperties(Mechanism.SCRAM_SHA_512, USER, PASSWORD);
    Traffic.Topics topics = new Traffic.Topics("job-events", "job-trusted", "job-predictions");
    Process run = start(PASSWORD, directory.resolve("job.out"), "run", "--config", file.toString());
    try (Traffic traffic =
            new Traffic(kafka.bootstrapServers(), EVENTS_PER_KEY, 3, topics, client);
        TopicReader<SampleWeight> weights =
            new TopicReader<>(
                kafka.bootstrapServers(), "job-weights", RecordType.SAMPLE_WEIGHT, client)) {
      traffic.start();
      traffic.awaitSent();
      assertThat(traffic.awaitPredictions(PATIENCE)).hasSize(traffic.labelled());
      weights.await(PATIENCE, all -> all.size() >= traffic.labelled());
      assertThat(weights.drain())
          .hasSize(traffic.labelled())
          .extracting(SampleWeight::eventId)
          .doesNotHaveDuplicates();
      assertThat(run.isAlive()).isTrue();
      run.destroy();
      assertThat(run.waitFor(1, TimeUnit.MINUTES)).isTrue();
    } catch (AssertionError e) {
      e.addSuppressed(new AssertionError(Files.readString(directory.resolve("job.out"))));
      throw e;
    } finally {
      run.destroyForcibly();
    }
  }

  @Test
  void aWrongPasswordIsSaidWithoutBeingShown() throws Exception {
    Path file = configuration("wrong", Mechanism.SCRAM_SHA_256);

    for (String[] arguments :
        new String[][] {
          {"topics", "create", "--config", file.toString()}, {"run", "--config", file.toString()}
        }) {
      Ended ended = command(WRONG_PASSWORD, arguments);

      assertThat(ended.status()).as(ended.output()).isEqualTo(1);
      assertThat(ended.output())
          .contains("The Kafka broker at " + kafka.bootstrapServers(), "refuses to let us in")
          .contains("invalid credentials");
    }
    assertNothingTells();
  }

  @Test
  void aVariableThatIsNotSetIsNamed() throws Exception {
    Ended ended =
        command(null, "config", "check", configuration("none", Mechanism.PLAIN).toString());

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.output())
        .contains(
            "kafka.properties.sasl.jaas.config: refers to the environment variable '"
                + VARIABLE
                + "', which is not set");
  }

  @ParameterizedTest
  @EnumSource(Mechanism.class)
  void topicsAreCreatedByEveryMechanism(Mechanism mechanism) throws Exception {
    EngineConfig config = config("by-" + mechanism.kafkaName(), mechanism, PASSWORD);

    assertThat(KafkaTopics.create(config, PATIENCE)).allMatch(KafkaTopics.Topic::created);
    assertThatThrownBy(
            () ->
                KafkaTopics.create(
                    config("never", mechanism, WRONG_PASSWORD), Duration.ofSeconds(20)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("refuses to let us in")
        .hasMessageNotContaining(WRONG_PASSWORD);
  }

  @Test
  void aCertificateThatNobodyVouchesForIsSaid() throws Exception {
    TestKeys other =
        TestKeys.create(Files.createDirectory(directory.resolve("other")), STORE_PASSWORD);
    EngineConfig config =
        config(
            "untrusted",
            Mechanism.PLAIN,
            PASSWORD,
            "kafka.properties.ssl.truststore.location=" + other.truststore());

    assertThatThrownBy(() -> KafkaTopics.create(config, Duration.ofSeconds(20)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("The TLS handshake with the Kafka broker at")
        .hasMessageContaining("ssl.truststore.*")
        .hasMessageNotContaining(PASSWORD);
  }

  @Test
  void aHostThatIsNotTheCertificatesIsSaid() {
    String other = kafka.bootstrapServers().replace("127.0.0.1", "localhost");
    EngineConfig config =
        config("host", Mechanism.PLAIN, PASSWORD, "kafka.bootstrap-servers=" + other);

    assertThatThrownBy(() -> KafkaTopics.create(config, Duration.ofSeconds(20)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("The TLS handshake with the Kafka broker at " + other)
        .hasMessageContaining("localhost");
  }

  @Test
  void aClientThatDoesNotSpeakTlsIsNotLeftWaiting() {
    EngineConfig config =
        config("plain", Mechanism.PLAIN, PASSWORD, "kafka.properties.security.protocol=PLAINTEXT");

    assertThatThrownBy(() -> KafkaTopics.create(config, Duration.ofSeconds(5)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does security.protocol in kafka.properties fit?");
  }

  @Test
  void aJaasConfigurationThatCannotBeReadIsNotQuoted() throws Exception {
    EngineConfig config = config("quoted", Mechanism.PLAIN, "\"; " + WRONG_PASSWORD);

    assertThatThrownBy(() -> KafkaTopics.create(config, Duration.ofSeconds(20)))
        .hasMessageContaining("kafka.properties: are refused by the Kafka client")
        .hasMessageContaining("sasl.jaas.config")
        .hasMessageNotContaining(WRONG_PASSWORD);
  }

  // ------------------------------------------------------------------------------------- helpers

  private static List<String> yaml(String name, Mechanism mechanism, String password) {
    Map<String, String> client = security.clientProperties(mechanism, USER, password);
    List<String> lines = new ArrayList<>();
    lines.add("kafka.bootstrap-servers: " + kafka.bootstrapServers());
    lines.add("kafka.group-id: " + name);
    client.forEach((key, value) -> lines.add("kafka.properties." + key + ": '" + value + "'"));
    lines.removeIf(line -> line.contains("truststore.password"));
    lines.add(
        "kafka.properties.ssl.truststore.password: ${file:"
            + directory.resolve("store-password")
            + "}");
    lines.addAll(TestTopics.lines(name));
    lines.add("topics.partitions: " + Traffic.KEYS);
    lines.add("sinks.transactional-id-prefix: " + name);
    lines.add("model.features: " + Traffic.FEATURES);
    lines.add("model.hidden: [4]");
    lines.add("learner.ordering: event-time");
    lines.add("learner.max-latency: 1 d");
    lines.add("learner.mini-batch: 8");
    lines.add("watermarks.out-of-orderness: 0 s");
    lines.add("watermarks.idleness: 10 min");
    lines.add("state.checkpoint-interval: 500 ms");
    lines.add("state.checkpoint-directory: " + directory.resolve(name + "-checkpoints"));
    return lines;
  }

  private static EngineConfig config(
      String name, Mechanism mechanism, String password, String... overrides) {
    return EngineConfig.parse(String.join("\n", yaml(name, mechanism, password)), overrides);
  }

  /** A file that has the password from the environment. */
  private static Path configuration(String name, Mechanism mechanism) throws IOException {
    return Files.write(
        directory.resolve(name + ".yaml"), yaml(name, mechanism, "${env:" + VARIABLE + "}"));
  }

  private static Ended command(String password, String... arguments) throws Exception {
    Path output = directory.resolve(String.join("-", arguments).replace('/', '_') + ".out");
    Process process = start(password, output, arguments);
    try {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(output));
  }

  private static Process start(String password, Path output, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx500m");
    command.add("-XX:+UseSerialGC");
    command.add("--add-modules=jdk.incubator.vector");
    command.add("--add-opens=java.base/java.util=ALL-UNNAMED");
    command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
    command.add("-Dlog4j2.configurationFile=" + directory.resolve("log4j2.properties"));
    command.add("-Dcounterweight.log=" + output.toString().replaceFirst("\\.out$", ".log"));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("io.counterweight.cli.Counterweight");
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove(VARIABLE);
    if (password != null) {
      builder.environment().put(VARIABLE, password);
    }
    return builder.redirectOutput(output.toFile()).start();
  }

  private static void assertNothingTells() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> texts = files.filter(file -> file.toString().matches(".*\\.(out|log)")).toList();
      assertThat(texts).isNotEmpty();
      for (Path text : texts) {
        assertThat(Files.readString(text))
            .as("%s", text)
            .doesNotContain(PASSWORD, WRONG_PASSWORD, STORE_PASSWORD);
      }
    }
  }
}
