package io.counterweight.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.counterweight.support.TestBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command of the README and of the worked example is run, as a user would, in the order of
 * the page. Only sizes are smaller, ports free ones, and the broker is another.
 */
class DocumentedCommandsITCase {
  private static final Path ROOT = Path.of("").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** Longest first; what is added to commands that begin so. */
  private static final List<Map.Entry<String, String>> ADDED =
      List.of(
          Map.entry("bin/counterweight demo", " --events 3000 --console-port 0"),
          Map.entry("bin/counterweight bench", " --seconds 3 --shapes small --batches 16"),
          Map.entry("bin/counterweight topics", " --set kafka.bootstrap-servers=BROKER"),
          Map.entry("bin/counterweight inspect", " --set kafka.bootstrap-servers=BROKER"),
          Map.entry(
              "bin/counterweight run",
              " --set kafka.bootstrap-servers=BROKER --set console.port=0"
                  + " --set state.checkpoint-directory=CHECKPOINTS"));

  /** They go on until they are stopped. */
  private static final String RUNS_ON = "bin/counterweight run ";

  /** What is tried elsewhere, or is the check that this test belongs to. */
  private static final List<String> ELSEWHERE =
      List.of(
          "mvn ", // this is one of its tests
          "flink run ", // ClusterFaultsITCase submits the job jar to a cluster
          "docker compose ", // ComposeFileTest; needs an engine
          "kubectl ", // KubernetesManifestsTest; needs a cluster
          "deploy/local-cluster "); // ClusterFaultsITCase

  @TempDir private static Path folder;

  @BeforeAll
  static void prepare() throws IOException {
    for (String part : List.of("bin", "deploy", "docs", "target")) {
      Files.createSymbolicLink(folder.resolve(part), ROOT.resolve(part));
    }
    Files.writeString(folder.resolve("payments.csv"), payments());
    Files.writeString(
        folder.resolve("groups.json"), "{\"place\": [\"distance\", \"country_risk\"]}");
  }

  private static String payments() {
    Random random = new Random(3);
    StringBuilder csv =
        new StringBuilder("at,merchant,amount,distance,country_risk,note,is_fraud\n");
    for (int i = 0; i < 600; i++) {
      double amount = Math.exp(random.nextGaussian());
      double distance = Math.abs(random.nextGaussian());
      int fraud = amount * distance > 2 ? 1 : 0;
      csv.append(1_767_225_600_000L + 60_000L * i).append(",shop-").append(i % 2).append(',');
      csv.append(amount).append(',').append(distance).append(',').append(random.nextInt(3));
      csv.append(",seen,").append(fraud).append('\n');
    }
    return csv.toString();
  }

  @Test
  void theCommandsOfTheReadmeDoWhatTheySay() throws Exception {
    List<String> commands = commands("README.md");
    assertThat(commands).hasSizeGreaterThan(12);
    for (String command : commands) {
      run(command);
    }
    assertThat(folder.resolve("report.html")).isNotEmptyFile();
    assertThat(folder.resolve("result.json")).isNotEmptyFile();
    assertThat(folder.resolve("counterweight-demo.html")).isNotEmptyFile();
  }

  @Test
  void theWorkedExampleFindsWhatItSays() throws Exception {
    Path data = Path.of(System.getProperty("counterweight.data", "../shared/data"));
    Path csv = data.resolve("phishing/phishing.csv.gz");
    assumeTrue(Files.exists(csv), csv + " is absent: the worked example is not tried");
    Files.copy(csv, folder.resolve("phishing.csv.gz"));
    for (String command : commands("docs/worked-example.md")) {
      String output = run(command);
      // The sentence of the page, to the last digit: a replay is repeatable.
      assertThat(Files.readString(ROOT.resolve("docs/worked-example.md")))
          .contains(
              output.lines().filter(line -> line.contains("were flipped")).findAny().orElseThrow());
    }
    assertThat(folder.resolve("phishing.html")).isNotEmptyFile();
  }

  /** Of all code blocks of a page, each once, without what is told beside them. */
  private static List<String> commands(String page) throws IOException {
    Set<String> commands = new LinkedHashSet<>();
    boolean isCode = false;
    for (String line : Files.readAllLines(ROOT.resolve(page))) {
      if (line.startsWith("```")) {
        isCode = !isCode;
      } else if (isCode && line.matches("(bin/|deploy/|cp |mvn |flink |docker |kubectl ).*")) {
        commands.add(line.split(" +#")[0].strip());
      }
    }
    return new ArrayList<>(commands);
  }

  private static String run(String command) throws Exception {
    if (ELSEWHERE.stream().anyMatch(command::startsWith)) {
      return "";
    }
    String added =
        ADDED.stream()
            .filter(entry -> command.startsWith(entry.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse("")
            .replace("BROKER", TestBroker.shared().bootstrapServers())
            .replace("CHECKPOINTS", folder.resolve("checkpoints").toString());
    Path output = Files.createTempFile(folder, "output", ".txt");
    Process process =
        new ProcessBuilder("/bin/bash", "-c", "exec " + command + added)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (command.startsWith(RUNS_ON)) {
        awaitRunning(process, output, command);
        process.destroy(); // as Ctrl-C does, it asks it to end
      }
      boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      String text = Files.readString(output, StandardCharsets.UTF_8);
      assertThat(ended).as(command + added + "\n" + text).isTrue();
      if (!command.startsWith(RUNS_ON)) {
        assertThat(process.exitValue()).as(command + added + "\n" + text).isZero();
      }
      return text;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static void awaitRunning(Process process, Path output, String command)
      throws IOException, InterruptedException {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!Files.readString(output, StandardCharsets.UTF_8).contains("running")) {
      assertThat(process.waitFor(200, TimeUnit.MILLISECONDS))
          .as(command + "\n" + Files.readString(output, StandardCharsets.UTF_8))
          .isFalse();
      assertThat(Instant.now()).as(command).isBefore(deadline);
    }
  }

  @Test
  void pagesLinkToWhatIsThere() throws IOException {
    for (String page : pages()) {
      String text = Files.readString(ROOT.resolve(page));
      Path from = ROOT.resolve(page).getParent();
      Matcher link = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)").matcher(text);
      while (link.find()) {
        assertThat(from.resolve(link.group(1))).as(page).exists();
      }
    }
  }

  private static List<String> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      List<String> pages =
          new ArrayList<>(
              docs.filter(path -> path.toString().endsWith(".md"))
                  .map(path -> ROOT.relativize(path).toString())
                  .toList());
      pages.addAll(List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md"));
      assertThat(pages.stream().collect(joining(" "))).contains("docs/operations.md");
      return pages;
    }
  }
}
