package io.counterweight.cli;

import io.counterweight.config.ConfigException;
import java.io.PrintWriter;
import java.util.function.BooleanSupplier;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns exceptions into a sentence and an exit code. Stack traces go to the log. */
final class ErrorMessages implements IParameterExceptionHandler, IExecutionExceptionHandler {
  private final BooleanSupplier verbose;

  /**
   * A handler of errors.
   *
   * @param verbose whether stack traces are shown, asked when there is one
   */
  ErrorMessages(BooleanSupplier verbose) {
    this.verbose = verbose;
  }

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();
    err.println(name + ": " + e.getMessage());
    UnmatchedArgumentException.printSuggestions(e, err);
    err.println("Try '" + name + " --help'.");
    return ExitCode.USAGE;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    // Asked for here, because starting the log takes longer than most commands.
    LoggerFactory.getLogger(ErrorMessages.class)
        .error("{} failed", command.getCommandSpec().qualifiedName(), e);
    if (e instanceof ConfigException || e instanceof CommandFailure) {
      err.println("counterweight: " + e.getMessage());
    } else {
      err.println("counterweight: unexpected failure: " + e);
      err.println(
          "The log says more: "
              + System.getProperty("counterweight.log", "target/counterweight.log"));
    }
    if (verbose.getAsBoolean()) {
      e.printStackTrace(err);
    }
    return e instanceof ConfigException ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }
}
