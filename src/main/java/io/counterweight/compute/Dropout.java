package io.counterweight.compute;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.SeededRandom;

/**
 * Entries of dropout masks. Every backend draws them in the same order: layer by layer, in it unit
 * by unit of all concepts, of a unit event by event.
 */
public final class Dropout {
  private final float rate;
  private final float kept;

  public Dropout(BatmSpec spec) {
    rate = spec.dropout();
    kept = 1 / (1 - rate);
  }

  /** Whether a pass with this source of masks, which may be null, drops anything. */
  public boolean drops(SeededRandom source) {
    return source != null && rate > 0;
  }

  /** The next entry: 0, or 1/(1 − p). */
  public float next(SeededRandom source) {
    return source.nextFloat() < rate ? 0 : kept;
  }
}
