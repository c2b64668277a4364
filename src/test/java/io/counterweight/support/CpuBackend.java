package io.counterweight.support;

import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.compute.scalar.ScalarBackend;
import io.counterweight.compute.scalar.ScalarPasses;
import io.counterweight.model.BatmSpec;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Every backend of the class path that runs on the CPU, with its passes for tests that look inside
 * a step.
 */
public record CpuBackend(ComputeBackend backend, Function<BatmSpec, NetworkPasses> passes) {
  public static Stream<CpuBackend> all() {
    return Stream.of(new CpuBackend(new ScalarBackend(), ScalarPasses::new));
  }

  @Override
  public String toString() {
    return backend.name();
  }
}
