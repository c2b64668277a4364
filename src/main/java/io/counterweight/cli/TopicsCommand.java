package io.counterweight.cli;

import picocli.CommandLine.Command;

/** Groups the commands about Kafka topics. */
@Command(
    name = "topics",
    description = "Works with the job's Kafka topics.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = TopicsCreate.class)
final class TopicsCommand {
  TopicsCommand() {}
}
