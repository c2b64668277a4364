package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import io.counterweight.console.LiveConsole;
import io.counterweight.job.KafkaTopics;
import io.counterweight.job.LocalJob;
import io.counterweight.job.RetainedCheckpoints;
import io.counterweight.job.ReweightJob;
import io.counterweight.job.ScoringJob;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code run}: the job against real Kafka, on a Flink inside this process, until it is stopped. */
@Command(
    name = "run",
    description = {
      "Runs the job against Kafka in this process, until it is stopped by Ctrl-C. Started again, it goes on from its newest"
          + " checkpoint. Serves the live console (console.port). On a Flink cluster run the job jar instead: flink run"
          + " counterweight-*-job.jar --config FILE"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight run --config job.yaml",
      "  counterweight run --config job.yaml --set dashboard.port=8081",
      "  counterweight run --config job.yaml --from none      (start with empty learners)",
      "  counterweight run --config job.yaml --scorer         (beside the first: predict at scale)"
    })
final class RunCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Mixin private JobConfig config;

  @Option(
      names = "--from",
      paramLabel = "WHERE",
      defaultValue = "latest",
      description =
          "latest (default): the newest complete checkpoint in state.checkpoint-directory, if there is one; none: empty"
              + " learners; otherwise the path of a checkpoint or savepoint.")
  private String from;

  @Option(
      names = "--scorer",
      description =
          "Run the scoring job instead: it predicts events with the models that the job publishes, at"
              + " any parallelism, and learns nothing.")
  private boolean scorer;

  @Spec private CommandSpec spec;

  RunCommand() {}

  @Override
  public Integer call() throws Exception {
    EngineConfig loaded = config.load();
    EngineConfig engine = scorer ? loaded.asScorer() : ConsoleStart.withMetrics(loaded);
    PrintWriter err = spec.commandLine().getErr();
    createTopics(engine);
    Optional<String> restoreFrom = restoreFrom(engine);
    err.println(
        "counterweight: "
            + restoreFrom
                .map(path -> "going on from " + path)
                .orElse(scorer ? "starting without models" : "starting with empty learners"));
    LocalJob job =
        JobFailures.start(
            scorer ? ScoringJob::addTo : ReweightJob::addTo, engine, restoreFrom, true);
    Thread stop = new Thread(() -> stop(job, err), "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    job.dashboard().ifPresent(address -> err.println("counterweight: dashboard at " + address));
    Optional<LiveConsole> console =
        scorer ? Optional.empty() : ConsoleStart.beside(job, engine, err);
    err.println("counterweight: running; Ctrl-C stops it");
    err.flush();
    try {
      job.termination().get();
    } catch (ExecutionException e) {
      throw new CommandFailure(
          "the job failed: " + engine.kafka().masked(JobFailures.sentence(e)), e);
    } finally {
      console.ifPresent(LiveConsole::close);
    }
    return ExitCode.OK;
  }

  private static void createTopics(EngineConfig engine) {
    try {
      KafkaTopics.create(engine, PATIENCE);
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }

  private Optional<String> restoreFrom(EngineConfig engine) throws IOException {
    return switch (from) {
      case "none" -> Optional.empty();
      case "latest" -> RetainedCheckpoints.newest(engine.checkpoints());
      default -> Optional.of(from);
    };
  }

  private static void stop(LocalJob job, PrintWriter err) {
    try {
      job.close();
    } catch (Exception e) {
      err.println("counterweight: " + e.getMessage());
      err.flush();
    }
  }
}
