package io.counterweight.cli;

import io.counterweight.mubo.MuboData;
import io.counterweight.mubo.MuboJob;
import io.counterweight.mubo.MuboMethod;
import io.counterweight.mubo.MuboOutput;
import io.counterweight.mubo.MuboReport;
import io.counterweight.mubo.MuboRequest;
import io.counterweight.sampling.MuboVariant;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mubo}: which rows of the frequent class are worth training on. */
@Command(
    name = "mubo",
    description = {
      "Majority undersampling with bilevel optimisation (Medlin, Leyffer and Raghavan 2024) on a"
          + " CSV file of two classes: tries small samples of the frequent class and keeps those by"
          + " which its loss does not rise.",
      "Shows the quality on test rows of a network trained on what was kept, and with --baselines of"
          + " the same network trained otherwise. The variants are explained in docs/mubo.md."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight mubo data.csv.gz --baselines",
      "  counterweight mubo data.csv --variant paper,corrected --runs 5 --json mubo.json",
      "  counterweight mubo data.csv --label kind --positive 3 --accepted rows.csv"
    })
final class MuboCommand implements Callable<Integer> {
  private static final double SECOND = 1e9;

  @Parameters(
      paramLabel = "FILE.csv[.gz]",
      description = "Comma-separated values; all columns but the label are features.")
  private Path file;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      defaultValue = "label",
      description = "Column of the label, an integer. Default: ${DEFAULT-VALUE}")
  private String label;

  @Option(
      names = "--positive",
      paramLabel = "LABEL",
      description = "This class against all others, for files of more than two classes.")
  private Integer positive;

  @Option(
      names = "--ignore",
      paramLabel = "COLUMN",
      split = ",",
      description = "Columns to leave out, such as names; may be repeated.")
  private List<String> ignored = new ArrayList<>();

  @Option(
      names = "--variant",
      paramLabel = "VARIANT",
      split = ",",
      defaultValue = "corrected",
      description = "paper, published-code, corrected or several. Default: ${DEFAULT-VALUE}")
  private List<String> variants;

  @Option(
      names = "--baselines",
      description =
          "Also: without sampling, random undersampling, SMOTE, Borderline-SMOTE, SVM-SMOTE.")
  private boolean baselines;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Runs, each with its own split and start. Default: ${DEFAULT-VALUE}")
  private int runs;

  @Option(
      names = "--max-iter",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "Samples of the frequent class that are tried at most. Default: ${DEFAULT-VALUE}")
  private int mostSteps;

  @Option(
      names = "--max-epochs",
      paramLabel = "N",
      defaultValue = "50",
      description = "Passes over the rows of one training at most. Default: ${DEFAULT-VALUE}")
  private int mostEpochs;

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      defaultValue = "0.001",
      description = "A training ends at this norm of the gradient. Default: ${DEFAULT-VALUE}")
  private double tolerance;

  @Option(
      names = "--test",
      paramLabel = "F",
      defaultValue = "0.2",
      description = "Share of the rows that are only tested on. Default: ${DEFAULT-VALUE}")
  private double testShare;

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "0",
      description = "Use only N random rows of the file, for large ones; 0: all.")
  private int sample;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of everything random. Default: ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "Runs at a time. Default: the processors")
  private int slots = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--accepted",
      paramLabel = "FILE.csv",
      description =
          "Write the lines of the data file that were accepted in each run, of both classes; of the"
              + " first variant.")
  private Path accepted;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write all steps and results as JSON.")
  private Path json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    final long began = System.nanoTime();
    require(runs >= 1 && runs <= 1000, "--runs is " + runs + ", expected 1 to 1000");
    require(slots >= 1, "--slots is " + slots + ", expected at least 1");
    for (Path output : Arrays.asList(json, accepted)) {
      if (output != null) {
        ReportFile.problemWith(output).ifPresent(problem -> require(false, problem));
      }
    }
    List<MuboMethod> methods = methods();
    MuboRequest request = request();
    PrintWriter err = spec.commandLine().getErr();
    tellData(request, err);
    MuboReport report = new MuboReport(methods);
    try {
      MuboJob.run(
          request,
          methods,
          runs,
          slots,
          output -> {
            report.add(output);
            tell(output, err);
          });
    } catch (Exception e) {
      throw new CommandFailure("the job failed: " + JobFailures.sentence(e), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(report.table());
    out.printf(
        Locale.ROOT,
        "%nMeans of %d runs ± standard deviation; F1, precision and recall are means of both classes."
            + " %.0f s in all.%n",
        runs,
        (System.nanoTime() - began) / SECOND);
    out.flush();
    write(report, methods.get(0));
    return ExitCode.OK;
  }

  private void write(MuboReport report, MuboMethod first) {
    if (accepted != null) {
      try {
        Files.write(accepted, report.acceptedRows(first));
      } catch (IOException e) {
        throw new CommandFailure(accepted + " cannot be written: " + e.getMessage(), e);
      }
    }
    if (json != null) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("data", Objects.toString(file.getFileName()));
      values.put("runs", runs);
      values.put("seed", seed);
      values.put("maxSteps", mostSteps);
      values.put("maxEpochs", mostEpochs);
      values.put("tolerance", tolerance);
      values.put("test", testShare);
      values.put("methods", report.values());
      ReportFile.write(json, values);
    }
  }

  private List<MuboMethod> methods() {
    List<MuboMethod> methods = new ArrayList<>();
    for (String name : variants) {
      String constant = name.strip().toUpperCase(Locale.ROOT).replace('-', '_');
      MuboVariant variant =
          Arrays.stream(MuboVariant.values())
              .filter(v -> v.name().equals(constant))
              .findFirst()
              .orElse(null);
      require(
          variant != null,
          "--variant is '" + name + "', expected paper, published-code or corrected");
      MuboMethod method = MuboMethod.of(variant);
      require(!methods.contains(method), "--variant names " + name + " twice");
      methods.add(method);
    }
    if (baselines) {
      methods.addAll(MuboMethod.BASELINES);
    }
    return methods;
  }

  private MuboRequest request() {
    try {
      return new MuboRequest(
          file.toString(),
          label,
          ignored,
          positive,
          sample,
          testShare,
          mostSteps,
          mostEpochs,
          tolerance,
          seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void tellData(MuboRequest request, PrintWriter err) {
    try {
      MuboData data = MuboData.read(request);
      data.checkSplit(testShare);
      err.printf(
          Locale.ROOT,
          "counterweight: %,d rows of %d features, %,d of the rare class (%s)%n",
          data.y().length,
          data.x()[0].length,
          data.rareRows(),
          data.rareLabel());
      err.flush();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void tell(MuboOutput output, PrintWriter err) {
    String title = MuboMethod.valueOf(output.method()).title();
    if (output.isEnd()) {
      err.printf(
          Locale.ROOT,
          "%s, run %d: done in %.1f s, %,d rows, F1 %.3f%n",
          title,
          output.run(),
          output.seconds(),
          output.proposed(),
          output.scores().f1());
    } else {
      err.printf(
          Locale.ROOT,
          "%s, run %d, step %d of at most %d: %d rows, majority loss %.4f, bound %.4f: %s;"
              + " %,d accepted, F1 %.3f%n",
          title,
          output.run(),
          output.step(),
          mostSteps,
          output.proposed(),
          output.majorityLoss(),
          output.bound(),
          output.accepted() ? "accepted" : "rejected",
          output.majorityRows(),
          output.scores().f1());
    }
    err.flush();
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
