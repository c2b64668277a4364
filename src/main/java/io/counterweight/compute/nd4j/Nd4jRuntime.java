package io.counterweight.compute.nd4j;

import org.nd4j.common.config.ND4JSystemProperties;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Starts ND4J with what it needs to be a guest in a JVM that others share. */
final class Nd4jRuntime {
  /** Of JavaCPP: 0 lifts the bound. */
  private static final String MAX_PHYSICAL_BYTES = "org.bytedeco.javacpp.maxPhysicalBytes";

  private Nd4jRuntime() {}

  /**
   * Loads the native libraries.
   *
   * @return how many threads the products use, part of a sentence for the log
   * @throws IllegalStateException if they do not load
   */
  static String start(Nd4jLibrary library) {
    // JavaCPP refuses memory when the whole process has more than a multiple of its heap, and that
    // counts the state backend's memory too. Its bound on what it allocates itself stays.
    setUnlessSet(MAX_PHYSICAL_BYTES, "0");
    setUnlessSet(ND4JSystemProperties.LOG_INITIALIZATION, "false");
    try {
      useOneThread();
      int threads = Nd4j.factory().blas().getMaxThreads();
      return switch (library) {
        case NATIVE -> "OpenBLAS on " + threads + (threads == 1 ? " thread" : " threads");
        case CUDA -> "cuBLAS";
      };
    } catch (LinkageError | RuntimeException e) {
      throw new IllegalStateException(
          "compute.backend is nd4j, which cannot run: its native library does not load ("
              + rootOf(e)
              + "); "
              + switch (library) {
                case NATIVE -> "the platform's jar of nd4j-native may be missing";
                case CUDA -> "it needs the libraries of CUDA 11.6 and cuDNN 8";
              }
              + "; or use compute.backend auto",
          e);
    }
  }

  /**
   * Slots are the engine's parallelism, so one operation runs on the thread that asked for it. The
   * last setting belongs to the calling thread, the others to the process.
   */
  static void useOneThread() {
    Nd4j.getEnvironment().setMaxMasterThreads(1);
    Nd4j.factory().blas().setMaxThreads(1);
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private static Throwable rootOf(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
