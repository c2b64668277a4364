package io.counterweight.cli;

import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import io.counterweight.learner.LearnerState;
import io.counterweight.model.BatmSpec;
import io.counterweight.report.ModelSections;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code report}: pictures of a run, a suite or a stored model, in one file. */
@Command(
    name = "report",
    description = {
      "Makes one page of pictures, which any browser shows without a network: of the results of a run"
          + " or a suite, or of the models in a savepoint, a checkpoint or a file.",
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  counterweight report run.json -o run.html",
      "  counterweight report savepoints/savepoint-3c1f0a-0d5b --config job.yaml",
      "  counterweight report savepoints/savepoint-3c1f0a-0d5b --key shop-a -o shop-a.html"
    })
final class ReportCommand implements Callable<Integer> {
  /** Beyond these, a page would become too long to read and too large to send. */
  private static final int MOST_MODELS = RunContents.MODELS;

  private static final float DEFAULT_CLIP = 10;

  @Parameters(
      paramLabel = "WHERE",
      description =
          "A file that demo, replay or experiment wrote with --json; or, as inspect takes it, a"
              + " savepoint, a checkpoint, a folder of checkpoints, or a file with the bytes of one"
              + " learner.")
  private String where;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE.html",
      defaultValue = "counterweight-report.html",
      description = "The page. Default: ${DEFAULT-VALUE}")
  private Path output;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The job's configuration: names the features of stored models, which do not know them.")
  private Path configuration;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "One model, with all of its lanes. Default: those of the keys with most events")
  private String key;

  @Mixin private Overrides overrides;
  @Spec private CommandSpec spec;

  ReportCommand() {}

  @Override
  public Integer call() {
    ReportFile.problemWith(output)
        .ifPresent(
            problem -> {
              throw new ParameterException(spec.commandLine(), "--output: " + problem);
            });
    if (configuration == null && !overrides.assignments().isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--set goes with --config");
    }
    Map<String, Object> report;
    try {
      report = isResults() ? ReportContents.read(Path.of(where)) : ofModels();
      ReportOption.write(output, report);
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
    PrintWriter err = spec.commandLine().getErr();
    err.println("counterweight: report: " + output);
    err.flush();
    return ExitCode.OK;
  }

  private boolean isResults() throws IOException {
    try {
      Path file = Path.of(where);
      boolean json = Files.isRegularFile(file) && ReportContents.looksLikeJson(file);
      if (json && (key != null || configuration != null)) {
        throw new ParameterException(
            spec.commandLine(),
            "--key and --config belong to stored models, " + where + " is JSON");
      }
      return json;
    } catch (InvalidPathException e) {
      return false; // perhaps an address
    }
  }

  private Map<String, Object> ofModels() throws IOException {
    EngineConfig config =
        configuration == null ? null : EngineConfig.load(configuration, overrides.assignments());
    StoredLearners learners = StoredLearners.read(StoredLearners.at(where), wanted());
    if (learners.wholes().isEmpty()) {
      throw new CommandFailure(
          key == null
              ? where + " holds no learner"
              : "There is no learner of key '"
                  + key
                  + "' among "
                  + learners.summaries().size()
                  + "; 'counterweight inspect "
                  + where
                  + "' lists them",
          null);
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("format", ReportContents.FORMAT);
    report.put("kind", "snapshot");
    Path name = Path.of(where.replaceFirst("^[A-Za-z][A-Za-z0-9+.-]+:", "")).getFileName();
    report.put("title", "models of " + (name == null ? where : name));
    int classes = learners.wholes().get(0).trustedCounts.length;
    report.put("classes", IntStream.range(0, classes).mapToObj(String::valueOf).toList());
    report.put("keys", keys(learners.summaries()));
    List<Map<String, Object>> models = new ArrayList<>();
    for (LearnerState state : learners.wholes()) {
      models.add(model(state, config, learners.bytes(state.modelKey), models.isEmpty()));
    }
    report.put("models", models);
    return report;
  }

  private StoredLearners.Wanted wanted() {
    return key == null
        ? StoredLearners.Wanted.busiest(MOST_MODELS)
        : StoredLearners.Wanted.keys(Set.of(key));
  }

  private static Map<String, Object> model(
      LearnerState state, EngineConfig config, long bytes, boolean allLanes) {
    int features = state.standardizer.mean.length;
    BatmSpec spec;
    try {
      spec =
          config == null
              ? state.blueprint.spec(features, state.trustedCounts.length)
              : config.learner().spec();
    } catch (IllegalStateException e) {
      throw new CommandFailure(e.getMessage() + "; name its configuration with --config", e);
    }
    try (ModelSections pictures =
        new ModelSections(
            spec,
            config == null ? BatmSpec.featureNames(features) : config.featureNames(),
            config == null ? DEFAULT_CLIP : config.learner().standardiserClip(),
            Backends.named(Backends.AUTO))) {
      return pictures.values(state, bytes, null, allLanes);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          "The configuration is not that of key '" + state.modelKey + "': " + e.getMessage(), e);
    }
  }

  /** As the section of a run, as far as stored learners tell. */
  private static Map<String, Object> keys(List<LearnerSummary> learners) {
    List<Map<String, Object>> rows =
        learners.stream()
            .sorted(
                Comparator.<LearnerSummary>comparingLong(one -> -one.predicted())
                    .thenComparing(LearnerSummary::key))
            .limit(ReportContents.MOST_KEYS)
            .map(ReportCommand::row)
            .toList();
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("total", learners.size());
    keys.put("rows", rows);
    return keys;
  }

  private static Map<String, Object> row(LearnerSummary learner) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("key", learner.key());
    row.put("events", learner.predicted());
    row.put("labelled", null);
    row.put("suspects", null);
    row.put("meanWeight", null);
    row.put("drifts", null);
    row.put("driftState", learner.driftState().name());
    row.put("driftKind", learner.driftKind().name());
    row.put("version", learner.version());
    row.put("lastTime", learner.trainedUntil() == Long.MIN_VALUE ? null : learner.trainedUntil());
    return row;
  }
}
