package io.counterweight.support;

import io.counterweight.compute.Backends;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.model.BatmSpec;
import java.util.function.Function;
import java.util.stream.Stream;

/** Every backend of the CPU that runs here, with its passes for tests that look inside a step. */
public record CpuBackend(ComputeBackend backend, Function<BatmSpec, NetworkPasses> passes) {
  public static Stream<CpuBackend> all() {
    return Stream.of("vector", "scalar").map(CpuBackend::named);
  }

  private static CpuBackend named(String name) {
    io.counterweight.compute.cpu.CpuBackend backend =
        (io.counterweight.compute.cpu.CpuBackend) Backends.named(name);
    return new CpuBackend(backend, backend::passes);
  }

  @Override
  public String toString() {
    return backend.name();
  }
}
