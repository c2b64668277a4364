package io.counterweight.config;

import java.util.Locale;

/**
 * What computes.
 *
 * @param backend wanted
 */
public record ComputeSettings(Backend backend) {

  /** Implementations of the step and of prediction (SPEC 7). */
  public enum Backend {
    /** The fastest that works on the machine. */
    AUTO,
    /** The JDK's Vector API. */
    VECTOR,
    /** Plain Java loops. */
    SCALAR,
    /** ND4J's operations, on a CPU or, in a build with the profile {@code nd4j-cuda}, on a GPU. */
    ND4J,
    /** Kernels on an NVIDIA GPU; experimental. */
    CUDA
  }

  public ComputeSettings {
    Options.BACKEND.check(backend);
  }

  /** The backend as {@code compute.Backends} knows it. */
  public String backendName() {
    return backend.name().toLowerCase(Locale.ROOT);
  }
}
