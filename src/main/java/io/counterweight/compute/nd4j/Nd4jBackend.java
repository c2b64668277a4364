package io.counterweight.compute.nd4j;

import io.counterweight.compute.Backends;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.BilevelStep;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.compute.gpu.GpuProbe;
import io.counterweight.model.BatmSpec;

/**
 * The backend {@code nd4j}. This class names none of ND4J's, so that it loads, and says what is
 * missing, where they are absent.
 */
public final class Nd4jBackend implements ComputeBackend {
  private static final String NAME = "nd4j";

  private Nd4jBackend() {}

  /**
   * Checks what ND4J needs, before its own initialisers can fail, then starts it.
   *
   * @throws IllegalStateException if it cannot run here, saying what is missing
   */
  public static Backends.Choice choose() {
    Nd4jLibrary library = Nd4jLibrary.onClassPathOf(Nd4jBackend.class.getClassLoader());
    String device =
        library == Nd4jLibrary.CUDA ? "CUDA on " + CudaSupport.check(GpuProbe.probe()) : "CPU";
    return new Backends.Choice(
        new Nd4jBackend(), "compute backend nd4j, " + device + ", " + Nd4jRuntime.start(library));
  }

  @Override
  public String name() {
    return NAME;
  }

  /** The passes alone, for those who look inside a step. They own native memory: close them. */
  public NetworkPasses passes(BatmSpec spec) {
    Nd4jRuntime.useOneThread();
    return new Nd4jPasses(spec);
  }

  @Override
  public BatmCompute open(BatmSpec spec) {
    return new BilevelStep(spec, passes(spec));
  }
}
