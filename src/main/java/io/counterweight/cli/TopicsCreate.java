package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import io.counterweight.job.KafkaTopics;
import io.counterweight.job.KafkaTopics.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code topics create}: creates those of the job's topics that do not exist. */
@Command(
    name = "create",
    description = {
      "Creates those of the job's topics that do not exist yet and leaves the others alone. The"
          + " models topic is compacted."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight topics create --config job.yaml",
      "  counterweight topics create --config job.yaml --set topics.replication=3"
    })
final class TopicsCreate implements Callable<Integer> {

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "How long to wait for a broker. Default: ${DEFAULT-VALUE}")
  private int timeout;

  @Mixin private JobConfig config;
  @Spec private CommandSpec spec;

  TopicsCreate() {}

  @Override
  public Integer call() {
    CommandLine command = spec.commandLine();
    for (Topic topic : create(config.load())) {
      command
          .getOut()
          .printf(
              "%-7s  %s  (%d partitions)%n",
              topic.created() ? "created" : "exists", topic.name(), topic.partitions());
      topic.remark().ifPresent(remark -> command.getErr().println("counterweight: " + remark));
    }
    command.getOut().flush();
    return ExitCode.OK;
  }

  private List<Topic> create(EngineConfig config) {
    if (timeout < 1 || timeout > 3600) {
      throw new ParameterException(
          spec.commandLine(), "--timeout is " + timeout + ", expected 1 to 3600 seconds");
    }
    try {
      return KafkaTopics.create(config, Duration.ofSeconds(timeout));
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }
}
