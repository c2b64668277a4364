package io.counterweight.bench;

import static io.counterweight.bench.MarkdownTable.number;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code pytorch}: ours and the peer's script in turn, several rounds, each a process of its own on
 * one thread. Turns, because a machine is not equally fast all the time.
 */
@Command(
    name = "pytorch",
    description = {
      "Runs the PyTorch peer and ours in turn, one thread each: 10 concepts of 3, 64-64-32, order 2, rank 8, batch"
          + " normalisation, no anchor. Prints medians, spreads and ratios."
    },
    sortOptions = false)
final class PeerComparison implements Callable<Integer> {
  private static final int LARGE_BATCH = 1024;
  private static final int SMALL_BATCH = 16;

  @Parameters(paramLabel = "bench_pytorch.py", description = "The peer's script.")
  private Path script;

  @Option(
      names = "--python",
      paramLabel = "COMMAND",
      defaultValue = "${env:PYTHON:-python3}",
      description = "A Python with PyTorch. Default: the variable PYTHON, else python3")
  private String python;

  @Option(names = "--rounds", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "16",
      description = "For each of our turns. Default: ${DEFAULT-VALUE}")
  private double seconds;

  @Option(names = "--backend", defaultValue = "auto", description = "Default: ${DEFAULT-VALUE}")
  private String backend;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON too.")
  private Path json;

  @Spec private CommandSpec spec;

  PeerComparison() {}

  /** One side's results of one round, at both sizes of batch. */
  private record Turn(JsonNode large, JsonNode small) {}

  private record Row(
      String what,
      String unit,
      boolean higherIsBetter,
      ToDoubleFunction<Turn> value,
      String atLeast,
      String aim) {}

  private static final List<Row> ROWS =
      List.of(
          new Row(
              "bilevel step, 1,024 + 1,024",
              "events/s",
              true,
              turn -> turn.large().path("train_events_per_s").asDouble(),
              "6x",
              "10x"),
          new Row(
              "bilevel step, 16 + 16",
              "events/s",
              true,
              turn -> turn.small().path("train_events_per_s").asDouble(),
              "10x",
              "20x"),
          new Row(
              "prediction, 1,024",
              "events/s",
              true,
              turn -> turn.large().path("predict_events_per_s").asDouble(),
              "3x",
              "4.5x"),
          new Row(
              "prediction, one event",
              "µs",
              false,
              turn -> turn.large().path("predict_one_us").asDouble(),
              "50 µs",
              "10 µs"));

  @Override
  public Integer call() throws Exception {
    if (!Files.isRegularFile(script)) {
      throw new ParameterException(spec.commandLine(), "There is no script " + script);
    }
    if (rounds < 1) {
      throw new ParameterException(
          spec.commandLine(), "--rounds is " + rounds + ", expected 1 or more");
    }
    List<Turn> peer = new ArrayList<>();
    List<Turn> ours = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      spec.commandLine().getErr().println("round " + round + " of " + rounds);
      JsonNode peerLarge = peer(LARGE_BATCH, 15);
      JsonNode ourLarge = ours(LARGE_BATCH);
      JsonNode peerSmall = peer(SMALL_BATCH, 100);
      JsonNode ourSmall = ours(SMALL_BATCH);
      peer.add(new Turn(peerLarge, peerSmall));
      ours.add(new Turn(ourLarge, ourSmall));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(Benchmarks.about());
    out.print(
        "Peer: "
            + peer.get(0).large().path("peer").asText()
            + ", one thread; ours: backend "
            + backend
            + ", one thread; medians of "
            + rounds
            + " rounds, smallest and largest in brackets.\n\n");
    Map<String, Object> values = new LinkedHashMap<>();
    out.print(table(peer, ours, values));
    out.flush();
    if (json != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), values);
    }
    return 0;
  }

  private static String table(List<Turn> peer, List<Turn> ours, Map<String, Object> values) {
    MarkdownTable table =
        new MarkdownTable("what", "PyTorch", "ours", "unit", "ratio", "at least", "aim");
    for (Row row : ROWS) {
      double[] theirs = peer.stream().mapToDouble(row.value()).toArray();
      double[] own = ours.stream().mapToDouble(row.value()).toArray();
      double[] ratios = new double[own.length];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = row.higherIsBetter() ? own[i] / theirs[i] : theirs[i] / own[i];
      }
      table.row(
          row.what(),
          spread(theirs),
          spread(own),
          row.unit(),
          spread(ratios) + " x",
          row.atLeast(),
          row.aim());
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("unit", row.unit());
      entry.put("pytorch", theirs);
      entry.put("ours", own);
      entry.put("ratios", ratios);
      entry.put("ratio", Timing.of(ratios).seconds());
      values.put(row.what(), entry);
    }
    return table.toString();
  }

  private static String spread(double[] values) {
    Timing of = Timing.of(values);
    return number(of.seconds(), 3)
        + " ("
        + number(of.fastest(), 3)
        + " to "
        + number(of.slowest(), 3)
        + ")";
  }

  private JsonNode peer(int batch, int repeat) throws IOException, InterruptedException {
    return run(
        List.of(
            python,
            script.toString(),
            "--threads",
            "1",
            "--encoder",
            "bmm",
            "--batch",
            String.valueOf(batch),
            "--meta",
            String.valueOf(batch),
            "--repeat",
            String.valueOf(repeat)));
  }

  private JsonNode ours(int batch) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Benchmarks.class.getName(), "own-side", "--backend", backend));
    command.addAll(List.of("--batch", String.valueOf(batch)));
    command.addAll(List.of("--seconds", String.valueOf(seconds)));
    return run(command);
  }

  /** The last line that the command prints. */
  private static JsonNode run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String text;
    try (InputStream in = process.getInputStream()) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    int exit = process.waitFor();
    String last = Stream.of(text.split("\n")).reduce("", (before, line) -> line);
    if (exit != 0 || !last.startsWith("{")) {
      throw new IOException(command.get(0) + " ended with " + exit + " and printed: " + text);
    }
    return new ObjectMapper().readTree(last);
  }
}
