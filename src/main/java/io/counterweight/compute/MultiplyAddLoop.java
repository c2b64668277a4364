package io.counterweight.compute;

import io.counterweight.compute.scalar.ScalarMultiplyAddLoop;

/**
 * Fused multiply-adds in registers and nothing else: the most floating point operations that one
 * thread of this JVM can do, as a measure for everything that computes.
 */
public interface MultiplyAddLoop {

  /** Floating point operations of one round, a multiply-add being two. */
  long operationsPerRound();

  /**
   * Runs.
   *
   * @param rounds at least 1
   * @return a finite number that depends on every operation
   */
  float run(int rounds);

  /** On the widest vectors, or in plain Java on a JVM without the Vector API. */
  static MultiplyAddLoop fastest() {
    try {
      return (MultiplyAddLoop)
          Class.forName("io.counterweight.compute.vector.VectorMultiplyAddLoop")
              .getDeclaredConstructor()
              .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      return new ScalarMultiplyAddLoop();
    }
  }
}
