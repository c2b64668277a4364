package io.counterweight.support;

import io.counterweight.compute.Backends;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.compute.nd4j.Nd4jBackend;
import io.counterweight.model.BatmSpec;
import java.util.function.Function;
import java.util.stream.Stream;

/** Every backend of the CPU that runs here, with its passes for tests that look inside a step. */
public record CpuBackend(ComputeBackend backend, Function<BatmSpec, NetworkPasses> passes) {
  public static Stream<CpuBackend> all() {
    return Stream.of("vector", "scalar", "nd4j").map(CpuBackend::named);
  }

  private static CpuBackend named(String name) {
    ComputeBackend backend = Backends.named(name);
    return backend instanceof Nd4jBackend nd4j
        ? new CpuBackend(nd4j, nd4j::passes)
        : new CpuBackend(backend, ((io.counterweight.compute.cpu.CpuBackend) backend)::passes);
  }

  /** Whether its small operations are so slow that long tests take fewer of their cases. */
  public boolean isSlow() {
    return backend instanceof Nd4jBackend;
  }

  @Override
  public String toString() {
    return backend.name();
  }
}
