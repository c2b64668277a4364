package io.counterweight.compute.nd4j;

import static io.counterweight.compute.nd4j.Tensors.eventSums;
import static io.counterweight.compute.nd4j.Tensors.leftTransposedProduct;
import static io.counterweight.compute.nd4j.Tensors.product;
import static io.counterweight.compute.nd4j.Tensors.rightTransposedProduct;

import io.counterweight.model.BatmSpec;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The Tucker-Taylor polynomial of a batch (SPEC 4.1): forward, backward and tangent side by side.
 * For each order k: u = I_k (z − x0), kron = u^(k-1) ⊗ … ⊗ u^(0) with factor 0 the fastest index,
 * core = G_k kron, out += O_k core. The Kronecker product grows factor by factor; its shorter forms
 * are kept for the derivatives.
 */
final class Nd4jHead {
  private final BatmSpec spec;
  private final int rank;

  Nd4jHead(BatmSpec spec) {
    this.spec = spec;
    rank = spec.rank();
  }

  private static String input(int k, int factor) {
    return "I" + k + "." + factor;
  }

  /** {@code [r^factors]}. */
  private int power(int factors) {
    int power = 1;
    for (int j = 0; j < factors; j++) {
      power *= rank;
    }
    return power;
  }

  /** {@code [rows x n]} as {@code [rows x 1 x n]}, to be spread over the entries of the rest. */
  private static INDArray slow(INDArray x) {
    return x.reshape('c', x.size(0), 1, x.size(1));
  }

  /** {@code [rows x n]} as {@code [1 x rows x n]}, to be spread over the entries of the factor. */
  private static INDArray fast(INDArray x) {
    return x.reshape('c', 1, x.size(0), x.size(1));
  }

  /** {@code [r·rest x n]} as {@code [r x rest x n]}. */
  private INDArray split(INDArray x) {
    return x.reshape('c', rank, x.size(0) / rank, x.size(1));
  }

  private static INDArray joined(INDArray x) {
    return x.reshape('c', x.size(0) * x.size(1), x.size(2));
  }

  /** Leaves the logits in the activations' outputs. */
  void forward(PackedParameters p, Nd4jActivations a) {
    int n = a.size();
    INDArray shifted = a.shifted.shaped(spec.conceptCount(), n);
    a.z.array().sub(spec.expansionPoint(), shifted);
    INDArray logits = a.outputs.shaped(spec.outputs(), n);
    logits.assign(0).addi(p.block("const"));
    for (int k = 1; k <= spec.order(); k++) {
      for (int j = 0; j < k; j++) {
        INDArray u = a.projections[k - 1][j].shaped(rank, n);
        product(p.block(input(k, j)), shifted, u);
        INDArray kron = a.kronecker[k - 1][j].shaped(power(j + 1), n);
        kron.assign(j == 0 ? u : joined(slow(u).mul(fast(a.kronecker[k - 1][j - 1].array()))));
      }
      INDArray core = a.core[k - 1].shaped(rank, n);
      product(p.block("G" + k), a.kronecker[k - 1][k - 1].array(), core);
      logits.addi(product(p.block("O" + k), core));
    }
  }

  /**
   * Sets the polynomial's blocks of the gradient.
   *
   * @param outputGradient by the logits {@code [K x n]}
   * @return by z {@code [C x n]}
   */
  INDArray backward(
      PackedParameters p, Nd4jActivations a, INDArray outputGradient, PackedParameters gradient) {
    gradient.block("const").assign(eventSums(outputGradient));
    INDArray byConcepts = null;
    for (int k = 1; k <= spec.order(); k++) {
      rightTransposedProduct(outputGradient, a.core[k - 1].array(), gradient.block("O" + k));
      INDArray dCore = leftTransposedProduct(p.block("O" + k), outputGradient);
      rightTransposedProduct(dCore, a.kronecker[k - 1][k - 1].array(), gradient.block("G" + k));
      INDArray dKron = leftTransposedProduct(p.block("G" + k), dCore);
      for (int j = k - 1; j >= 0; j--) {
        INDArray dU = dKron;
        if (j > 0) {
          INDArray dLong = split(dKron);
          dU = dLong.mul(fast(a.kronecker[k - 1][j - 1].array())).sum(1);
          dKron = dLong.mul(slow(a.projections[k - 1][j].array())).sum(0);
        }
        rightTransposedProduct(dU, a.shifted.array(), gradient.block(input(k, j)));
        INDArray part = leftTransposedProduct(p.block(input(k, j)), dU);
        byConcepts = byConcepts == null ? part : byConcepts.addi(part);
      }
    }
    return byConcepts;
  }

  /**
   * Tangent of the logits, {@code [K x n]}.
   *
   * @param direction tangent of the parameters
   * @param conceptTangent tangent of z {@code [C x n]}, or null for 0
   */
  INDArray tangent(
      PackedParameters p, Nd4jActivations a, PackedParameters direction, INDArray conceptTangent) {
    INDArray logits = product(direction.block("O1"), a.core[0].array());
    logits.addi(direction.block("const"));
    for (int k = 1; k <= spec.order(); k++) {
      INDArray tKron = null;
      for (int j = 0; j < k; j++) {
        INDArray tU = product(direction.block(input(k, j)), a.shifted.array());
        if (conceptTangent != null) {
          tU.addi(product(p.block(input(k, j)), conceptTangent));
        }
        tKron =
            j == 0
                ? tU
                : joined(
                    slow(tU)
                        .mul(fast(a.kronecker[k - 1][j - 1].array()))
                        .addi(slow(a.projections[k - 1][j].array()).mul(fast(tKron))));
      }
      INDArray tCore =
          product(direction.block("G" + k), a.kronecker[k - 1][k - 1].array())
              .addi(product(p.block("G" + k), tKron));
      logits.addi(product(p.block("O" + k), tCore));
      if (k > 1) {
        logits.addi(product(direction.block("O" + k), a.core[k - 1].array()));
      }
    }
    return logits;
  }
}
