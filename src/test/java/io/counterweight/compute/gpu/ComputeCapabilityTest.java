package io.counterweight.compute.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComputeCapabilityTest {

  @ParameterizedTest(name = "a device of {0} runs code for {1}: {2}")
  @CsvSource({
    "8.6, 8.6, true",
    "8.9, 8.6, true",
    "8.0, 8.6, false",
    "9.0, 8.6, false",
    "7.5, 8.0, false",
    "12.0, 1.2, false"
  })
  void aDeviceRunsCodeOfItsOwnGenerationThatIsNoNewer(String device, String code, boolean runs) {
    assertThat(ComputeCapability.parse(device).runsCodeFor(ComputeCapability.parse(code)))
        .isEqualTo(runs);
  }

  @Test
  void writesItselfAsTheDriverAndAsTheCompilerDo() {
    ComputeCapability capability = ComputeCapability.parse("12.0");

    assertThat(capability).hasToString("12.0");
    assertThat(capability.architecture()).isEqualTo("sm_120");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "8", "8.", "[N/A]", "8.6.1", "99999999999.0"})
  void refusesWhatIsNone(String text) {
    assertThatThrownBy(() -> ComputeCapability.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + text + "' is no compute capability, expected one such as 8.6");
  }
}
