package io.counterweight.compute;

import io.counterweight.compute.cpu.CpuBackend;
import io.counterweight.compute.scalar.ScalarKernels;
import java.util.List;

/** The backends of this build, by the names used in {@code compute.backend}. */
public final class Backends {
  /** Chooses the fastest backend that works on this machine. */
  public static final String AUTO = "auto";

  private Backends() {}

  /** Names that {@link #named} knows. */
  public static List<String> names() {
    return List.of(AUTO, "scalar");
  }

  /**
   * The backend of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ComputeBackend named(String name) {
    return switch (name) {
      case AUTO, "scalar" -> new CpuBackend("scalar", ScalarKernels::new);
      default ->
          throw new IllegalArgumentException(
              "compute.backend is '" + name + "', expected one of " + names());
    };
  }
}
