package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import io.counterweight.embedded.EmbeddedKafka;
import io.counterweight.embedded.Feed;
import io.counterweight.evaluation.Evaluation;
import io.counterweight.evaluation.RunReport;
import io.counterweight.evaluation.Truth;
import io.counterweight.job.KafkaTopics;
import io.counterweight.job.LocalJob;
import io.counterweight.job.PublishedModels;
import io.counterweight.replay.FeedConfig;
import io.counterweight.replay.WatchedFeed;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code demo}: the whole engine on one machine, on simulated payments or a file. */
@Command(
    name = "demo",
    description = {
      "Runs the job on a real Kafka broker and a Flink, both inside this process: a simulator of card payments, or a CSV"
          + " file, produces events whose labels are partly wrong; a few are investigated; the job predicts, weighs and"
          + " learns. Shows how it goes and ends with a table."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight demo",
      "  counterweight demo --events 500000 --noise sym:0.2 --drift-at 0.5 --dashboard",
      "  counterweight demo --data data.csv --label fraud --trusted-fraction 0.02 --noise miss:0.4"
    })
final class Demo implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long STALLED_AFTER = Duration.ofMinutes(1).toNanos();
  private static final double SECOND = 1e9;

  @Mixin private DemoFeed feedOptions;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of everything random. Default: ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the results, and what the report shows, as JSON too.")
  private Path json;

  @Option(
      names = "--dashboard",
      description = "Keep the job, the console and Flink's dashboard up at the end, until Ctrl-C.")
  private boolean keepDashboard;

  @Option(
      names = "--dashboard-port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Port of Flink's dashboard; 0 (default) takes a free one.")
  private int dashboardPort;

  @Option(
      names = "--console-port",
      paramLabel = "PORT",
      defaultValue = "7007",
      description =
          "Port of the live console; 0 takes a free one, as a port that is taken does. Default:"
              + " ${DEFAULT-VALUE}")
  private int consolePort;

  @Mixin private ReportOption reportOption;
  @Mixin private Overrides overrides;
  @Spec private CommandSpec spec;

  /** What the report holds, once the run has ended. */
  private Map<String, Object> contents;

  Demo() {}

  @Override
  public Integer call() throws Exception {
    if (json != null) {
      ReportFile.problemWith(json)
          .ifPresent(
              problem -> {
                throw new ParameterException(spec.commandLine(), "--json: " + problem);
              });
    }
    checkPort("--dashboard-port", dashboardPort);
    checkPort("--console-port", consolePort);
    Optional<Path> page = reportOption.file(spec.commandLine(), json);
    Feed feed = feedOptions.open(spec.commandLine(), seed);
    try (DemoStage stage = new DemoStage()) {
      RunReport report = run(stage, feed);
      spec.commandLine().getOut().print(report.text());
      spec.commandLine().getOut().flush();
      Map<String, Object> results = ReportContents.file(report.values(), contents);
      if (json != null) {
        ReportFile.write(json, results);
      }
      page.ifPresent(
          to -> reportOption.write(spec.commandLine(), to, ReportContents.ofRun(results)));
      if (keepDashboard) {
        say("console and dashboard stay up; Ctrl-C ends the demo");
        new CompletableFuture<Void>().get();
      }
    }
    return ExitCode.OK;
  }

  private void checkPort(String option, int port) {
    if (port < 0 || port > 65_535) {
      throw new ParameterException(
          spec.commandLine(), option + " is " + port + ", expected 0 to 65535");
    }
  }

  private RunReport run(DemoStage stage, Feed feed) throws Exception {
    final long began = System.nanoTime();
    // Wrong overrides should be told before a broker is started for them.
    FeedConfig.live(feed, seed, "127.0.0.1:1", stage.directory(), overrides.assignments());
    say("starting a Kafka broker");
    EmbeddedKafka kafka = stage.startKafka();
    EngineConfig config =
        FeedConfig.live(
            feed,
            seed,
            kafka.bootstrapServers(),
            stage.directory(),
            overrides.after("dashboard.port=" + dashboardPort, "console.port=" + consolePort));
    KafkaTopics.create(config, PATIENCE);
    say("starting the job");
    LocalJob job = JobFailures.start(config, Optional.empty(), false);
    stage.running(job);
    job.dashboard().ifPresent(address -> say("Flink's dashboard: " + address));
    ConsoleStart.beside(job, config, spec.commandLine().getErr()).ifPresent(stage::showing);

    DemoLedger ledger = new DemoLedger();
    RunContents gathered =
        new RunContents(
            "demo on " + feedOptions.source(),
            feed,
            config,
            seed,
            feedOptions.drift(feed),
            feedOptions.flipsLabels());
    ExecutorService background = Executors.newSingleThreadExecutor();
    try (DemoResults results = new DemoResults(config)) {
      Future<Long> traffic =
          background.submit(
              new DemoTraffic(
                  new WatchedFeed(feed, gathered::sent),
                  config.topics(),
                  kafka.bootstrapServers(),
                  ledger));
      return watch(feed, config, job, ledger, results, gathered, traffic, began);
    } finally {
      background.shutdownNow();
    }
  }

  private RunReport watch(
      Feed feed,
      EngineConfig config,
      LocalJob job,
      DemoLedger ledger,
      DemoResults results,
      RunContents gathered,
      Future<Long> traffic,
      long began)
      throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    Evaluation evaluation = new Evaluation(feed.classes());
    RunProgress progress =
        new RunProgress(err, feed.size(), feed.classes(), Terminal.isWatched(), ledger::lag);
    long firstResult = 0;
    long lastResult = System.nanoTime();
    IntSupplier poll =
        () ->
            results.poll(
                prediction -> {
                  Truth truth = ledger.predicted(prediction.eventId());
                  if (truth != null) {
                    evaluation.predicted(truth, prediction);
                    progress.predicted(truth, prediction);
                    gathered.predicted(truth, prediction);
                  }
                },
                weight -> {
                  Truth truth = ledger.weighted(weight.eventId());
                  if (truth != null) {
                    evaluation.weighted(truth, weight);
                    progress.weighted(truth, weight);
                    gathered.weighted(truth, weight);
                  }
                },
                gathered::drifted);
    while (evaluation.predictions() < feed.size() || evaluation.weights() < feed.size()) {
      int fresh = poll.getAsInt();
      long now = System.nanoTime();
      if (fresh > 0) {
        firstResult = firstResult == 0 ? now : firstResult;
        lastResult = now;
      }
      checkAlive(job, traffic, now - lastResult);
    }
    progress.end();
    final long trusted = traffic.get();
    while (poll.getAsInt() > 0) {
      checkAlive(job, traffic, 0); // what is left of the topic of drift
    }
    new PublishedModels(config, PATIENCE).readAll(gathered.wantedModels(), gathered::learned);
    contents = gathered.values(evaluation);
    return new RunReport(
        feedOptions.about(feed, overrides),
        new RunReport.Counts(
            feed.size(),
            trusted,
            evaluation.predictions(),
            evaluation.weights(),
            results.rejects()),
        evaluation.quality(),
        evaluation.weightQuality(),
        seed,
        null,
        new RunReport.Timing(
            feed.size() * SECOND / Math.max(1, lastResult - firstResult),
            (System.nanoTime() - began) / SECOND));
  }

  /** A job that failed, or a feed that did, would otherwise be waited for in vain. */
  private static void checkAlive(LocalJob job, Future<Long> traffic, long silence)
      throws InterruptedException {
    try {
      if (job.termination().isDone()) {
        job.termination().get();
        throw new CommandFailure("the job ended before all events were predicted", null);
      }
      if (traffic.isDone()) {
        traffic.get();
      }
    } catch (ExecutionException e) {
      throw new CommandFailure("the demo failed: " + JobFailures.sentence(e), e);
    }
    if (silence > STALLED_AFTER) {
      throw new CommandFailure(
          "no result has come for a minute; the log says more: "
              + System.getProperty("counterweight.log", "target/counterweight.log"),
          null);
    }
  }

  private void say(String message) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("counterweight: " + message);
    err.flush();
  }
}
