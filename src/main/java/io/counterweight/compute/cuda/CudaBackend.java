package io.counterweight.compute.cuda;

import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.model.BatmSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * The backend {@code cuda}: kernels of our own on an NVIDIA GPU. Each {@link #open} has its own
 * stream, so that every slot of a machine can use the one GPU. Experimental: it has been tested on
 * an emulated device only.
 */
public final class CudaBackend implements ComputeBackend {
  private static final String DEVICE = "io.counterweight.compute.cuda.JavaCppDevice";
  private static final String OTHERWISE =
      "; use compute.backend vector, or auto, which does not take cuda yet";

  /** Of the memory that is free at the start, as slots share the GPU. */
  private static final int RESIDENT_SHARE = 8;

  private static final int SCRATCH_SHARE = 4;

  private final Supplier<Device> devices;
  private final String description;

  CudaBackend(Supplier<Device> devices) {
    this.devices = devices;
    try (Device device = devices.get()) {
      description = device.description();
    }
  }

  /**
   * The backend on this machine's first GPU.
   *
   * @throws IllegalStateException if it cannot run here: one sentence that says what is missing and
   *     what to use instead
   */
  public static CudaBackend onThisMachine() {
    return new CudaBackend(CudaBackend::openDevice);
  }

  static Device openDevice() {
    try {
      return (Device)
          Class.forName(DEVICE).getDeclaredConstructor(String.class).newInstance(kernels());
    } catch (InvocationTargetException e) {
      throw cannotRun(reason(e.getCause()), e.getCause());
    } catch (ClassNotFoundException e) {
      throw cannotRun("this build is without it, build with the Maven profile cuda", e);
    } catch (ReflectiveOperationException | LinkageError e) {
      throw cannotRun(reason(e), e);
    }
  }

  private static IllegalStateException cannotRun(String reason, Throwable cause) {
    return new IllegalStateException(
        "compute.backend is cuda, which cannot run here: " + reason + OTHERWISE, cause);
  }

  /** What is missing, from what the loading of libraries and the driver said. */
  static String reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof IllegalStateException) {
        return message;
      }
      if (message.contains("libcuda.so") || message.contains("nvcuda")) {
        return "the NVIDIA driver is not installed (no libcuda.so.1)";
      }
      if (message.contains("libcudart.so") || message.contains("cudart64")) {
        String file = message.replaceAll("(?s).*?(libcudart\\.so[.0-9]*[0-9]).*", "$1");
        return "the CUDA runtime library "
            + file
            + " was not found, install that version of CUDA or put it on LD_LIBRARY_PATH";
      }
      if (cause instanceof NoClassDefFoundError || cause instanceof ClassNotFoundException) {
        return "a library is missing on the class path (" + message + ")";
      }
    }
    return "its libraries do not load (" + failure + ")";
  }

  /** The kernels as PTX, which the driver compiles for the GPU that it finds. */
  static String kernels() {
    try (InputStream in = CudaBackend.class.getResourceAsStream("batm.ptx")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String name() {
    return "cuda";
  }

  /** The GPU, for the log. */
  public String description() {
    return description;
  }

  /**
   * Prepares an architecture.
   *
   * @throws IllegalArgumentException if the kernels do not take it
   */
  @Override
  public BatmCompute open(BatmSpec spec) {
    ArchitectureTable architecture = new ArchitectureTable(spec);
    Device device = devices.get();
    long free = device.freeBytes();
    return new CudaCompute(architecture, device, free / RESIDENT_SHARE, free / SCRATCH_SHARE);
  }
}
