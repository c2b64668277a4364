package io.counterweight.cli;

import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FraudSimulator;
import io.counterweight.embedded.LabelNoise;
import io.counterweight.replay.CsvFeedDefinition;
import io.counterweight.replay.FirstEvents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Options of the demo that say what it is fed with. */
final class DemoFeed {
  private static final long DEFAULT_EVENTS = 100_000;

  @Option(
      names = "--events",
      paramLabel = "N",
      description =
          "Events to simulate (default "
              + DEFAULT_EVENTS
              + "), or to take from the file (default all).")
  private Long events;

  @Option(
      names = "--data",
      paramLabel = "FILE.csv[.gz]",
      description = "Feed a file instead of the simulator; see 'counterweight replay --help'.")
  private Path data;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description = "Column of the file's true label. Default: label")
  private String label;

  @Option(names = "--key", paramLabel = "COLUMN", description = "Column of the model key.")
  private String key;

  @Option(names = "--time", paramLabel = "COLUMN", description = "Column of the event time.")
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
      description = "Groups the file's columns into concepts.")
  private Path concepts;

  @Option(names = "--shuffle", description = "Shuffle the file's events.")
  private boolean shuffle;

  @Option(
      names = "--noise",
      paramLabel = "KIND:RATE",
      defaultValue = "miss:0.4,false:0.01",
      description =
          "How labels are made wrong: none, sym:0.2, miss:0.4,false:0.01, instance:0.3. Default:"
              + " ${DEFAULT-VALUE}")
  private String noise;

  @Option(
      names = "--trusted-fraction",
      paramLabel = "F",
      defaultValue = "0.02",
      description =
          "Share of events, 0 to 1, that are investigated, as many of each class. Default:"
              + " ${DEFAULT-VALUE}")
  private double trustedFraction;

  @Option(
      names = "--trusted-delay",
      paramLabel = "DURATION",
      defaultValue = "1 h",
      description =
          "How long after its event, in the events' time, an investigation ends. Default:"
              + " ${DEFAULT-VALUE}")
  private String trustedDelay;

  @Option(
      names = "--drift-at",
      paramLabel = "F",
      description = "Fraction of the simulated stream after which fraud changes its pattern.")
  private Double driftAt;

  DemoFeed() {}

  /** Makes the feed; what is wrong with the options or the file is wrong use. */
  Feed open(CommandLine command, long seed) {
    try {
      Feed feed = data == null ? simulator(seed) : file(seed);
      feed.notes().forEach(note -> command.getErr().println("counterweight: " + note + "."));
      return feed;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, e.getMessage(), e);
    }
  }

  private Feed simulator(long seed) {
    if (label != null
        || key != null
        || time != null
        || concepts != null
        || shuffle
        || !ignored.isEmpty()) {
      throw new IllegalArgumentException(
          "--label, --key, --time, --concepts, --ignore and --shuffle belong to a file; name it with --data");
    }
    return new FraudSimulator(
        new FraudSimulator.Options(
            events == null ? DEFAULT_EVENTS : events,
            seed,
            LabelNoise.parse(noise),
            trustedFraction,
            TrustedDelay.parse(trustedDelay),
            driftAt == null ? OptionalDouble.empty() : OptionalDouble.of(driftAt)));
  }

  private Feed file(long seed) {
    if (driftAt != null) {
      throw new IllegalArgumentException("--drift-at belongs to the simulator, leave --data out");
    }
    Feed whole =
        new CsvFeedDefinition(
                data.toString(),
                label == null ? "label" : label,
                key,
                time,
                ignored,
                concepts == null ? null : concepts.toString(),
                noise,
                trustedFraction,
                TrustedDelay.parse(trustedDelay),
                shuffle,
                seed)
            .open();
    return events == null ? whole : new FirstEvents(whole, events);
  }

  /** What is fed, in a few words. */
  String source() {
    return data == null ? "simulated card payments" : String.valueOf(data.getFileName());
  }

  /** Whether it is known which labels are wrong. */
  boolean flipsLabels() {
    return data == null || !LabelNoise.parse(noise).equals(LabelNoise.NONE);
  }

  /** Index of the first event after the change of the pattern, or null where there is none. */
  Long drift(Feed feed) {
    return driftAt == null ? null : (long) (driftAt * feed.size());
  }

  /** First lines of the report. */
  Map<String, String> about(Feed feed, Overrides overrides) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put("data", source());
    about.put(
        "model",
        feed.featureNames().size()
            + " features in "
            + feed.concepts().size()
            + " concepts, "
            + feed.classes()
            + " classes");
    about.put("noise", LabelNoise.parse(noise).toString());
    about.put("trusted", trustedFraction + " of the events, after " + trustedDelay);
    if (driftAt != null) {
      about.put("drift", "after " + driftAt + " of the events");
    }
    if (!overrides.assignments().isEmpty()) {
      about.put("set", String.join(" ", overrides.assignments()));
    }
    return about;
  }
}
