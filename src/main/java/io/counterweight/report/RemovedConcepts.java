package io.counterweight.report;

import io.counterweight.compute.TrainingState;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import java.util.ArrayList;
import java.util.List;

/** Concepts that a lane has dropped: all their input factors are 0. */
public final class RemovedConcepts {
  private RemovedConcepts() {}

  /** Their names, in the model's order; none where the lane has another shape. */
  public static List<String> of(BatmSpec spec, TrainingState lane) {
    ParameterLayout layout = ParameterLayout.parameters(spec);
    if (layout.size() != lane.parameters.length) {
      return List.of();
    }
    int concepts = spec.conceptCount();
    boolean[] used = new boolean[concepts];
    for (int k = 1; k <= spec.order(); k++) {
      ParameterLayout.Block factors = layout.block("I" + k);
      for (int i = 0; i < factors.size(); i++) {
        used[i % concepts] |= lane.parameters[factors.offset() + i] != 0;
      }
    }
    List<String> removed = new ArrayList<>();
    for (int c = 0; c < concepts; c++) {
      if (!used[c]) {
        removed.add(spec.concepts().get(c).name());
      }
    }
    return removed;
  }
}
