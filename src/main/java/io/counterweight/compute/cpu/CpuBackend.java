package io.counterweight.compute.cpu;

import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.BilevelStep;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.model.BatmSpec;
import java.util.function.Supplier;

/**
 * A backend of the CPU.
 *
 * @param name as written in {@code compute.backend}
 * @param kernels makes the inner loops; each opened architecture has its own
 */
public record CpuBackend(String name, Supplier<Kernels> kernels) implements ComputeBackend {

  /** The passes alone, for those who look inside a step. */
  public NetworkPasses passes(BatmSpec spec) {
    return new CpuPasses(spec, kernels.get());
  }

  @Override
  public BatmCompute open(BatmSpec spec) {
    return new BilevelStep(spec, passes(spec));
  }
}
