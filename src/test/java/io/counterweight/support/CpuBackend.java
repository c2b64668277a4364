package io.counterweight.support;

import io.counterweight.compute.Backends;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.compute.cuda.EmulatedCuda;
import io.counterweight.compute.nd4j.Nd4jBackend;
import io.counterweight.model.BatmSpec;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Every backend that runs on a CPU here, with its passes for tests that look inside a step; among
 * them the kernels of {@code cuda} on an emulated device, where a C++ compiler is at hand.
 */
public record CpuBackend(ComputeBackend backend, Function<BatmSpec, NetworkPasses> passes) {
  public static Stream<CpuBackend> all() {
    Stream<CpuBackend> cpu = Stream.of("vector", "scalar", "nd4j").map(CpuBackend::named);
    return EmulatedCuda.isAvailable() ? Stream.concat(cpu, Stream.of(emulatedCuda())) : cpu;
  }

  /** Whether it steps towards targets, which a learner's lanes ask for. */
  public boolean knowsTargets() {
    return !(backend instanceof EmulatedCuda);
  }

  private static CpuBackend emulatedCuda() {
    EmulatedCuda cuda = new EmulatedCuda();
    return new CpuBackend(cuda, cuda::passes);
  }

  private static CpuBackend named(String name) {
    ComputeBackend backend = Backends.named(name);
    return backend instanceof Nd4jBackend nd4j
        ? new CpuBackend(nd4j, nd4j::passes)
        : new CpuBackend(backend, ((io.counterweight.compute.cpu.CpuBackend) backend)::passes);
  }

  /** Whether its small operations are so slow that long tests take fewer of their cases. */
  public boolean isSlow() {
    return backend instanceof Nd4jBackend || backend instanceof EmulatedCuda;
  }

  @Override
  public String toString() {
    return backend.name();
  }
}
