package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import io.counterweight.console.LiveConsole;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code console}: the live page of a job that runs somewhere else. */
@Command(
    name = "console",
    description = {
      "Serves the live console of a job that runs elsewhere, on a Flink cluster for example, until"
          + " Ctrl-C: it follows the job's output topics without a consumer group and changes nothing."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight console --config job.yaml --flink http://jobmanager:8081",
      "  counterweight console --config job.yaml --set console.port=0"
    })
final class ConsoleCommand implements Callable<Integer> {
  @Mixin private JobConfig config;

  @Option(
      names = "--flink",
      paramLabel = "URL",
      description =
          "Address of the Flink that runs the job, for its state, lag and quality; without it the"
              + " console shows what the topics tell.")
  private String flink;

  @Spec private CommandSpec spec;

  ConsoleCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    Optional<URI> address = Optional.ofNullable(flink).map(this::address);
    EngineConfig engine = config.load();
    PrintWriter err = spec.commandLine().getErr();
    CountDownLatch stopped = new CountDownLatch(1);
    try (LiveConsole console = LiveConsole.start(engine, address)) {
      Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown, "stop"));
      ConsoleStart.tell(console, engine, err);
      err.println("counterweight: running; Ctrl-C stops it");
      err.flush();
      stopped.await();
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
    return ExitCode.OK;
  }

  private URI address(String text) {
    try {
      URI address = URI.create(text);
      String scheme = String.valueOf(address.getScheme());
      if (scheme.matches("https?") && address.getHost() != null && address.getQuery() == null) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      // Told below, as any other text that is no address.
    }
    throw new ParameterException(
        spec.commandLine(),
        "--flink is '" + text + "', expected an address such as http://jobmanager:8081");
  }
}
