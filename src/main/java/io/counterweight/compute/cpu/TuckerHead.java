package io.counterweight.compute.cpu;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import java.util.Arrays;

/**
 * The Tucker-Taylor polynomial of a batch (SPEC 4.1): forward, backward and tangent side by side.
 * For each order k: u = I_k (z − x0), kron = u^(k-1) ⊗ … ⊗ u^(0) with factor 0 the fastest index,
 * core = G_k kron, out += O_k core. The Kronecker product grows factor by factor; its shorter forms
 * are kept for the derivatives.
 */
final class TuckerHead {
  private final BatmSpec spec;
  private final Kernels kernels;
  private final int concepts;
  private final int outputs;
  private final int rank;
  private final int constAt;
  private final int[] outputAt;
  private final int[] inputAt;
  private final int[] coreAt;

  /** r^k. */
  private final int[] power;

  private final float[] outputSums;
  private float[] coreScratch = new float[0];
  private float[] projectionScratch = new float[0];

  /** By number of factors − 1. */
  private final float[][] kroneckerScratch;

  TuckerHead(BatmSpec spec, ParameterLayout layout, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    concepts = spec.conceptCount();
    outputs = spec.outputs();
    rank = spec.rank();
    constAt = layout.offset("const");
    outputAt = new int[spec.order() + 1];
    inputAt = new int[spec.order() + 1];
    coreAt = new int[spec.order() + 1];
    power = new int[spec.order() + 1];
    power[0] = 1;
    for (int k = 1; k <= spec.order(); k++) {
      outputAt[k] = layout.offset("O" + k);
      inputAt[k] = layout.offset("I" + k);
      coreAt[k] = layout.offset("G" + k);
      power[k] = power[k - 1] * rank;
    }
    kroneckerScratch = new float[spec.order()][0];
    outputSums = new float[outputs];
  }

  private void reserve(int stride) {
    if (coreScratch.length < rank * stride) {
      coreScratch = new float[rank * stride];
      projectionScratch = new float[spec.order() * rank * stride];
      for (int factors = 1; factors <= spec.order(); factors++) {
        kroneckerScratch[factors - 1] = new float[power[factors] * stride];
      }
    }
  }

  void forward(float[] p, CpuActivations a) {
    int stride = a.stride;
    for (int i = 0; i < concepts * stride; i++) {
      a.shifted[i] = a.z[i] - spec.expansionPoint();
    }
    for (int q = 0; q < outputs; q++) {
      Arrays.fill(a.logits, q * stride, (q + 1) * stride, p[constAt + q]);
    }
    for (int k = 1; k <= spec.order(); k++) {
      float[] u = a.projections[k - 1];
      float[][] kron = a.kronecker[k - 1];
      float[] core = a.core[k - 1];
      Arrays.fill(u, 0, k * rank * stride, 0);
      times(p, inputAt[k], k * rank, concepts, a.shifted, stride, u);
      System.arraycopy(u, 0, kron[0], 0, rank * stride);
      for (int j = 1; j < k; j++) {
        for (int row = 0; row < power[j + 1]; row++) {
          kernels.multiply(
              u,
              (j * rank + row / power[j]) * stride,
              kron[j - 1],
              row % power[j] * stride,
              kron[j],
              row * stride,
              stride);
        }
      }
      Arrays.fill(core, 0, rank * stride, 0);
      times(p, coreAt[k], rank, power[k], kron[k - 1], stride, core);
      times(p, outputAt[k], outputs, rank, core, stride, a.logits);
    }
  }

  /** {@code y += W x}. */
  private void times(float[] w, int wAt, int rows, int columns, float[] x, int stride, float[] y) {
    kernels.product(w, wAt, columns, 1, rows, columns, x, 0, stride, y, 0);
  }

  /** {@code x += Wᵀ d}. */
  private void transposedTimes(
      float[] w, int wAt, int rows, int columns, float[] d, int stride, float[] x) {
    kernels.product(w, wAt, 1, columns, columns, rows, d, 0, stride, x, 0);
  }

  /** Adds to {@code gradient} and to {@code conceptGradient} {@code [C x stride]}. */
  void backward(
      float[] p,
      CpuActivations a,
      float[] outputGradient,
      float[] conceptGradient,
      float[] gradient) {
    int stride = a.stride;
    reserve(stride);
    kernels.rowSums(outputGradient, 0, outputs, stride, a.size, outputSums, 0);
    for (int q = 0; q < outputs; q++) {
      gradient[constAt + q] += outputSums[q];
    }
    for (int k = 1; k <= spec.order(); k++) {
      float[][] kron = a.kronecker[k - 1];
      float[] dCore = coreScratch;
      float[] dU = projectionScratch;
      kernels.outer(
          outputGradient, 0, outputs, a.core[k - 1], 0, rank, stride, gradient, outputAt[k]);
      Arrays.fill(dCore, 0, rank * stride, 0);
      transposedTimes(p, outputAt[k], outputs, rank, outputGradient, stride, dCore);
      kernels.outer(dCore, 0, rank, kron[k - 1], 0, power[k], stride, gradient, coreAt[k]);
      float[] dKron = kroneckerScratch[k - 1];
      Arrays.fill(dKron, 0, power[k] * stride, 0);
      transposedTimes(p, coreAt[k], rank, power[k], dCore, stride, dKron);
      kroneckerBackward(k, stride, a.projections[k - 1], kron, dU);
      kernels.outer(dU, 0, k * rank, a.shifted, 0, concepts, stride, gradient, inputAt[k]);
      transposedTimes(p, inputAt[k], k * rank, concepts, dU, stride, conceptGradient);
    }
  }

  /**
   * From the gradient of the whole product, in the scratch of k factors, to that of every factor.
   */
  private void kroneckerBackward(int k, int stride, float[] u, float[][] kron, float[] dU) {
    Arrays.fill(dU, 0, k * rank * stride, 0);
    for (int j = k - 1; j >= 1; j--) {
      float[] dLong = kroneckerScratch[j];
      float[] dShort = kroneckerScratch[j - 1];
      Arrays.fill(dShort, 0, power[j] * stride, 0);
      for (int row = 0; row < power[j + 1]; row++) {
        int factor = (j * rank + row / power[j]) * stride;
        int rest = row % power[j] * stride;
        kernels.multiplyAdd(dLong, row * stride, kron[j - 1], rest, dU, factor, stride);
        kernels.multiplyAdd(dLong, row * stride, u, factor, dShort, rest, stride);
      }
    }
    System.arraycopy(kroneckerScratch[0], 0, dU, 0, rank * stride);
  }

  /**
   * Tangent of the logits.
   *
   * @param direction tangent of the parameters
   * @param conceptTangent tangent of z {@code [C x stride]}
   * @param logitTangent receives {@code [K x stride]}
   */
  void tangent(
      float[] p,
      CpuActivations a,
      float[] direction,
      float[] conceptTangent,
      float[] logitTangent) {
    int stride = a.stride;
    reserve(stride);
    for (int q = 0; q < outputs; q++) {
      Arrays.fill(logitTangent, q * stride, (q + 1) * stride, direction[constAt + q]);
    }
    for (int k = 1; k <= spec.order(); k++) {
      float[][] kron = a.kronecker[k - 1];
      float[] tCore = coreScratch;
      float[] tU = projectionScratch;
      Arrays.fill(tU, 0, k * rank * stride, 0);
      times(p, inputAt[k], k * rank, concepts, conceptTangent, stride, tU);
      times(direction, inputAt[k], k * rank, concepts, a.shifted, stride, tU);
      kroneckerTangent(k, stride, a.projections[k - 1], kron, tU);
      Arrays.fill(tCore, 0, rank * stride, 0);
      times(p, coreAt[k], rank, power[k], kroneckerScratch[k - 1], stride, tCore);
      times(direction, coreAt[k], rank, power[k], kron[k - 1], stride, tCore);
      times(p, outputAt[k], outputs, rank, tCore, stride, logitTangent);
      times(direction, outputAt[k], outputs, rank, a.core[k - 1], stride, logitTangent);
    }
  }

  private void kroneckerTangent(int k, int stride, float[] u, float[][] kron, float[] tU) {
    System.arraycopy(tU, 0, kroneckerScratch[0], 0, rank * stride);
    for (int j = 1; j < k; j++) {
      float[] tShort = kroneckerScratch[j - 1];
      float[] tLong = kroneckerScratch[j];
      for (int row = 0; row < power[j + 1]; row++) {
        int factor = (j * rank + row / power[j]) * stride;
        int rest = row % power[j] * stride;
        kernels.multiply(tU, factor, kron[j - 1], rest, tLong, row * stride, stride);
        kernels.multiplyAdd(u, factor, tShort, rest, tLong, row * stride, stride);
      }
    }
  }
}
