package io.counterweight.compute.nd4j;

import io.counterweight.compute.gpu.ComputeCapability;
import io.counterweight.compute.gpu.Gpu;
import io.counterweight.compute.gpu.GpuProbe;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which GPUs ND4J's CUDA library runs on. It carries machine code for a few architectures (read
 * from the fat binary of {@code nd4j-cuda-11.6} 1.0.0-M2.1) and no PTX, which a driver could
 * compile for a newer one.
 */
final class CudaSupport {
  private static final List<ComputeCapability> CODE =
      Stream.of("3.7", "5.0", "5.2", "6.0", "6.1", "7.0", "7.5", "8.0", "8.6")
          .map(ComputeCapability::parse)
          .toList();

  private CudaSupport() {}

  /** The code of the library that a device of that capability runs, if there is any. */
  static Optional<ComputeCapability> codeFor(ComputeCapability device) {
    return CODE.stream()
        .filter(device::runsCodeFor)
        .max(Comparator.comparingInt(ComputeCapability::minor));
  }

  /**
   * Names the GPU that will compute.
   *
   * @return part of a sentence for the log
   * @throws IllegalStateException if there is none that can, saying what to use instead
   */
  static String check(GpuProbe.Result probe) {
    if (probe.gpus().isEmpty()) {
      throw new IllegalStateException(
          "compute.backend is nd4j, which cannot run: this build has ND4J for CUDA, and "
              + probe.missing()
              + "; install the driver, build without the Maven profile nd4j-cuda, or use compute.backend"
              + " auto, which takes what works on this machine");
    }
    Optional<Gpu> usable =
        probe.gpus().stream().filter(gpu -> codeFor(gpu.capability()).isPresent()).findFirst();
    String unusable =
        probe.gpus().stream()
            .filter(gpu -> codeFor(gpu.capability()).isEmpty())
            .map(Gpu::toString)
            .distinct()
            .collect(Collectors.joining(", "));
    if (usable.isEmpty()) {
      throw new IllegalStateException(
          "compute.backend is nd4j, which cannot run: ND4J's CUDA library has no code for "
              + unusable
              + ", only for "
              + CODE.stream().map(ComputeCapability::architecture).collect(Collectors.joining(", "))
              + " and no PTX; use compute.backend auto, which takes what works on this machine, or"
              + " build without the Maven profile nd4j-cuda");
    }
    String code = codeFor(usable.get().capability()).orElseThrow().architecture();
    return usable.get()
        + " with ND4J's code for "
        + code
        + (unusable.isEmpty() ? "" : "; keep " + unusable + " from it by CUDA_VISIBLE_DEVICES");
  }
}
