package io.counterweight.bench;

import static io.counterweight.bench.MarkdownTable.number;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.codec.ScoringModelCodec;
import io.counterweight.compute.TrainingState;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.ScoringModel;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code state-size}: what a key's learner takes, against its parameters and their moments. */
@Command(
    name = "state-size",
    description =
        "Bytes of a learner on the heap and in state, against 4 bytes x 3 x parameters of each lane.")
final class StateSize implements Callable<Integer> {
  private static final int FULL = 300;

  @Spec private CommandSpec spec;

  StateSize() {}

  @Override
  public Integer call() {
    MarkdownTable table =
        new MarkdownTable(
            "shape, default lanes",
            "parameters a lane",
            "12 B x parameters x lanes",
            "state, no trusted events",
            "ratio",
            "state, reservoir full",
            "ratio",
            "heap, reservoir full",
            "ratio",
            "with the scorer: state",
            "decoded");
    for (Shape shape : Shape.values()) {
      LearnerSettings settings = Learners.settings(shape);
      LearnerState full = Learners.trained(settings, FULL);
      long least = 0;
      for (TrainingState lane : full.lanes) {
        least += 12L * lane.parameters.length;
      }
      int empty = LearnerStateCodec.encode(Learners.trained(settings, 0)).length;
      ScoringModel scoring = ScoringModel.of(full);
      int bytes = LearnerStateCodec.encode(full).length;
      table.row(
          shape.description(),
          String.format(Locale.ROOT, "%,d", full.lanes.get(0).parameters.length),
          String.format(Locale.ROOT, "%,d", least),
          String.format(Locale.ROOT, "%,d", empty),
          number((double) empty / least, 3),
          String.format(Locale.ROOT, "%,d", bytes),
          number((double) bytes / least, 3),
          String.format(Locale.ROOT, "%,d", full.heapBytes()),
          number((double) full.heapBytes() / least, 3),
          String.format(Locale.ROOT, "%,d", ScoringModelCodec.encode(scoring).length),
          String.format(Locale.ROOT, "%,d", scoring.heapBytes()));
    }
    spec.commandLine().getOut().print(table);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
