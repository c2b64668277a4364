package io.counterweight.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MachineTest {

  @Test
  void theProcessorIsNamedAsLinuxNamesIt() {
    assertThat(Machine.cpuNamed(List.of("processor\t: 0", "model name\t: Some CPU @ 2 GHz")))
        .isEqualTo("Some CPU @ 2 GHz");
  }

  @Test
  void whereLinuxNamesNoneTheArchitectureDoes() {
    assertThat(Machine.cpuNamed(List.of("processor\t: 0")))
        .isEqualTo(System.getProperty("os.arch"));
  }
}
