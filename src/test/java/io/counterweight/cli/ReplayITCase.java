package io.counterweight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ReplayITCase {
  private static final int EVENTS = 800;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SMALL =
      List.of(
          "--set",
          "model.hidden=4",
          "--set",
          "model.rank=2",
          "--set",
          "learner.optimizer.learning-rate=0.02");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("shop.csv");
  }

  private int replay(String... options) {
    CommandLine command = Counterweight.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(
        Stream.of(Stream.of("replay", file.toString()), Arrays.stream(options))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  private JsonNode replayToJson(String... options) throws IOException {
    Path json = folder.resolve("report.json");
    Stream<String> all =
        Stream.of(Arrays.stream(options), SMALL.stream(), Stream.of("--json", json.toString()))
            .flatMap(part -> part);
    assertThat(replay(all.toArray(String[]::new))).as(err.toString()).isZero();
    return JSON.readTree(json.toFile());
  }

  /** Labels follow the angle of a point, a little blurred. */
  private void write(int classes, int firstLabel, String... insteadOfSomeLines) throws IOException {
    Random random = new Random(17);
    StringBuilder csv = new StringBuilder("shop,x,y,junk,label\n");
    for (int i = 0; i < EVENTS; i++) {
      double x = random.nextGaussian();
      double y = random.nextGaussian();
      double angle = (Math.atan2(y, x) + 2 * Math.PI) % (2 * Math.PI);
      int label = (int) (angle / (2 * Math.PI) * classes) % classes;
      csv.append(
          i % 100 == 50 && i / 100 < insteadOfSomeLines.length
              ? insteadOfSomeLines[i / 100]
              : String.format(
                  Locale.ROOT,
                  "%d,%.4f,%.4f,%.4f,%d",
                  i % 3 == 0 ? 1 : 2,
                  x,
                  y,
                  random.nextGaussian(),
                  label + firstLabel));
      csv.append('\n');
    }
    Files.writeString(file, csv);
  }

  private static JsonNode withoutTiming(JsonNode report) {
    return ((ObjectNode) report.deepCopy()).without(List.of("eventsPerSecond", "wallSeconds"));
  }

  @Test
  void twoRunsOfOneSeedAreTheSameAndAnotherSeedDiffers() throws IOException {
    write(2, 0);
    String[] options = {
      "--key", "shop", "--noise", "sym:0.25", "--trusted-fraction", "0.15", "--shuffle"
    };

    JsonNode first = replayToJson(options);
    JsonNode second = replayToJson(options);
    JsonNode other =
        replayToJson(
            Stream.concat(Arrays.stream(options), Stream.of("--seed", "2")).toArray(String[]::new));

    assertThat(withoutTiming(second).toString()).isEqualTo(withoutTiming(first).toString());
    assertThat(other.get("digest")).isNotEqualTo(first.get("digest"));
    assertThat(other.get("lanes")).isNotEqualTo(first.get("lanes"));
  }

  @Test
  void noiseAndTrustedLabelsAreReported() throws IOException {
    write(2, 0);
    Path output = folder.resolve("out");

    JsonNode report =
        replayToJson(
            "--noise",
            "sym:0.25",
            "--trusted-fraction",
            "0.2",
            "--trusted-delay",
            "30s",
            "--events",
            "600",
            "--output",
            output.toString());

    assertThat(report.get("eventsRead").asLong()).isEqualTo(600);
    assertThat(report.get("predictions").asLong()).isEqualTo(600);
    assertThat(report.get("weights").asLong()).isEqualTo(600);
    assertThat(report.get("trustedRead").asLong()).isBetween(80L, 160L);
    assertThat(report.get("wrongLabels").asLong()).isBetween(100L, 200L);
    assertThat(report.at("/wrongLabelAuc/0").asDouble()).isBetween(0.0, 1.0);
    assertThat(report.at("/wrongLabelAuc/1").asDouble()).isBetween(0.0, 1.0);
    assertThat(report.at("/lanes/mixture/rocAuc").asDouble()).isGreaterThan(0.7);
    assertThat(report.at("/lanes").fieldNames())
        .toIterable()
        .containsExactly("uniform", "posterior", "by-concept", "swift", "mixture");
    assertThat(out.toString()).contains("PR-AUC", "mixture", "of 600 are wrong", "seed 1");
    List<String> predictions = Files.readAllLines(output.resolve("predictions.jsonl"));
    assertThat(predictions).hasSize(600);
    assertThat(JSON.readTree(predictions.get(0)).get("eventId").asText()).isEqualTo("line-2");
    assertThat(Files.readAllLines(output.resolve("weights.jsonl"))).hasSize(600);
  }

  @Test
  void theReportStandsBesideTheResultsAndCanBeMadeOfThem() throws IOException {
    write(2, 0);

    JsonNode results =
        replayToJson("--key", "shop", "--noise", "sym:0.25", "--trusted-fraction", "0.2");

    Path page = folder.resolve("report.html");
    assertThat(err.toString()).contains("counterweight: report: " + page);
    JsonNode report = results.get("report");
    assertThat(report.get("format").asInt()).isEqualTo(1);
    assertThat(report.get("title").asText()).isEqualTo("replay of shop.csv");
    assertThat(report.at("/timeline/windows")).hasSize(12);
    assertThat(report.at("/timeline/prAuc/mixture")).hasSize(12);
    assertThat(report.at("/timeline/share/swift")).hasSize(12);
    assertThat(report.at("/weights/curves")).hasSize(2);
    assertThat(report.at("/coverage/level").asDouble()).isEqualTo(0.9);
    assertThat(report.at("/concepts/names")).hasSize(3);
    assertThat(report.at("/suspects/0/reasons")).isNotEmpty();
    assertThat(report.at("/keys/total").asInt()).isEqualTo(2);
    assertThat(report.at("/models/0/key").asText()).isEqualTo("2");
    assertThat(report.at("/models/0/lanes").size()).isGreaterThanOrEqualTo(4);
    assertThat(report.at("/models/0/sampleOf").asText()).isEqualTo("events of the run");
    assertThat(report.at("/models/0/lanes/0/concepts/0/byFeature/x")).hasSize(41);
    assertThat(report.at("/models/1/lanes")).hasSize(1);

    String text = Files.readString(page);
    assertThat(text.length()).isLessThan(2_000_000);
    assertThat(
            Pattern.compile("<(script|link|img)[^>]* (src|href)=\"(?!data:)").matcher(text).find())
        .isFalse();
    assertThat(text).contains("\"run\":{\"data\":\"shop.csv\"");
    Path again = folder.resolve("again.html");
    CommandLine command = Counterweight.commandLine();
    command.setErr(new PrintWriter(err, true));
    assertThat(
            command.execute(
                "report", folder.resolve("report.json").toString(), "-o", again.toString()))
        .as(err.toString())
        .isZero();
    assertThat(Files.readString(again)).isEqualTo(text);
  }

  @Test
  void suspectsAreAListToWorkThrough() throws IOException {
    write(2, 0);
    Path list = folder.resolve("suspects.csv");
    List<String> options = new ArrayList<>(SMALL);
    options.addAll(List.of("--noise", "sym:0.2", "--trusted-fraction", "0.2", "--report", "none"));
    options.addAll(List.of("--suspects", list.toString()));

    assertThat(replay(options.toArray(String[]::new))).as(err.toString()).isZero();

    List<String> lines = Files.readAllLines(list);
    assertThat(lines.get(0))
        .startsWith("rank,eventId,modelKey,label,belief,rawWeight,")
        .endsWith(",flipped");
    List<String> rows = lines.subList(1, lines.size());
    assertThat(rows).hasSizeGreaterThan(20);
    List<Double> weights = rows.stream().map(row -> Double.parseDouble(row.split(",")[5])).toList();
    assertThat(weights).isSorted();
    long flipped = rows.stream().limit(100).filter(row -> row.endsWith(",yes")).count();
    assertThat(flipped).isGreaterThan(Math.min(100, rows.size()) / 2);
    assertThat(err.toString())
        .contains("of the first " + Math.min(100, rows.size()) + ", " + flipped + " were flipped");
    assertThat(rows.get(0)).startsWith("1,line-").matches(".* -?\\d+\\.\\d+.*");
  }

  @Test
  void noReportIsWrittenWhereNoneIsWanted() throws IOException {
    write(2, 0);

    assertThat(replay("--events", "50", "--report", "none")).as(err.toString()).isZero();

    assertThat(err.toString()).doesNotContain("report: ");
    assertThat(Path.of("counterweight-replay.html")).doesNotExist();
  }

  @Test
  void fourClassesAndBadLines() throws IOException {
    write(4, 1, "1,1,2,3", "1,1,2,x,1", "1,1,2,3,1.5");

    JsonNode report = replayToJson("--key", "shop");

    assertThat(report.get("rejects").asLong()).isEqualTo(3);
    assertThat(report.get("eventsRead").asLong()).isEqualTo(EVENTS - 3);
    assertThat(report.has("wrongLabelAuc")).isFalse();
    assertThat(report.at("/lanes/mixture/accuracy").asDouble()).isGreaterThan(0.35);
    assertThat(report.at("/lanes/mixture/rocAuc").asDouble()).isGreaterThan(0.65);
    assertThat(err.toString())
        .contains("classes 0 to 3", "line 52:", "line 152:", "'x'", "line 252:", "'1.5'");
  }

  @Test
  void severalRunsAreSummedUp() throws IOException {
    write(2, 0);

    JsonNode summary = replayToJson("--runs", "2", "--seed", "7", "--events", "200");

    assertThat(summary.get("runs")).hasSize(2);
    assertThat(summary.at("/runs/1/seed").asLong()).isEqualTo(8);
    assertThat(summary.at("/summary/lanes/uniform/prAuc/mean").isNumber()).isTrue();
    assertThat(out.toString()).contains("runs: 2, seeds 7 to 8", "±");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--label fraud        | there is no label column 'fraud'; the columns are shop, x, y",
        "--label x            | none of 800 data rows can be used",
        "--key nobody         | there is no key column 'nobody'",
        "--noise sym:2        | sym is 2, outside [0, 1]",
        "--noise loud         | 'loud' has no number",
        "--trusted-fraction 7 | --trusted-fraction is 7.0, expected a number in [0, 1]",
        "--trusted-delay soon | --trusted-delay is 'soon', expected a duration",
        "--concepts no.json   | There is no concepts file no.json",
        "--runs 0             | --runs is 0, expected 1 to 1000",
        "--events 0           | --events is 0, expected at least 1",
        "--json no/such.json  | there is no directory",
        "--report no/such.html | --report: no/such.html cannot be written",
        "--set learner.rate=1 | learner.rate: is not a known key",
        "--set model.rank=0   | model.rank: is '0', expected an integer of 1 to 64",
        "--set model.classes=3 | model.classes: comes from the data",
        "--nois none          | Unknown option"
      })
  void wrongUseIsExplainedBeforeAnythingRuns(String options, String message) throws IOException {
    write(2, 0);

    assertThat(replay(options.split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains(message).doesNotContain("\tat ");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aMissingFileIsNamed() {
    assertThat(replay()).isEqualTo(2);
    assertThat(err.toString()).contains("There is no file " + file);
  }

  @Test
  void resultsThatCannotBeWrittenAreAFailure() throws IOException {
    write(2, 0);

    assertThat(replay("--output", file.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("Cannot write into " + file).doesNotContain("\tat ");
  }
}
