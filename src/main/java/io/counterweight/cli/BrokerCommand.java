package io.counterweight.cli;

import io.counterweight.embedded.EmbeddedKafka;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code broker}: the embedded broker in a process of its own, until it is stopped. */
@Command(
    name = "broker",
    hidden = true,
    description = {
      "Runs a Kafka broker for trials on this machine, until it is stopped by Ctrl-C. Started again"
          + " on its directory it has its topics and records. deploy/local-cluster uses it."
    })
final class BrokerCommand implements Callable<Integer> {

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      required = true,
      description = "Where the broker keeps its data.")
  private Path directory;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "9092",
      description = "For clients of this machine; 0 takes a free one. Default: ${DEFAULT-VALUE}")
  private int port;

  @Spec private CommandSpec spec;

  BrokerCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    EmbeddedKafka broker = start();
    Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "stop-broker"));
    err.println("counterweight broker: ready at " + broker.bootstrapServers());
    err.flush();
    new CountDownLatch(1).await();
    return ExitCode.OK;
  }

  private EmbeddedKafka start() {
    try {
      return EmbeddedKafka.start(directory, port, 0);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }
}
