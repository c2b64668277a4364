package io.counterweight.compute.scalar;

import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.BilevelStep;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.model.BatmSpec;

/** The backend {@code scalar}: runs everywhere, deterministic on every JVM. */
public final class ScalarBackend implements ComputeBackend {
  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public BatmCompute open(BatmSpec spec) {
    return new BilevelStep(spec, new ScalarPasses(spec));
  }
}
