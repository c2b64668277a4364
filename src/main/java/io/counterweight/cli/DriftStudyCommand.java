package io.counterweight.cli;

import io.counterweight.experiment.DriftStudy;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code drift-study}: how well drift is found where it is known. */
@Command(
    name = "drift-study",
    description = {
      "Runs the engine on streams with changes of known place and kind, and on streams without any:"
          + " how many are found, how soon, under which kind, and how many alarms are false."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight drift-study",
      "  counterweight drift-study --runs 4 --set learner.drift.detector=adwin"
    })
final class DriftStudyCommand implements Callable<Integer> {
  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "20",
      description = "Seeds of each change. Default: ${DEFAULT-VALUE}")
  private int runs;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "The first seed. Default: ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "Runs at a time. Default: the processors")
  private int slots = Runtime.getRuntime().availableProcessors();

  @Mixin private Overrides overrides;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (runs < 1 || runs > 1000 || slots < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--runs is " + runs + " and --slots " + slots + ", expected 1 to 1000 and at least 1");
    }
    List<Long> seeds = new ArrayList<>(LongStream.range(seed, seed + runs).boxed().toList());
    PrintWriter out = spec.commandLine().getOut();
    try {
      out.print(new DriftStudy(seeds, overrides.assignments()).run(slots));
      out.flush();
      return ExitCode.OK;
    } catch (ExecutionException e) {
      throw new CommandFailure("the study failed: " + e.getCause().getMessage(), e);
    }
  }
}
