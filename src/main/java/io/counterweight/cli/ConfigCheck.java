package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import io.counterweight.config.OptionValues;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code config check}: checks a file and prints every key with the value that would hold. */
@Command(
    name = "check",
    description = {
      "Checks a configuration file and prints it with every default filled in, as YAML that can be"
          + " loaded again. Secrets are masked. Asks no broker."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight config check job.yaml",
      "  counterweight config check job.yaml --set learner.mini-batch=16 > full.yaml"
    })
final class ConfigCheck implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "The job's configuration (YAML).")
  private Path file;

  @Mixin private Overrides overrides;
  @Spec private CommandSpec spec;

  ConfigCheck() {}

  @Override
  public Integer call() {
    OptionValues values = OptionValues.load(file, overrides.assignments());
    EngineConfig config = values.toEngineConfig();
    PrintWriter out = spec.commandLine().getOut();
    out.print(values.toYaml());
    out.flush();
    spec.commandLine()
        .getErr()
        .printf(
            "%s is fine: %d features in %d concepts, %d classes, %d lanes.%n",
            file,
            config.featureNames().size(),
            config.learner().spec().conceptCount(),
            config.learner().spec().outputs(),
            config.learner().lanes().size());
    return ExitCode.OK;
  }
}
