package io.counterweight.cli;

import io.counterweight.bench.BenchReport;
import io.counterweight.bench.EngineLoop.Arrival;
import io.counterweight.bench.MachineBench;
import io.counterweight.bench.Shape;
import io.counterweight.compute.Backends;
import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedTimeline;
import io.counterweight.embedded.FraudSimulator;
import io.counterweight.embedded.LabelNoise;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.replay.FeedConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code bench}: what to expect of this machine. */
@Command(
    name = "bench",
    description = {
      "Measures what one slot of this machine does: training steps and predictions per second of three sizes of model, and"
          + " the learner's whole loop on the demo's events. Needs no Kafka. Close what else is running."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight bench",
      "  counterweight bench --threads 4 --json bench.json",
      "  counterweight bench --backend scalar --shapes small --batches 16,64 --seconds 20"
    })
final class Bench implements Callable<Integer> {
  private static final int ENGINE_EVENTS = 12_000;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = Backends.AUTO,
      description = "Compute backend, as compute.backend. Default: ${DEFAULT-VALUE}")
  private String backend;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "90",
      description = "How long to measure, about. Default: ${DEFAULT-VALUE}")
  private double seconds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Run the learner's loop on so many threads at once too. Default: one only")
  private int threads;

  @Option(
      names = "--shapes",
      paramLabel = "SHAPE",
      split = ",",
      defaultValue = "small,medium,large",
      converter = ShapeByLabel.class,
      description = "Sizes of model. Default: ${DEFAULT-VALUE}")
  private List<Shape> shapes;

  @Option(
      names = "--batches",
      paramLabel = "N",
      split = ",",
      defaultValue = "16,64,256,1024",
      description = "Sizes of batches. Default: ${DEFAULT-VALUE}")
  private List<Integer> batches;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON too.")
  private Path json;

  @Spec private CommandSpec spec;

  Bench() {}

  private static final class ShapeByLabel implements ITypeConverter<Shape> {
    @Override
    public Shape convert(String label) {
      return Arrays.stream(Shape.values())
          .filter(shape -> shape.label().equals(label))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "is '" + label + "', expected small, medium or large"));
    }
  }

  @Override
  public Integer call() throws Exception {
    check();
    Backends.Choice choice = choose();
    PrintWriter err = spec.commandLine().getErr();
    BenchReport report =
        new MachineBench(shapes, batches, threads, seconds)
            .run(
                choice,
                engine(),
                arrivals(),
                next -> {
                  err.println("counterweight: measuring " + next);
                  err.flush();
                });
    spec.commandLine().getOut().print(report.text());
    spec.commandLine().getOut().flush();
    if (json != null) {
      ReportFile.write(json, report.values());
    }
    return ExitCode.OK;
  }

  private void check() {
    if (!(seconds > 0) || seconds > 86_400) {
      throw wrong("--seconds is " + seconds + ", expected a positive number up to 86400");
    }
    if (threads < 1 || threads > 1024) {
      throw wrong("--threads is " + threads + ", expected 1 to 1024");
    }
    for (int batch : batches) {
      if (batch < 1 || batch > 65_536) {
        throw wrong("--batches has " + batch + ", expected 1 to 65536");
      }
    }
    if (json != null) {
      ReportFile.problemWith(json)
          .ifPresent(
              problem -> {
                throw wrong("--json: " + problem);
              });
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private Backends.Choice choose() {
    try {
      return Backends.choose(backend);
    } catch (IllegalArgumentException e) {
      throw wrong("--backend: " + e.getMessage());
    } catch (IllegalStateException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }

  private static Feed feed() {
    return new FraudSimulator(
        FraudSimulator.Options.of(ENGINE_EVENTS, 1)
            .withNoise(LabelNoise.parse("miss:0.4,false:0.01")));
  }

  private static LearnerSettings engine() {
    return FeedConfig.replay(feed(), 1, List.of()).learner();
  }

  private static List<Arrival> arrivals() {
    List<Arrival> arrivals = new ArrayList<>();
    FeedTimeline timeline = new FeedTimeline(feed());
    while (timeline.hasNext()) {
      FeedTimeline.Entry entry = timeline.next();
      arrivals.add(new Arrival(entry.event(), entry.trusted()));
    }
    return arrivals;
  }
}
