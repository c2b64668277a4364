package io.counterweight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command on files made here: three classes of points, the rarest near the edge of another. */
class MuboITCase {
  @TempDir private Path folder;
  private Path two;
  private Path three;

  private record Result(int exit, String out, String err) {}

  @BeforeEach
  void writeFiles() throws IOException {
    Random random = new Random(1);
    List<String> rows = new ArrayList<>(List.of("a,b,note,label"));
    List<String> more = new ArrayList<>(List.of("a,b,kind"));
    for (int i = 0; i < 300; i++) {
      boolean rare = i % 6 == 0;
      double a = random.nextGaussian() + (rare ? 2.5 : 0);
      String b = i % 50 == 7 ? "" : String.valueOf(random.nextGaussian());
      rows.add(a + "," + b + "," + i + "," + (rare ? 1 : 0));
      more.add(a + "," + b + "," + (rare ? 7 : 3 + i % 2));
    }
    two = Files.write(folder.resolve("two.csv"), rows);
    three = Files.write(folder.resolve("three.csv"), more);
  }

  @Test
  void everyMethodRunsAndTheFilesHoldWhatTheTableSays() throws IOException {
    Path json = folder.resolve("mubo.json");
    Path accepted = folder.resolve("accepted.csv");

    Result result =
        mubo(
            two.toString(),
            "--ignore=note",
            "--variant=corrected,paper,published-code",
            "--baselines",
            "--runs=2",
            "--max-iter=8",
            "--max-epochs=15",
            "--json=" + json,
            "--accepted=" + accepted);

    assertThat(result.err()).as("messages").contains("300 rows of 2 features, 50 of the rare");
    assertThat(result.exit()).as(result.err()).isZero();
    assertThat(result.out())
        .contains("| MUBO, corrected", "| MUBO, paper", "| MUBO, published code")
        .contains("| without sampling", "| random undersampling", "| SMOTE")
        .contains("| Borderline-SMOTE", "| SVM-SMOTE");
    JsonNode methods = new ObjectMapper().readTree(json.toFile()).get("methods");
    assertThat(methods).hasSize(8);
    JsonNode corrected = methods.get("MUBO, corrected");
    assertThat(corrected.get("runs")).hasSize(2);
    JsonNode run = corrected.get("runs").get(0);
    assertThat(run.get("steps")).hasSize(8);
    double mean =
        StreamSupport.stream(corrected.get("runs").spliterator(), false)
            .mapToDouble(r -> r.get("F1").asDouble())
            .average()
            .orElseThrow();
    assertThat(corrected.get("mean").get("F1").asDouble()).isEqualTo(mean);
    assertThat(corrected.get("variance").get("F1").asDouble()).isNotNegative();
    List<String> lines = Files.readAllLines(accepted);
    assertThat(lines.get(0)).isEqualTo("run,line");
    long ofRunOne = lines.stream().filter(line -> line.startsWith("1,")).count();
    assertThat(ofRunOne).isEqualTo(run.get("rows").asLong());
    assertThat(lines.subList(1, lines.size()))
        .allMatch(line -> Integer.parseInt(line.split(",")[1]) >= 2);
    assertThat(result.err()).containsPattern("step 1 of at most 8: 4 rows, majority loss");
  }

  @Test
  void theSameSeedGivesTheSameResultWithAnyNumberOfSlots() throws IOException {
    Path one = folder.resolve("one.json");
    Path other = folder.resolve("other.json");
    String[] common = {two.toString(), "--runs=3", "--max-iter=5", "--max-epochs=5"};

    assertThat(mubo(common, "--slots=1", "--json=" + one).exit()).isZero();
    assertThat(mubo(common, "--slots=2", "--json=" + other).exit()).isZero();

    assertThat(withoutSeconds(one)).isEqualTo(withoutSeconds(other));
  }

  @Test
  void oneClassStandsAgainstTheRestWhereThereAreMore() {
    Result refused = mubo(three.toString(), "--label=kind");
    assertThat(refused.exit()).isEqualTo(2);
    assertThat(refused.err())
        .contains("has 3 classes, MUBO is for two")
        .contains("--positive LABEL, one of [3, 4, 7]");
    assertThat(mubo(three.toString(), "--label=kind", "--positive=5").err())
        .contains("--positive is 5, expected one of [3, 4, 7]");

    Result result =
        mubo(three.toString(), "--label=kind", "--positive=7", "--runs=1", "--max-iter=3");

    assertThat(result.exit()).isZero();
    assertThat(result.err()).contains("50 of the rare class (7)");
  }

  @Test
  void whatIsWrongIsSaidBeforeAnythingRuns() {
    assertThat(mubo(two.toString(), "--variant=better").err())
        .contains("--variant is 'better', expected paper, published-code or corrected");
    assertThat(mubo(two.toString(), "--variant=paper,paper").err()).contains("names paper twice");
    assertThat(mubo(two.toString(), "--test=1").err()).contains("--test is 1.0");
    assertThat(mubo(two.toString(), "--max-iter=0").err()).contains("--max-iter is 0");
    assertThat(mubo(two.toString(), "--runs=0").err()).contains("--runs is 0");
    assertThat(mubo(two.toString(), "--json=" + folder).err()).contains("is a directory");
    Result absent = mubo(folder.resolve("absent.csv").toString());
    assertThat(absent.exit()).isEqualTo(2);
    assertThat(absent.err()).contains("absent.csv");
    Result tooFew = mubo(two.toString(), "--test=0.99");
    assertThat(tooFew.exit()).isEqualTo(2);
    assertThat(tooFew.err()).contains("rows of the").contains("4 to train on");
  }

  @Test
  void aSampleKeepsTheSharesOfTheClasses() {
    Result result = mubo(two.toString(), "--sample=120", "--runs=1", "--max-iter=2");

    assertThat(result.err()).contains("120 rows of 3 features, 20 of the rare class (1)");
  }

  private static String withoutSeconds(Path json) throws IOException {
    return Files.readString(json).replaceAll("\"seconds\" : [-0-9.E]+", "");
  }

  private static Result mubo(String[] common, String... more) {
    List<String> arguments = new ArrayList<>(List.of(common));
    arguments.addAll(List.of(more));
    return mubo(arguments.toArray(String[]::new));
  }

  private static Result mubo(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("mubo"));
    all.addAll(List.of(arguments));
    CommandLine command =
        Counterweight.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exit = command.execute(all.toArray(String[]::new));
    return new Result(exit, out.toString(), err.toString());
  }
}
