package io.counterweight.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels that are shipped. */
class CudaKernelsTest {
  private static final Path PTX =
      Path.of("src/main/resources/io/counterweight/compute/cuda/batm.ptx");

  @Test
  void shippedKernelsAreThoseOfTheSources() {
    assertThat(CudaBackend.kernels().lines().findFirst())
        .as("after a change of src/main/cuda run src/main/cuda/build-ptx")
        .contains("// sources sha256 " + KernelSource.hash(Emulator.KERNELS));
  }

  @Test
  void everyKernelIsShippedForCapability75AndAnOldDriver() {
    assertThat(CudaBackend.kernels()).contains(".version 7.0\n", ".target sm_75\n");
    for (Kernel kernel : Kernel.values()) {
      assertThat(CudaBackend.kernels()).contains(".entry " + kernel.function() + "(");
    }
  }

  @Test
  void nvccMakesTheShippedKernelsOfTheSources(@TempDir Path folder) throws Exception {
    assumeTrue(Tool.isInstalled("nvcc"), "no nvcc on this machine");
    Path fresh = folder.resolve("batm.ptx");

    Tool.Result result =
        Tool.run(minutes(9), "src/main/cuda/build-ptx", fresh.toAbsolutePath().toString());

    assertThat(result.exitCode()).as(result.output()).isZero();
    String made = Files.readString(fresh);
    // Another release of nvcc may choose other instructions.
    if (made.lines().limit(2).toList().equals(CudaBackend.kernels().lines().limit(2).toList())) {
      assertThat(made).isEqualTo(CudaBackend.kernels());
    }
  }

  /** Also for its report: registers and spilled bytes of every kernel. */
  @ParameterizedTest
  @ValueSource(ints = {75, 80, 86, 90, 100, 120})
  void ptxasAcceptsTheKernelsForEveryArchitecture(int capability, @TempDir Path folder) {
    assumeTrue(Tool.isInstalled("ptxas"), "no ptxas on this machine");

    Tool.Result result =
        Tool.run(
            minutes(5),
            "ptxas",
            "-v",
            "-arch=sm_" + capability,
            "-o",
            folder.resolve("batm.cubin").toString(),
            PTX.toString());

    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(numbers(result.output(), "Used (\\d+) registers"))
        .hasSize(Kernel.values().length)
        .matches(all -> IntStream.of(all).allMatch(registers -> registers <= 128));
    assertThat(numbers(result.output(), "(\\d+) bytes spill stores"))
        .matches(all -> IntStream.of(all).allMatch(bytes -> bytes <= 64));
  }

  private static int[] numbers(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    IntStream.Builder numbers = IntStream.builder();
    while (matcher.find()) {
      numbers.add(Integer.parseInt(matcher.group(1)));
    }
    return numbers.build().toArray();
  }

  private static long minutes(int minutes) {
    return TimeUnit.MINUTES.toSeconds(minutes);
  }
}
