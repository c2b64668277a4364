package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import io.counterweight.job.LearnerSource;
import io.counterweight.job.PublishedModels;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inspect}: what is in a savepoint, a learner's bytes or the topic of models. */
@Command(
    name = "inspect",
    description = {
      "Shows the learners in a savepoint or retained checkpoint, in a file of one learner's bytes, or"
          + " on the models topic. Changes nothing."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight inspect savepoints/savepoint-3c1f0a-0d5b",
      "  counterweight inspect checkpoints/counterweight --top 100 --sort key",
      "  counterweight inspect savepoints/savepoint-3c1f0a-0d5b --key shop-a --json shop-a.json",
      "  counterweight inspect --config job.yaml"
    })
final class InspectCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Parameters(
      arity = "0..1",
      paramLabel = "WHERE",
      description =
          "Folder or address of a savepoint or checkpoint; a folder of checkpoints, of which the newest"
              + " complete one is read; or a file with the bytes of one learner.")
  private String where;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Instead of WHERE: a job's configuration, whose models topic is read.")
  private Path config;

  @Option(names = "--key", paramLabel = "KEY", description = "One learner in detail.")
  private String key;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "20",
      description = "Rows of the table; totals are of all keys. Default: ${DEFAULT-VALUE}")
  private int top;

  @Option(
      names = "--sort",
      paramLabel = "ORDER",
      defaultValue = "size",
      description = "size (largest first) or key. Default: ${DEFAULT-VALUE}")
  private String sort;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write everything, of all keys, as JSON.")
  private Path json;

  @Mixin private Overrides overrides;
  @Spec private CommandSpec spec;

  InspectCommand() {}

  @Override
  public Integer call() {
    LearnerTable.Order order = check();
    StoredLearners learners;
    try {
      learners = StoredLearners.read(source(), key);
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
    LearnerTable table = new LearnerTable(learners.summaries(), order);
    LearnerDetail detail = detail(learners);
    PrintWriter out = spec.commandLine().getOut();
    out.print(detail == null ? table.text(top) : detail.text());
    out.flush();
    if (json != null) {
      ReportFile.write(json, report(table, detail));
    }
    return ExitCode.OK;
  }

  private LearnerTable.Order check() {
    if ((where == null) == (config == null)) {
      throw new ParameterException(
          spec.commandLine(), "Expected either WHERE or --config, found " + both());
    }
    if (where != null && !overrides.assignments().isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--set goes with --config");
    }
    if (top < 0) {
      throw new ParameterException(
          spec.commandLine(), "--top is " + top + ", expected 0 or more rows");
    }
    if (json != null) {
      ReportFile.problemWith(json)
          .ifPresent(
              problem -> {
                throw new ParameterException(spec.commandLine(), problem);
              });
    }
    return switch (sort) {
      case "size" -> LearnerTable.Order.SIZE;
      case "key" -> LearnerTable.Order.KEY;
      default ->
          throw new ParameterException(
              spec.commandLine(), "--sort is '" + sort + "', expected size or key");
    };
  }

  private String both() {
    return where == null ? "none" : "both";
  }

  private LearnerSource source() throws IOException {
    return where == null
        ? new PublishedModels(EngineConfig.load(config, overrides.assignments()), PATIENCE)
        : StoredLearners.at(where);
  }

  private LearnerDetail detail(StoredLearners learners) {
    if (key == null) {
      return null;
    }
    if (learners.whole() == null) {
      throw new CommandFailure(
          "There is no learner of key '" + key + "' among " + learners.summaries().size(), null);
    }
    return new LearnerDetail(learners.whole());
  }

  private Map<String, Object> report(LearnerTable table, LearnerDetail detail) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("totals", table.totals());
    report.put("learners", detail == null ? table.toJson() : null);
    if (detail != null) {
      report.put("learner", detail.toJson());
      report.remove("learners");
    }
    return report;
  }
}
