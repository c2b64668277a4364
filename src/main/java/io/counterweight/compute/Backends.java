package io.counterweight.compute;

import io.counterweight.compute.cpu.CpuBackend;
import io.counterweight.compute.cpu.Kernels;
import io.counterweight.compute.cuda.CudaBackend;
import io.counterweight.compute.nd4j.Nd4jBackend;
import io.counterweight.compute.scalar.ScalarKernels;
import java.util.List;
import java.util.function.Supplier;

/** The backends of this build, by the names used in {@code compute.backend}. */
public final class Backends {
  /** Chooses the fastest backend that works on this machine. */
  public static final String AUTO = "auto";

  private static final String VECTOR_MODULE = "jdk.incubator.vector";
  private static final String VECTOR_KERNELS = "io.counterweight.compute.vector.VectorKernels";

  /**
   * A backend and why it was taken.
   *
   * @param reason a sentence for the log
   */
  public record Choice(ComputeBackend backend, String reason) {}

  private Backends() {}

  /** Names that {@link #choose} knows. */
  public static List<String> names() {
    return List.of(AUTO, "vector", "scalar", "nd4j", "cuda");
  }

  /**
   * The backend of that name.
   *
   * @throws IllegalArgumentException if there is none
   * @throws IllegalStateException if it cannot run here, saying what is missing
   */
  public static Choice choose(String name) {
    return switch (name) {
      case AUTO ->
          hasVectorModule()
              ? vector()
              : new Choice(scalar(), "compute backend scalar: " + withoutVectorModule());
      case "vector" -> {
        if (!hasVectorModule()) {
          throw new IllegalStateException(
              "compute.backend is vector, which cannot run: " + withoutVectorModule());
        }
        yield vector();
      }
      case "scalar" -> new Choice(scalar(), "compute backend scalar, as configured");
      case "nd4j" -> Nd4jBackend.choose();
      case "cuda" -> cuda();
      default ->
          throw new IllegalArgumentException(
              "compute.backend is '" + name + "', expected one of " + names());
    };
  }

  /** As {@link #choose}, for those who do not log. */
  public static ComputeBackend named(String name) {
    return choose(name).backend();
  }

  private static boolean hasVectorModule() {
    return ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
  }

  private static String withoutVectorModule() {
    return "the JVM was started without --add-modules " + VECTOR_MODULE;
  }

  private static ComputeBackend scalar() {
    return new CpuBackend("scalar", ScalarKernels::new);
  }

  private static Choice vector() {
    Supplier<Kernels> kernels = Backends::newVectorKernels;
    return new Choice(
        new CpuBackend("vector", kernels), "compute backend vector, " + newVectorKernels());
  }

  /** Never by {@link #AUTO}: no run on a device has verified it yet. */
  private static Choice cuda() {
    CudaBackend backend = CudaBackend.onThisMachine();
    return new Choice(backend, "compute backend cuda, experimental, on " + backend.description());
  }

  private static Kernels newVectorKernels() {
    try {
      return (Kernels) Class.forName(VECTOR_KERNELS).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new IllegalStateException(
          "The Vector API of this JVM (" + Runtime.version() + ") does not fit the kernels", e);
    }
  }
}
