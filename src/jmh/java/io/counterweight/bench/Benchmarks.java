package io.counterweight.bench;

import io.counterweight.cli.ExperimentCommand;
import io.counterweight.console.ConsoleSoak;
import io.counterweight.operator.ManyKeys;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** Main class of {@code bin/benchmark}: each subcommand makes the tables of a section of docs. */
@Command(
    name = "benchmark",
    description = "The benchmarks of docs/performance.md; results are Markdown on standard output.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      JmhCommand.class,
      StateSize.class,
      StepPhases.class,
      PipelineBenchmark.class,
      ScorerBenchmark.class,
      PeerComparison.class,
      OwnSide.class,
      ManyKeys.class,
      WarmStart.class,
      ConsoleSoak.class,
      ExperimentCommand.class
    })
public final class Benchmarks {
  Benchmarks() {}

  /** Runs a command and ends the process. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Benchmarks())
            .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
            .setUsageHelpWidth(100)
            .setStopAtPositional(false)
            .execute(arguments));
  }

  /** What a table was measured on, to stand above it. */
  static String about() {
    return "Measured on " + Machine.here().description() + ".\n\n";
  }
}
