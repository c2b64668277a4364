package io.counterweight.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.compute.Backends;
import io.counterweight.compute.Batch;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.compute.TrainingState;
import io.counterweight.support.Floats;
import io.counterweight.support.RandomNetwork;
import io.counterweight.support.Steps;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Nd4jBackendTest {

  @Test
  void theReasonNamesDeviceAndThreads() {
    assertThat(Backends.choose("nd4j").reason())
        .isEqualTo("compute backend nd4j, CPU, OpenBLAS on 1 thread");
    assertThat(Backends.named("nd4j").name()).isEqualTo("nd4j");
  }

  @Test
  void autoDoesNotChooseIt() {
    assertThat(Backends.named(Backends.AUTO).name()).isNotEqualTo("nd4j");
  }

  @Test
  void withoutItsLibrariesASentenceSaysWhereToGetThem() throws Exception {
    try (URLClassLoader engineAlone = engineAlone()) {
      Method choose =
          engineAlone
              .loadClass("io.counterweight.compute.Backends")
              .getMethod("choose", String.class);

      assertThat(choose.invoke(null, "scalar")).isNotNull();
      assertThatThrownBy(() -> choose.invoke(null, "nd4j"))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "compute.backend is nd4j, which cannot run: ND4J's libraries are not on the class"
                  + " path; bin/counterweight brings them, and for a Flink cluster `mvn -Pnd4j"
                  + " package` collects them in target/nd4j, to be copied into Flink's lib folder;"
                  + " or use compute.backend auto");
    }
  }

  /** The engine's classes and the JDK's, no library. */
  private static URLClassLoader engineAlone() throws MalformedURLException {
    URL classes = Backends.class.getProtectionDomain().getCodeSource().getLocation();
    assertThat(Path.of(classes.getPath())).isDirectory();
    return new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader());
  }

  @Test
  void closedPassesSayThatTheyAre() {
    RandomNetwork network = RandomNetwork.all().findFirst().orElseThrow();
    TrainingState state = network.state(Steps.steering().settings());
    Batch batch = Floats.batch(network.inputs(3, 1), null);
    NetworkPasses passes = ((Nd4jBackend) Backends.named("nd4j")).passes(network.spec());
    NetworkPasses.Activations activations = passes.newActivations();
    passes.predict(state.parameters, state.statistics, batch, activations);

    passes.close();
    passes.close();

    assertThatThrownBy(() -> passes.predict(state.parameters, state.statistics, batch, activations))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("These passes are closed");
  }

  /** What another thread sees is what the first would have seen: the workspace is the thread's. */
  @Test
  void passesMayMoveToAnotherThread() throws InterruptedException {
    RandomNetwork network = RandomNetwork.all().findFirst().orElseThrow();
    TrainingState state = network.state(Steps.steering().settings());
    Batch batch = Floats.batch(network.inputs(3, 1), null);
    NetworkPasses passes = ((Nd4jBackend) Backends.named("nd4j")).passes(network.spec());
    NetworkPasses.Activations activations = passes.newActivations();
    passes.predict(state.parameters, state.statistics, batch, activations);
    float[] here = activations.logits().clone();
    Arrays.fill(activations.logits(), 0);

    Thread other =
        new Thread(() -> passes.predict(state.parameters, state.statistics, batch, activations));
    other.start();
    other.join();

    assertThat(activations.logits()).isEqualTo(here);
    passes.close();
  }

  @Test
  void theLibraryOfTheCpuIsFoundByName() {
    assertThat(Nd4jLibrary.onClassPathOf(getClass().getClassLoader()))
        .isEqualTo(Nd4jLibrary.NATIVE);
  }
}
