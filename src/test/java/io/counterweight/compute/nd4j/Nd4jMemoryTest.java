package io.counterweight.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.compute.Backends;
import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.StepSettings;
import io.counterweight.compute.TrainingState;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.SeededRandom;
import io.counterweight.support.Floats;
import io.counterweight.support.RandomNetwork;
import io.counterweight.support.Steps;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/**
 * Memory outside the heap over many steps with batches of changing sizes. {@code
 * -Dcounterweight.nd4j.steps=10000} makes it longer; {@code target/nd4j-memory.txt} has the
 * numbers.
 */
class Nd4jMemoryTest {
  private static final int STEPS = Integer.getInteger("counterweight.nd4j.steps", 1000);
  private static final int READINGS = 10;
  private static final long MEBIBYTE = 1 << 20;

  /**
   * In a JVM of its own, whose small heap is touched at its start, so that what the process grows
   * by lies outside the heap.
   */
  @Test
  void memoryOutsideTheHeapStaysFlat() throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms64m",
            "-Xmx64m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            ManySteps.class.getName(),
            Integer.toString(STEPS));
    Path output = Path.of("target", "nd4j-memory.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();

    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();

    List<Long> bytes =
        Files.readAllLines(output, StandardCharsets.UTF_8).stream()
            .map(line -> Long.parseLong(line.split(" ")[3]))
            .toList();
    assertThat(process.exitValue()).isZero();
    assertThat(bytes).hasSize(READINGS);
    // The first half of a short run is class loading and compilation.
    long settled = bytes.get(READINGS / 2 - 1);
    assertThat(bytes.get(READINGS - 1) - settled)
        .as("growth from %d bytes, of %s", settled, bytes)
        .isLessThan(12 * MEBIBYTE);
  }

  /** Prints the memory of the process a few times in between. */
  public static final class ManySteps {
    private ManySteps() {}

    public static void main(String[] arguments) {
      int steps = Integer.parseInt(arguments[0]);
      RandomNetwork network = network();
      StepSettings settings = Steps.steering().settings();
      TrainingState state = network.state(settings);
      SeededRandom dropout = new SeededRandom(1);
      Random sizes = new Random(2);
      try (BatmCompute compute = Backends.named("nd4j").open(network.spec())) {
        for (int step = 1; step <= steps; step++) {
          Batch meta = batch(network, 2 + sizes.nextInt(9));
          compute.step(state, batch(network, 1 + sizes.nextInt(16)), meta, meta, settings, dropout);
          predict(compute, state, network.spec(), batch(network, 1 + sizes.nextInt(4)));
          if (step % (steps / READINGS) == 0) {
            System.out.printf("step %d bytes %d%n", step, Pointer.physicalBytes());
          }
        }
      }
    }

    private static RandomNetwork network() {
      return RandomNetwork.all()
          .filter(network -> network.name().equals("running-narrow"))
          .findFirst()
          .orElseThrow();
    }

    private static Batch batch(RandomNetwork network, int n) {
      return Floats.batch(network.inputs(n, n), network.labels(n, n));
    }

    private static void predict(
        BatmCompute compute, TrainingState state, BatmSpec spec, Batch batch) {
      compute.predict(
          state,
          batch,
          new float[spec.outputs() * batch.size()],
          new float[spec.conceptCount() * batch.size()]);
    }
  }

  /** Each of them has memory of its own, and the process no more than a few of them at once. */
  @Test
  void openingAndClosingLeavesNothingBehind() {
    RandomNetwork network = ManySteps.network();
    StepSettings settings = Steps.uniform().settings();
    TrainingState state = network.state(settings);
    List<Long> bytes = new ArrayList<>();

    for (int i = 0; i < 60; i++) {
      try (BatmCompute compute = Backends.named("nd4j").open(network.spec())) {
        compute.step(
            state, ManySteps.batch(network, 2048), null, null, settings, new SeededRandom(1));
      }
      bytes.add(Pointer.physicalBytes());
    }

    assertThat(bytes.get(59) - bytes.get(19)).as("%s", bytes).isLessThan(64 * MEBIBYTE);
  }
}
