package io.counterweight.cli;

import picocli.CommandLine.Command;

/** Groups the commands about configuration. */
@Command(
    name = "config",
    description = "Works with configuration files.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = ConfigCheck.class)
final class ConfigCommand {
  ConfigCommand() {}
}
