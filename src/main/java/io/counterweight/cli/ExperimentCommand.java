package io.counterweight.cli;

import io.counterweight.experiment.Experiment;
import io.counterweight.experiment.ExperimentResults;
import io.counterweight.experiment.Suite;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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

/** {@code experiment}: arms of configuration side by side, on streams whose truth is known. */
@Command(
    name = "experiment",
    description = {
      "Runs every arm of a suite on every stream with every seed, test-then-train, and writes one"
          + " table: quality on the true labels, against the control and the oracle.",
      "The same suite gives the same table, but for the speeds. The files are written anew whenever"
          + " a stream is done."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight experiment docs/experiments/quick.yaml",
      "  counterweight experiment docs/experiments/suite.yaml --markdown table.md --json table.json"
    })
public final class ExperimentCommand implements Callable<Integer> {
  private static final double SECOND = 1e9;

  @Parameters(paramLabel = "SUITE.yaml", description = "Seeds, streams, arms and peers.")
  private Path file;

  @Option(names = "--markdown", paramLabel = "FILE", description = "Write the tables there too.")
  private Path markdown;

  @Option(names = "--json", paramLabel = "FILE", description = "Write every value as JSON.")
  private Path json;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "Cells that run at a time. Default: the processors")
  private int slots = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      defaultValue = ".*",
      description = "Only streams whose name matches.")
  private String only;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of the data sets. Default: property counterweight.data, ../shared/data")
  private Path data = Path.of(System.getProperty("counterweight.data", "../shared/data"));

  @Mixin private ReportOption reportOption;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    Suite suite = suite();
    Optional<Path> page = reportOption.file(spec.commandLine(), json);
    PrintWriter err = spec.commandLine().getErr();
    ExperimentResults results = new Experiment(suite, data).run(slots, new Told());
    String tables = results.markdown();
    PrintWriter out = spec.commandLine().getOut();
    out.print(tables);
    out.flush();
    page.ifPresent(
        to ->
            reportOption.write(
                spec.commandLine(),
                to,
                ReportContents.ofSuite("experiment " + file.getFileName(), results.values())));
    return results.failures().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  /** Each cell is told, and the files hold the streams that are done. */
  private final class Told implements Experiment.Progress {
    private final PrintWriter err = spec.commandLine().getErr();
    private final long began = System.nanoTime();

    @Override
    public void done(int cells, int of, String cell) {
      double seconds = (System.nanoTime() - began) / SECOND;
      err.printf(
          "%d of %d cells, %.0f s, about %.0f s to go: %s%n",
          cells, of, seconds, seconds * (of - cells) / cells, cell);
      err.flush();
    }

    @Override
    public void streamDone(ExperimentResults soFar) {
      if (json != null) {
        ReportFile.write(json, soFar.values());
      }
      if (markdown != null) {
        write(soFar.markdown());
      }
    }
  }

  private void write(String tables) {
    try {
      Files.writeString(markdown, tables);
    } catch (IOException e) {
      throw new CommandFailure(markdown + " cannot be written: " + e.getMessage(), e);
    }
  }

  private Suite suite() {
    if (slots < 1) {
      throw wrong("--slots is " + slots + ", expected at least 1");
    }
    for (Path output : new Path[] {json, markdown}) {
      if (output != null) {
        ReportFile.problemWith(output)
            .ifPresent(
                problem -> {
                  throw wrong(problem);
                });
      }
    }
    try {
      Suite whole = Suite.parse(Files.readString(file));
      return new Suite(
          whole.seeds(),
          whole.half(),
          whole.streams().stream().filter(s -> s.name().matches(only)).toList(),
          whole.arms(),
          whole.peers(),
          whole.peerSeeds());
    } catch (IllegalArgumentException e) {
      throw wrong(file + ": " + e.getMessage());
    } catch (NoSuchFileException e) {
      throw wrong("There is no file " + file + "; check the path");
    } catch (IOException e) {
      throw wrong(file + " cannot be read: " + e.getMessage());
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
