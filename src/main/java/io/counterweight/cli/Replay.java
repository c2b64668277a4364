package io.counterweight.cli;

import io.counterweight.config.DurationText;
import io.counterweight.config.EngineConfig;
import io.counterweight.embedded.CsvFeed;
import io.counterweight.embedded.Feed;
import io.counterweight.embedded.LabelNoise;
import io.counterweight.evaluation.RunReport;
import io.counterweight.evaluation.RunSummary;
import io.counterweight.replay.CsvFeedDefinition;
import io.counterweight.replay.FeedConfig;
import io.counterweight.replay.FeedSupplier;
import io.counterweight.replay.FirstEvents;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replay}: what the engine would have said of a file's events, against the truth. */
@Command(
    name = "replay",
    description = {
      "Plays a CSV file through the engine in event-time order, without Kafka, and compares what it"
          + " says of each event, before it learns from it, with the file's labels.",
      "Labels can be made wrong on purpose, to see whether the engine finds them. The same seed"
          + " gives the same results, bit for bit."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight replay data.csv.gz",
      "  counterweight replay data.csv --noise miss:0.4,false:0.01 --trusted-fraction 0.02 --runs 5",
      "  counterweight replay data.csv --label fraud --time at --key shop --set learner.mini-batch=16"
    })
final class Replay implements Callable<Integer> {
  private static final int MOST_REJECTS_SHOWN = 5;

  @Parameters(
      paramLabel = "FILE.csv[.gz]",
      description = {
        "Comma-separated values; the first line names the columns.",
        "All columns but label, key and time are features, empty cells are missing values."
      })
  private Path file;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      defaultValue = "label",
      description = "Column of the true label, an integer. Default: ${DEFAULT-VALUE}")
  private String label;

  @Option(
      names = "--key",
      paramLabel = "COLUMN",
      description = "Column of the model key; each key has its own model. Default: one key")
  private String key;

  @Option(
      names = "--time",
      paramLabel = "COLUMN",
      description = {
        "Column of the event time, in milliseconds since 1970 or as 2020-01-31T10:00:00Z.",
        "Default: the file's order, a second apart"
      })
  private String time;

  @Option(
      names = "--ignore",
      paramLabel = "COLUMN",
      split = ",",
      description = "Columns to leave out, such as names; may be repeated.")
  private List<String> ignored = new ArrayList<>();

  @Option(
      names = "--concepts",
      paramLabel = "FILE.json",
      description = {
        "Groups columns into concepts: {\"place\": [\"country\", \"city\"], ...}.",
        "Default: each column is a concept"
      })
  private Path concepts;

  @Option(
      names = "--noise",
      paramLabel = "KIND:RATE",
      defaultValue = "none",
      description = {
        "How labels are made wrong: sym:0.2 (any label), miss:0.4,false:0.01 (positives missed and"
            + " false alarms), instance:0.3 (a part of the positives that looks alike).",
        "Default: ${DEFAULT-VALUE}"
      })
  private String noise;

  @Option(
      names = "--trusted-fraction",
      paramLabel = "F",
      defaultValue = "0",
      description =
          "Share of events, 0 to 1, whose true label comes too, as many of each class. Default:"
              + " ${DEFAULT-VALUE}")
  private double trustedFraction;

  @Option(
      names = "--trusted-delay",
      paramLabel = "DURATION",
      defaultValue = "0 s",
      description =
          "How long after its event a true label comes, such as 7d or 12h. Default:"
              + " ${DEFAULT-VALUE}")
  private String trustedDelay;

  @Option(
      names = "--shuffle",
      description = "Shuffle the events, for files that are sorted by label.")
  private boolean shuffle;

  @Option(names = "--events", paramLabel = "N", description = "Use only the first N events.")
  private Long events;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of everything random. Default: ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "1",
      description = "Runs with the seeds S to S + N - 1; shows means. Default: ${DEFAULT-VALUE}")
  private int runs;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Write the results, and what the report shows, as JSON too. Only the two timing values differ"
              + " between runs.")
  private Path json;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Write every prediction and weight to DIR, a line of JSON each.")
  private Path output;

  @Option(
      names = "--suspects",
      paramLabel = "FILE",
      description =
          "Write the suspect labels of the first run as CSV, those that counted least first.")
  private Path suspects;

  @Mixin private ReportOption reportOption;
  @Mixin private Overrides overrides;
  @Spec private CommandSpec spec;

  private boolean gathers;

  /** Where the suspects of the first run are. */
  private String suspectSentence;

  /** What the report holds, of the first run. */
  private Map<String, Object> contents;

  Replay() {}

  @Override
  public Integer call() {
    checkOptions();
    Optional<Path> page = reportOption.file(spec.commandLine(), json);
    gathers = json != null || page.isPresent();
    List<RunReport> reports = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      reports.add(run(seed + run));
    }
    RunSummary summary = new RunSummary(reports);
    PrintWriter out = spec.commandLine().getOut();
    out.print(runs == 1 ? reports.get(0).text() : summary.text());
    out.flush();
    if (suspectSentence != null) {
      spec.commandLine().getErr().println("counterweight: " + suspectSentence);
    }
    if (gathers) {
      Map<String, Object> results =
          ReportContents.file(runs == 1 ? reports.get(0).values() : summary.values(), contents);
      if (json != null) {
        ReportFile.write(json, results);
      }
      page.ifPresent(
          to -> reportOption.write(spec.commandLine(), to, ReportContents.ofRun(results)));
    }
    return ExitCode.OK;
  }

  private void checkOptions() {
    require(runs >= 1 && runs <= 1000, "--runs is " + runs + ", expected 1 to 1000");
    require(
        trustedFraction >= 0 && trustedFraction <= 1,
        "--trusted-fraction is " + trustedFraction + ", expected a number in [0, 1]");
    require(events == null || events >= 1, "--events is " + events + ", expected at least 1");
    if (json != null) {
      ReportFile.problemWith(json).ifPresent(problem -> require(false, "--json: " + problem));
    }
    if (suspects != null) {
      ReportFile.problemWith(suspects)
          .ifPresent(problem -> require(false, "--suspects: " + problem));
    }
    reading(() -> LabelNoise.parse(noise));
    reading(() -> definition(seed));
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  /** Wrong values and unusable files are wrong use, and their messages say what to do. */
  private <T> T reading(Callable<T> action) {
    try {
      return action.call();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    } catch (Exception e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }

  private CsvFeedDefinition definition(long runSeed) {
    return new CsvFeedDefinition(
        file.toString(),
        label,
        key,
        time,
        ignored,
        concepts == null ? null : concepts.toString(),
        noise,
        trustedFraction,
        TrustedDelay.parse(trustedDelay),
        shuffle,
        runSeed);
  }

  private RunReport run(long runSeed) {
    final long began = System.nanoTime();
    CsvFeedDefinition definition = definition(runSeed);
    CsvFeed whole = reading(definition::open);
    FeedSupplier feeds = events == null ? definition : definition.first(events);
    Feed feed = events == null ? whole : new FirstEvents(whole, events);
    final EngineConfig config = FeedConfig.replay(feed, runSeed, overrides.assignments());
    if (runSeed == seed) {
      showNotes(whole);
    }
    PrintWriter err = spec.commandLine().getErr();
    RunProgress progress =
        new RunProgress(err, feed.size(), feed.classes(), Terminal.isWatched(), null);
    RunContents gathered =
        gathers && runSeed == seed
            ? new RunContents(
                "replay of " + file.getFileName(), feed, config, runSeed, null, flipsLabels())
            : null;
    SuspectFile suspected =
        suspects != null && runSeed == seed ? new SuspectFile(suspects, flipsLabels()) : null;
    try (ReplayRun run =
        new ReplayRun(feed, progress, ResultFiles.in(outputFolder(runSeed)), gathered, suspected)) {
      RunReport report = run.run(feeds, config, about(feed), runSeed, whole.rejectCount(), began);
      if (gathered != null) {
        contents = run.contents();
      }
      if (suspected != null) {
        suspectSentence = suspected.write();
      }
      return report;
    }
  }

  private boolean flipsLabels() {
    return !LabelNoise.parse(noise).equals(LabelNoise.NONE);
  }

  private Path outputFolder(long runSeed) {
    return output == null || runs == 1 ? output : output.resolve("seed-" + runSeed);
  }

  private void showNotes(CsvFeed feed) {
    PrintWriter err = spec.commandLine().getErr();
    feed.notes().forEach(note -> err.println("counterweight: " + note + "."));
    List<CsvFeed.Reject> rejects = feed.rejects();
    for (CsvFeed.Reject reject : rejects.subList(0, Math.min(rejects.size(), MOST_REJECTS_SHOWN))) {
      err.printf("  line %d: %s%n", reject.line(), reject.reason());
    }
    if (feed.rejectCount() > MOST_REJECTS_SHOWN) {
      err.printf("  and %d more%n", feed.rejectCount() - MOST_REJECTS_SHOWN);
    }
  }

  private Map<String, String> about(Feed feed) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put("data", file.getFileName().toString());
    about.put(
        "model",
        String.format(
            "%d features in %d concepts, %d classes",
            feed.featureNames().size(), feed.concepts().size(), feed.classes()));
    about.put("noise", LabelNoise.parse(noise).toString());
    about.put(
        "trusted",
        trustedFraction
            + " of the events, after "
            + DurationText.format(TrustedDelay.parse(trustedDelay)));
    if (!overrides.assignments().isEmpty()) {
      about.put("set", String.join(" ", overrides.assignments()));
    }
    return about;
  }
}
