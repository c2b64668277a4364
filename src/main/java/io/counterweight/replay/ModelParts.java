package io.counterweight.replay;

import io.counterweight.event.ModelSnapshot;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * Models in pieces, because results of a job are handed over in batches of a bounded size. A piece
 * is a snapshot with a part of the bytes, and its metrics say which. Not thread-safe.
 */
final class ModelParts {
  private static final int PART_BYTES = 256 * 1024;
  private static final String PARTS = "parts";

  private final Map<String, Whole> begun = new HashMap<>();

  private static final class Whole {
    byte[] bytes = new byte[0];
    int parts;
  }

  /** Cuts snapshots. */
  static final class Cut implements FlatMapFunction<ModelSnapshot, ModelSnapshot> {
    private static final long serialVersionUID = 1L;

    @Override
    public void flatMap(ModelSnapshot model, Collector<ModelSnapshot> out) {
      byte[] all = model.learner();
      int parts = Math.max(1, (all.length + PART_BYTES - 1) / PART_BYTES);
      for (int part = 0; part < parts; part++) {
        int from = part * PART_BYTES;
        int to = Math.min(all.length, from + PART_BYTES);
        out.collect(of(model, Arrays.copyOfRange(all, from, to), Map.of(PARTS, (double) parts)));
      }
    }
  }

  private static ModelSnapshot of(ModelSnapshot model, byte[] bytes, Map<String, Double> metrics) {
    return new ModelSnapshot(
        model.modelKey(),
        model.modelVersion(),
        model.trainedUntil(),
        model.architecture(),
        bytes,
        metrics);
  }

  /** Takes a key's next piece; returns the whole model with the last one, else null. */
  ModelSnapshot take(ModelSnapshot part) {
    Whole whole = begun.computeIfAbsent(part.modelKey(), key -> new Whole());
    int before = whole.bytes.length;
    whole.bytes = Arrays.copyOf(whole.bytes, before + part.learner().length);
    System.arraycopy(part.learner(), 0, whole.bytes, before, part.learner().length);
    if (++whole.parts < part.metrics().get(PARTS)) {
      return null;
    }
    begun.remove(part.modelKey());
    return of(part, whole.bytes, Map.of());
  }
}
