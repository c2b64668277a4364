package io.counterweight.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.compute.gpu.ComputeCapability;
import io.counterweight.compute.gpu.Gpu;
import io.counterweight.compute.gpu.GpuProbe;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaSupportTest {
  private static final Gpu AMPERE = gpu("NVIDIA GeForce RTX 3090", "8.6");
  private static final Gpu HOPPER = gpu("NVIDIA H200", "9.0");

  private static Gpu gpu(String name, String capability) {
    return new Gpu(name, ComputeCapability.parse(capability));
  }

  private static String check(Gpu... gpus) {
    return CudaSupport.check(new GpuProbe.Result(List.of(gpus), ""));
  }

  @ParameterizedTest(name = "{0} runs {1}")
  @CsvSource({
    "3.5, none",
    "3.7, sm_37",
    "5.0, sm_50",
    "5.2, sm_52",
    "6.0, sm_60",
    "6.1, sm_61",
    "7.0, sm_70",
    "7.5, sm_75",
    "8.0, sm_80",
    "8.6, sm_86",
    "8.9, sm_86",
    "9.0, none",
    "10.0, none",
    "12.0, none"
  })
  void theLibraryHasCodeFromKeplerToAda(String device, String code) {
    assertThat(
            CudaSupport.codeFor(ComputeCapability.parse(device))
                .map(ComputeCapability::architecture)
                .orElse("none"))
        .isEqualTo(code);
  }

  @Test
  void namesTheGpuAndTheCodeThatItRuns() {
    assertThat(check(gpu("NVIDIA L4", "8.9")))
        .isEqualTo("NVIDIA L4 (compute capability 8.9) with ND4J's code for sm_86");
  }

  @Test
  void anUnusableGpuBesideAUsableOneIsToBeKeptAway() {
    assertThat(check(HOPPER, AMPERE))
        .isEqualTo(
            "NVIDIA GeForce RTX 3090 (compute capability 8.6) with ND4J's code for sm_86; keep"
                + " NVIDIA H200 (compute capability 9.0) from it by CUDA_VISIBLE_DEVICES");
  }

  @Test
  void aNewerGpuIsRefusedWithWhatToUseInstead() {
    assertThatThrownBy(() -> check(HOPPER, HOPPER))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "compute.backend is nd4j, which cannot run: ND4J's CUDA library has no code for NVIDIA"
                + " H200 (compute capability 9.0), only for sm_37, sm_50, sm_52, sm_60, sm_61,"
                + " sm_70, sm_75, sm_80, sm_86 and no PTX; use compute.backend auto, which takes"
                + " what works on this machine, or build without the Maven profile nd4j-cuda");
  }

  @Test
  void withoutADriverTheMessageSaysSo() {
    GpuProbe.Result none = new GpuProbe.Result(List.of(), "the NVIDIA driver sees no GPU");

    assertThatThrownBy(() -> CudaSupport.check(none))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "compute.backend is nd4j, which cannot run: this build has ND4J for CUDA, and the NVIDIA"
                + " driver sees no GPU; install the driver, build without the Maven profile nd4j-cuda, or"
                + " use compute.backend auto, which takes what works on this machine");
  }

  @Test
  void everyMessageIsOneSentence() {
    Stream<GpuProbe.Result> probes =
        Stream.of(
            new GpuProbe.Result(List.of(), "the NVIDIA driver sees no GPU"),
            new GpuProbe.Result(List.of(HOPPER), ""));

    assertThat(probes)
        .allSatisfy(
            probe ->
                assertThatThrownBy(() -> CudaSupport.check(probe))
                    .message()
                    .doesNotContain("\n")
                    .doesNotContain(". "));
  }
}
