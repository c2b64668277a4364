package io.counterweight.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * Main class. Exit codes: 0 fine, 2 wrong use or configuration, 1 failure. Results go to standard
 * output, messages to standard error, logs to a file.
 */
@Command(
    name = "counterweight",
    description = "Learns online from wrong, rare, late and drifting labels.",
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      Demo.class,
      Replay.class,
      RunCommand.class,
      ConsoleCommand.class,
      BrokerCommand.class,
      Bench.class,
      ExperimentCommand.class,
      DriftStudyCommand.class,
      MuboCommand.class,
      ConfigCommand.class,
      TopicsCommand.class,
      InspectCommand.class,
      ReportCommand.class,
      CompletionCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:fine", "1:failure", "2:wrong use or configuration"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight demo",
      "  counterweight replay data.csv --noise sym:0.2 --trusted-fraction 0.02",
      "  counterweight mubo data.csv --baselines",
      "  counterweight run --config job.yaml",
      "  counterweight console --config job.yaml --flink http://jobmanager:8081",
      "  counterweight config check job.yaml",
      "  counterweight topics create --config job.yaml",
      "  counterweight inspect savepoints/savepoint-3c1f0a-0d5b",
      "  counterweight report run.json -o run.html",
      "  counterweight bench"
    })
public final class Counterweight {

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean verbose;

  Counterweight() {}

  /** Runs the command and ends the process. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The command with its subcommands and its handling of errors. */
  static CommandLine commandLine() {
    Counterweight command = new Counterweight();
    ErrorMessages errors = new ErrorMessages(() -> command.verbose);
    return new CommandLine(command)
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors);
  }
}
