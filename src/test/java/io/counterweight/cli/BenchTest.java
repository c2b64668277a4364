package io.counterweight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class BenchTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int run(String... arguments) {
    CommandLine command = Counterweight.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }

  @Test
  void printsTablesAndWritesFiniteNumbers() throws IOException {
    Path json = folder.resolve("bench.json");

    int exit =
        run(
            "bench",
            "--shapes",
            "small",
            "--batches",
            "4,8",
            "--seconds",
            "0.2",
            "--threads",
            "2",
            "--json",
            json.toString());

    assertThat(exit).isZero();
    assertThat(out.toString())
        .contains("Machine: ", "Backend: compute backend ", "GFLOP/s of multiply-adds")
        .containsPattern("\\| small 30x1 16-8 +\\| +8 \\|")
        .contains(
            "predict one event", "lanes uniform, posterior, by-concept, swift", "| threads |");
    JsonNode result = new ObjectMapper().readTree(json.toFile());
    assertThat(result.path("peak").path("flops").asDouble()).isPositive();
    assertThat(result.path("batches")).hasSize(2);
    assertThat(result.path("singleEvent")).hasSize(1);
    assertThat(result.path("engine").path("loops")).hasSize(2);
    assertFinite(result);
  }

  /** JSON has no NaN and no infinity; Jackson writes them as texts. */
  private static void assertFinite(JsonNode node) {
    if (node.isNumber()) {
      assertThat(node.asDouble()).isFinite().isNotNegative();
    } else if (node.isTextual()) {
      assertThat(node.asText()).isNotIn("NaN", "Infinity", "-Infinity");
    } else {
      node.forEach(BenchTest::assertFinite);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--seconds 0",
        "--threads 0",
        "--batches 0",
        "--shapes huge",
        "--backend none",
        "--json /no/such/folder/x"
      })
  void wrongUseIsExplained(String arguments) {
    int exit = run(("bench " + arguments).split(" "));

    assertThat(exit).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains(arguments.split(" ")[0], "--help");
  }
}
