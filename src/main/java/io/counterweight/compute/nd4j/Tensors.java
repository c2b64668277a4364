package io.counterweight.compute.nd4j;

import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.ResetPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The few operations that the passes share. Products are of the last two dimensions, one for each
 * concept where there is a first. Results without a place of their own lie in the open workspace.
 */
final class Tensors {
  private static final MMulTranspose PLAIN = MMulTranspose.allFalse();
  private static final MMulTranspose LEFT = MMulTranspose.builder().transposeA(true).build();
  private static final MMulTranspose RIGHT = MMulTranspose.builder().transposeB(true).build();

  /** One a thread, for all architectures; it grows to what the largest pass needs. */
  private static final String WORKSPACE = "counterweight";

  private static final WorkspaceConfiguration CONFIGURATION =
      WorkspaceConfiguration.builder()
          .initialSize(0)
          .policyAllocation(AllocationPolicy.STRICT)
          .policyLearning(LearningPolicy.FIRST_LOOP)
          .policyReset(ResetPolicy.BLOCK_LEFT)
          .policySpill(SpillPolicy.REALLOCATE)
          .build();

  private Tensors() {}

  /** Runs something and then takes back the memory of all arrays that it made. */
  static void inWorkspace(Runnable work) {
    MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace(CONFIGURATION, WORKSPACE);
    try {
      work.run();
    } finally {
      workspace.close();
    }
  }

  /** {@code out = a b}. */
  static void product(INDArray a, INDArray b, INDArray out) {
    Nd4j.exec(new Mmul(a, b, out, PLAIN));
  }

  /** {@code a b}. */
  static INDArray product(INDArray a, INDArray b) {
    INDArray out = room(a, a.size(-2), b.size(-1));
    product(a, b, out);
    return out;
  }

  /** {@code aᵀ b}. */
  static INDArray leftTransposedProduct(INDArray a, INDArray b) {
    INDArray out = room(a, a.size(-1), b.size(-1));
    Nd4j.exec(new Mmul(a, b, out, LEFT));
    return out;
  }

  /** {@code out = a bᵀ}. */
  static void rightTransposedProduct(INDArray a, INDArray b, INDArray out) {
    Nd4j.exec(new Mmul(a, b, out, RIGHT));
  }

  /** Named here, so that the library need not be asked for the result's shape each time. */
  private static INDArray room(INDArray like, long rows, long columns) {
    return like.rank() == 2
        ? Nd4j.createUninitialized(DataType.FLOAT, rows, columns)
        : Nd4j.createUninitialized(DataType.FLOAT, like.size(0), rows, columns);
  }

  /** {@code out}: 1 where x is positive, else the slope. */
  static void leakySlopes(INDArray x, float slope, INDArray out) {
    Nd4j.exec(new Step(x, out));
    out.muli(1 - slope).addi(slope);
  }

  /** Sums over the events, the last dimension, which stays with the extent 1. */
  static INDArray eventSums(INDArray x) {
    return x.sum(true, x.rank() - 1);
  }

  /** Means over the events, the last dimension, which stays with the extent 1. */
  static INDArray eventMeans(INDArray x) {
    return x.mean(true, x.rank() - 1);
  }
}
