package io.counterweight.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.counterweight.config.EngineConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CounterweightTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void writeConfiguration() throws IOException {
    file = folder.resolve("job.yaml");
    Files.writeString(file, "kafka: {bootstrap-servers: 'localhost:9092'}\nmodel: {features: 3}\n");
  }

  private int run(String... arguments) {
    CommandLine command = Counterweight.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }

  @Test
  void configCheckPrintsWhatCanBeLoadedAgain() {
    int exit = run("config", "check", file.toString(), "--set", "learner.mini-batch=16");

    assertThat(exit).isZero();
    assertThat(EngineConfig.parse(out.toString()).learner().miniBatch()).isEqualTo(16);
    assertThat(err.toString()).contains("is fine");
  }

  @Test
  void aWrongConfigurationIsExplainedInOneLine() throws IOException {
    Files.writeString(file, "learner: {mini-batch: abc}\n", StandardOpenOption.APPEND);

    int exit = run("config", "check", file.toString());

    assertThat(exit).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "counterweight: learner.mini-batch: is 'abc', expected an integer of 1 to 65536"
                + " (job.yaml, line 3)");
  }

  @Test
  void verboseShowsTheStackTraceWhereverItStands() {
    assertThat(run("config", "check", folder.resolve("none.yaml").toString(), "--verbose"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("there is no such file", "at io.counterweight.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "config", "topics", "topics create", "no-such", "config check a b", "--no"})
  void wrongUseIsExplained(String arguments) {
    int exit = run(arguments.isEmpty() ? new String[0] : arguments.split(" "));

    assertThat(exit).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("--help").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--help", "config check --help", "topics create --help", "console --help"})
  void helpShowsExamples(String arguments) {
    assertThat(run(arguments.split(" "))).isZero();
    assertThat(out.toString()).contains("Usage: counterweight", "Examples:");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void theVersionIsPrinted() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).contains("counterweight", "Flink 2.", "Kafka clients 4.", "Java ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jobmanager:8081", "ftp://jobmanager", "http://", "http://a b"})
  void theConsoleAsksForAnAddressOfFlink(String address) {
    int exit = run("console", "--config", file.toString(), "--flink", address);

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).contains("--flink is '" + address + "'");
  }

  @Test
  void aBrokerThatDoesNotAnswerIsNamed() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String server = "localhost:" + silent.getLocalPort();

      int exit =
          run(
              "topics",
              "create",
              "--config",
              file.toString(),
              "--set",
              "kafka.bootstrap-servers=" + server,
              "--timeout",
              "1");

      assertThat(exit).isEqualTo(1);
      assertThat(err.toString())
          .startsWith(
              "counterweight: No Kafka broker answered at "
                  + server
                  + " (kafka.bootstrap-servers) within 1 s")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void aHostThatDoesNotExistIsNamed() {
    int exit =
        run(
            "topics",
            "create",
            "--config",
            file.toString(),
            "--set",
            "kafka.bootstrap-servers=broker.invalid:9092");

    assertThat(exit).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "counterweight: No host of broker.invalid:9092 (kafka.bootstrap-servers) can be"
                + " resolved");
  }

  @Test
  void aPropertyThatTheClientRefusesIsAWrongConfiguration() {
    int exit =
        run(
            "topics",
            "create",
            "--config",
            file.toString(),
            "--set",
            "kafka.properties.security.protocol=NONSENSE");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).contains("kafka.properties: are refused", "security.protocol");
  }

  @Test
  void everyCommandShowsExamplesThatParse() {
    List<CommandLine> commands = new ArrayList<>(List.of(Counterweight.commandLine()));
    for (int i = 0; i < commands.size(); i++) {
      CommandLine command = commands.get(i);
      commands.addAll(command.getSubcommands().values());
      if (command.getCommandSpec().usageMessage().hidden() || isGroup(command, i)) {
        continue;
      }
      String[] examples = command.getCommandSpec().usageMessage().footer();
      assertThat(examples).as(command.getCommandName()).isNotEmpty();
      for (String example : examples) {
        if (example.strip().startsWith("counterweight ")) {
          String[] words = example.strip().split(" +[(>]")[0].split(" +");
          Counterweight.commandLine().parseArgs(Arrays.copyOfRange(words, 1, words.length));
        }
      }
    }
  }

  private static boolean isGroup(CommandLine command, int index) {
    return index > 0 && !command.getSubcommands().isEmpty();
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    assertThat(run("completion")).isZero();
    Path script = folder.resolve("completion");
    Files.writeString(script, out.toString());

    assertThat(completed(script, "counterweight", "rep")).contains("replay");
    assertThat(completed(script, "counterweight", "replay", "--trusted"))
        .contains("--trusted-fraction", "--trusted-delay");
    assertThat(completed(script, "counterweight", "topics", "")).contains("create");
  }

  /** What bash offers for the last word. */
  private static List<String> completed(Path script, String... words) throws Exception {
    assumeTrue(Files.exists(Path.of("/bin/bash")), "there is no bash");
    String line = String.join(" ", words);
    String commands =
        "source %s; COMP_WORDS=(%s%s); COMP_CWORD=%d; COMP_LINE='%s'; COMP_POINT=%d;"
            + " _complete_counterweight; printf '%%s\\n' \"${COMPREPLY[@]}\"";
    String last = words[words.length - 1].isEmpty() ? " ''" : "";
    Process bash =
        new ProcessBuilder(
                "/bin/bash",
                "-c",
                String.format(commands, script, line, last, words.length - 1, line, line.length()))
            .redirectErrorStream(true)
            .start();
    String offered = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(offered).isZero();
    return offered.lines().toList();
  }
}
