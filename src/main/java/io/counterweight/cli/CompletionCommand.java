package io.counterweight.cli;

import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code completion}: lets the shell complete commands and options. */
@Command(
    name = "completion",
    description = "Prints a script for bash and zsh that completes commands and options.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(bin/counterweight completion)",
      "  bin/counterweight completion >> ~/.bashrc"
    })
final class CompletionCommand implements Runnable {
  @Spec private CommandSpec spec;

  CompletionCommand() {}

  @Override
  public void run() {
    CommandLine whole = spec.root().commandLine();
    PrintWriter out = spec.commandLine().getOut();
    out.print(AutoComplete.bash(whole.getCommandName(), whole));
    out.flush();
  }
}
