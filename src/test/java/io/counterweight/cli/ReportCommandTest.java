package io.counterweight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.support.SyntheticStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command on files; on a run's see {@link ReplayITCase}. */
class ReportCommandTest {
  private static final String YAML =
      """
      kafka.bootstrap-servers: localhost:9092
      model.features: [amount, count, lon, lat]
      model.concepts: {amount: [amount], rest: [count, lon, lat]}
      model.hidden: [6, 4]
      learner.mini-batch: 4
      """;
  private static final Pattern DATA = Pattern.compile("id=\"report-data\">(.*?)</script>");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int run(Object... arguments) {
    CommandLine command = Counterweight.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private JsonNode report(Object... arguments) throws IOException {
    Path page = folder.resolve("page.html");
    Object[] all = Arrays.copyOf(arguments, arguments.length + 3);
    System.arraycopy(new Object[] {"report", "-o", page}, 0, all, arguments.length, 3);
    Object[] inOrder = new Object[all.length];
    inOrder[0] = "report";
    System.arraycopy(arguments, 0, inOrder, 1, arguments.length);
    inOrder[all.length - 2] = "-o";
    inOrder[all.length - 1] = page;
    assertThat(run(inOrder)).as(err.toString()).isZero();
    assertThat(err.toString()).contains("counterweight: report: " + page);
    Matcher data = DATA.matcher(Files.readString(page));
    assertThat(data.find()).isTrue();
    return new ObjectMapper().readTree(data.group(1));
  }

  private Path learner() throws IOException {
    SyntheticStream stream = new SyntheticStream(4, 2, 0.2, 7);
    EngineConfig config = EngineConfig.parse(YAML);
    try (OnlineLearner learner = new OnlineLearner(config.learner(), Backends.named("scalar"))) {
      LearnerState state = learner.create("shop");
      for (int n = 0; n < 80; n++) {
        learner.observeTrusted(state, stream.trusted("shop", n));
        learner.observe(state, stream.labelled("shop", n));
        if (learner.isBatchFull(state)) {
          learner.learn(state);
        }
      }
      return Files.write(folder.resolve("learner.bin"), LearnerStateCodec.encode(state));
    }
  }

  @Test
  void aStoredModelIsShownWithAllItsLanes() throws IOException {
    JsonNode report = report(learner());

    assertThat(report.get("format").asInt()).isEqualTo(1);
    assertThat(report.get("kind").asText()).isEqualTo("snapshot");
    assertThat(report.get("title").asText()).isEqualTo("models of learner.bin");
    JsonNode model = report.at("/models/0");
    assertThat(model.get("key").asText()).isEqualTo("shop");
    assertThat(model.get("version").asLong()).isEqualTo(20);
    assertThat(model.get("sample").asInt()).isEqualTo(80);
    assertThat(model.get("bytes").asLong()).isEqualTo(Files.size(folder.resolve("learner.bin")));
    assertThat(model.get("lanes")).hasSize(4);
    assertThat(model.at("/lanes/0/concepts")).hasSize(2);
    assertThat(report.at("/keys/rows/0/events").asInt()).isEqualTo(80);
    assertThat(report.at("/keys/rows/0/labelled").isNull()).isTrue();
  }

  @Test
  void aConfigurationNamesTheFeatures() throws IOException {
    JsonNode report = report(learner(), "--config", write("job.yaml", YAML), "--key", "shop");

    assertThat(report.findValuesAsText("feature")).contains("amount").doesNotContain("x0");
    assertThat(report(learner()).findValuesAsText("feature")).contains("x0");
  }

  @Test
  void aConfigurationOfAnotherModelIsRefused() throws IOException {
    Path other = write("job.yaml", YAML.replace("[6, 4]", "[5]"));

    assertThat(run("report", learner(), "--config", other, "-o", folder.resolve("p.html")))
        .isEqualTo(1);
    assertThat(err.toString()).contains("The configuration is not that of key 'shop'");
  }

  @Test
  void aSuiteIsShownAsItIs() throws IOException {
    Path suite =
        write("table.json", "\n {\"half\": false, \"streams\": {\"s\": {}}, \"notes\": []}");

    JsonNode report = report(suite);

    assertThat(report.get("kind").asText()).isEqualTo("suite");
    assertThat(report.at("/suite/streams").has("s")).isTrue();
  }

  @Test
  void severalRunsAreTheFirstWithTheSummary() throws IOException {
    Path runs =
        write(
            "runs.json",
            "{\"runs\": [{\"seed\": 7}, {\"seed\": 8}], \"summary\": {\"lanes\": {}},"
                + " \"report\": {\"format\": 1, \"kind\": \"run\", \"title\": \"t\", \"classes\":"
                + " [\"0\", \"1\"]}}");

    JsonNode report = report(runs);

    assertThat(report.at("/run/seed").asInt()).isEqualTo(7);
    assertThat(report.get("runs").asInt()).isEqualTo(2);
    assertThat(report.has("summary")).isTrue();
    assertThat(report.get("classes")).hasSize(2);
  }

  @Test
  void whatIsNoReportIsSaidWithWhatToDo() throws IOException {
    Path cut = write("cut.json", "{\"seed\": 1, \"rep");
    Path old = write("old.json", "{\"seed\": 1}");
    Path later = write("later.json", "{\"seed\": 1, \"report\": {\"format\": 2}}");
    Path page = folder.resolve("p.html");

    assertThat(run("report", cut, "-o", page)).isEqualTo(1);
    assertThat(run("report", old, "-o", page)).isEqualTo(1);
    assertThat(run("report", later, "-o", page)).isEqualTo(1);
    assertThat(run("report", folder.resolve("none"), "-o", page)).isEqualTo(1);
    assertThat(run("report", learner(), "--key", "nobody", "-o", page)).isEqualTo(1);
    assertThat(run("report", old, "--key", "k", "-o", page)).isEqualTo(2);
    assertThat(run("report", old, "-o", folder.resolve("no/p.html"))).isEqualTo(2);
    assertThat(run("report", old, "--set", "learner.seed=1", "-o", page)).isEqualTo(2);

    assertThat(err.toString())
        .contains("cut.json is no JSON", "it may have been cut off")
        .contains("old.json holds no report", "run that again")
        .contains("is of format 2, this build reads format 1")
        .contains("There is no file or folder")
        .contains("There is no learner of key 'nobody' among 1", "inspect")
        .contains("--key and --config belong to stored models")
        .contains("--output: ", "there is no directory")
        .contains("--set goes with --config")
        .doesNotContain("\tat ");
    assertThat(page).doesNotExist();
  }
}
