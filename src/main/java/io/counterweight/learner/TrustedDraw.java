package io.counterweight.learner;

import io.counterweight.compute.Batch;
import io.counterweight.meta.LabelPairs;
import io.counterweight.meta.TrustedReservoir.LabelledExample;
import java.util.List;

/**
 * Trusted events drawn for a mini-batch. Either batch may be null: no steering, or no anchor yet.
 *
 * @param pairs drawn for the anchor, those whose ordinary label is known
 */
record TrustedDraw(Batch meta, Batch anchor, List<LabelledExample> pairs) {

  /** All lanes get the same draw, so that they differ by policy only. */
  static TrustedDraw of(TrustedSettings trusted, LearnerState state) {
    state.reservoir.expire(state.latestEventTime - trusted.maximumAge());
    List<Integer> ready = state.reservoir.readyClasses(trusted.minimumPerClass());
    if (ready.size() < 2) {
      return new TrustedDraw(null, null, List.of());
    }
    List<LabelledExample> anchor = state.reservoir.drawAnchor(ready, trusted.batch(), state.random);
    List<LabelledExample> meta = state.reservoir.drawMeta(ready, trusted.batch(), state.random);
    List<LabelledExample> pairs =
        anchor.stream().filter(drawn -> drawn.example().observed() != LabelPairs.UNKNOWN).toList();
    return new TrustedDraw(batchOf(meta), anchor.isEmpty() ? null : batchOf(anchor), pairs);
  }

  static Batch batchOf(List<LabelledExample> examples) {
    float[][] rows = new float[examples.size()][];
    float[] y = new float[examples.size()];
    for (int i = 0; i < y.length; i++) {
      rows[i] = examples.get(i).example().inputs();
      y[i] = examples.get(i).label();
    }
    return Batch.ofRows(rows, y);
  }
}
