package io.counterweight.compute.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuProbeTest {

  @Test
  void readsNamesAndCapabilities() {
    GpuProbe.Result result =
        GpuProbe.read(0, "NVIDIA GeForce RTX 3090, 8.6\nNVIDIA H100, 80GB HBM3, 9.0\n\n");

    assertThat(result.missing()).isEmpty();
    assertThat(result.gpus())
        .containsExactly(
            new Gpu("NVIDIA GeForce RTX 3090", new ComputeCapability(8, 6)),
            new Gpu("NVIDIA H100, 80GB HBM3", new ComputeCapability(9, 0)));
    assertThat(result.gpus().get(0))
        .hasToString("NVIDIA GeForce RTX 3090 (compute capability 8.6)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "null",
      value = {
        "0 | '' | the NVIDIA driver sees no GPU",
        "9 | 'NVIDIA-SMI has failed because it couldn''t communicate with the driver.' | the NVIDIA"
            + " driver does not work (nvidia-smi says: NVIDIA-SMI has failed because it couldn't"
            + " communicate with the driver.)",
        "12 | '' | the NVIDIA driver does not work (nvidia-smi says: exit code 12)",
        "0 | 'Tesla K80, [N/A]' | the NVIDIA driver does not tell its GPUs' compute capability"
            + " (nvidia-smi says: Tesla K80, [N/A])",
        "0 | 'No devices were found' | the NVIDIA driver does not tell its GPUs' compute capability"
            + " (nvidia-smi says: No devices were found)"
      })
  void saysWhatIsMissing(int exitCode, String output, String missing) {
    GpuProbe.Result result = GpuProbe.read(exitCode, output);

    assertThat(result.gpus()).isEmpty();
    assertThat(result.missing()).isEqualTo(missing);
  }

  @Test
  void withoutTheCommandThereIsNoDriver() {
    GpuProbe.Result result = GpuProbe.probe(List.of("nvidia-smi-that-is-not-there"));

    assertThat(result.gpus()).isEmpty();
    assertThat(result.missing())
        .isEqualTo(
            "there is no NVIDIA driver on this machine (nvidia-smi-that-is-not-there is not on the"
                + " PATH)");
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void asksTheCommand() {
    assertThat(GpuProbe.probe(List.of("sh", "-c", "echo 'Tesla P100, 6.0'")).gpus())
        .containsExactly(new Gpu("Tesla P100", new ComputeCapability(6, 0)));
    assertThat(GpuProbe.probe(List.of("sh", "-c", "echo broken >&2; exit 3")).missing())
        .isEqualTo("the NVIDIA driver does not work (nvidia-smi says: broken)");
  }

  @Test
  void whateverTheMachineIsTheAnswerIsGpusOrWhatIsMissing() {
    GpuProbe.Result result = GpuProbe.probe();

    assertThat(result.gpus().isEmpty()).isNotEqualTo(result.missing().isEmpty());
  }
}
