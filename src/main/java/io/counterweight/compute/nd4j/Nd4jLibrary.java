package io.counterweight.compute.nd4j;

/** Which build of ND4J is on the class path, found by name, without loading any of it. */
enum Nd4jLibrary {
  CUDA("org/nd4j/linalg/jcublas/JCublasBackend.class"),
  NATIVE("org/nd4j/linalg/cpu/nativecpu/CpuBackend.class");

  private final String mark;

  Nd4jLibrary(String mark) {
    this.mark = mark;
  }

  /**
   * The library that ND4J would take: CUDA's before the CPU's.
   *
   * @throws IllegalStateException if there is none, saying how to get one
   */
  static Nd4jLibrary onClassPathOf(ClassLoader loader) {
    for (Nd4jLibrary library : values()) {
      if (loader.getResource(library.mark) != null) {
        return library;
      }
    }
    throw new IllegalStateException(
        "compute.backend is nd4j, which cannot run: ND4J's libraries are not on the class path;"
            + " bin/counterweight brings them, and for a Flink cluster `mvn -Pnd4j package` collects"
            + " them in target/nd4j, to be copied into Flink's lib folder; or use compute.backend"
            + " auto");
  }
}
