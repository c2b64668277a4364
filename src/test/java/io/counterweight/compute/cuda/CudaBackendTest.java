package io.counterweight.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.counterweight.compute.Backends;
import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.support.Floats;
import io.counterweight.support.RandomNetwork;
import io.counterweight.support.Steps;
import org.junit.jupiter.api.Test;

/** How the backend is chosen, and what it says where it cannot run. */
class CudaBackendTest {
  private static final String BEGINNING = "compute.backend is cuda, which cannot run here: ";
  private static final String END =
      "; use compute.backend vector, or auto, which does not take cuda yet";

  private static boolean isBuiltIn() {
    try {
      Class.forName(
          "io.counterweight.compute.cuda.JavaCppDevice",
          false,
          CudaBackendTest.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  @Test
  void aBuildWithoutTheProfileSaysSo() {
    assumeTrue(!isBuiltIn(), "this build has the profile");

    assertThatThrownBy(() -> Backends.choose("cuda"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            BEGINNING + "this build is without it, build with the Maven profile cuda" + END);
  }

  @Test
  void autoDoesNotTakeWhatNoDeviceHasVerified() {
    assertThat(Backends.names()).contains("cuda");
    assertThat(Backends.choose(Backends.AUTO).backend().name()).isEqualTo("vector");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThat(reason("/tmp/libjnicudart.so: libcuda.so.1: cannot open shared object file"))
        .isEqualTo("the NVIDIA driver is not installed (no libcuda.so.1)");
    assertThat(reason("/tmp/libjnicudart.so: libcudart.so.13: cannot open shared object file"))
        .isEqualTo(
            "the CUDA runtime library libcudart.so.13 was not found, install that version of CUDA"
                + " or put it on LD_LIBRARY_PATH");
    assertThat(CudaBackend.reason(new NoClassDefFoundError("org/bytedeco/javacpp/Pointer")))
        .isEqualTo("a library is missing on the class path (org/bytedeco/javacpp/Pointer)");
    assertThat(CudaBackend.reason(new IllegalStateException("there is no GPU (100)")))
        .isEqualTo("there is no GPU (100)");
  }

  private static String reason(String linkError) {
    return CudaBackend.reason(new ExceptionInInitializerError(new UnsatisfiedLinkError(linkError)));
  }

  @Test
  void theBackendOpensADeviceForEachSlot() {
    assumeTrue(EmulatedCuda.isAvailable(), "no g++ on this machine to compile the kernels with");
    RandomNetwork network = RandomNetwork.all().findFirst().orElseThrow();
    CudaBackend backend = new CudaBackend(() -> new EmulatedDevice(EmulatedDevice.Order.UP));
    Batch batch = Floats.batch(network.inputs(4, 1), network.labels(4, 2));
    float[] logits = new float[network.spec().outputs() * 4];
    float[] again = logits.clone();
    float[] concepts = new float[network.spec().conceptCount() * 4];

    try (BatmCompute one = backend.open(network.spec());
        BatmCompute two = backend.open(network.spec())) {
      one.predict(network.state(Steps.uniform().settings()), batch, logits, concepts);
      two.predict(network.state(Steps.uniform().settings()), batch, again, concepts);
    }

    assertThat(backend.description()).isEqualTo("emulated device");
    assertThat(again).isEqualTo(logits);
  }
}
