package io.counterweight.compute.scalar;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import java.util.Arrays;

/**
 * The Tucker-Taylor polynomial of a batch (SPEC 4.1): forward, backward and tangent side by side.
 * For each order k: u = I_k (z − x0), kron = u^(k-1) ⊗ … ⊗ u^(0) with factor 0 the fastest index,
 * core = G_k kron, out += O_k core.
 */
final class TuckerHead {
  private final BatmSpec spec;
  private final int concepts;
  private final int outputs;
  private final int rank;
  private final int constAt;
  private final int[] outputAt;
  private final int[] inputAt;
  private final int[] coreAt;
  private final int[] power;

  private float[] coreScratch = new float[0];
  private float[] kroneckerScratch = new float[0];
  private float[] projectionScratch = new float[0];

  TuckerHead(BatmSpec spec, ParameterLayout layout) {
    this.spec = spec;
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
  }

  private void reserve(int n) {
    if (coreScratch.length < rank * n) {
      coreScratch = new float[rank * n];
      kroneckerScratch = new float[power[spec.order()] * n];
      projectionScratch = new float[spec.order() * rank * n];
    }
  }

  void forward(float[] p, ScalarActivations a) {
    int n = a.size;
    for (int i = 0; i < concepts * n; i++) {
      a.shifted[i] = a.z[i] - spec.expansionPoint();
    }
    for (int q = 0; q < outputs; q++) {
      Arrays.fill(a.logits, q * n, (q + 1) * n, p[constAt + q]);
    }
    for (int k = 1; k <= spec.order(); k++) {
      float[] u = a.projections[k - 1];
      float[] kron = a.kronecker[k - 1];
      float[] core = a.core[k - 1];
      Arrays.fill(u, 0, k * rank * n, 0);
      Products.multiply(p, inputAt[k], k * rank, concepts, a.shifted, 0, n, u, 0);
      kronecker(k, n, u, kron);
      Arrays.fill(core, 0, rank * n, 0);
      Products.multiply(p, coreAt[k], rank, power[k], kron, 0, n, core, 0);
      Products.multiply(p, outputAt[k], outputs, rank, core, 0, n, a.logits, 0);
    }
  }

  private void kronecker(int k, int n, float[] u, float[] kron) {
    for (int index = 0; index < power[k]; index++) {
      System.arraycopy(u, index % rank * n, kron, index * n, n);
      for (int j = 1; j < k; j++) {
        int factor = (j * rank + index / power[j] % rank) * n;
        for (int e = 0; e < n; e++) {
          kron[index * n + e] *= u[factor + e];
        }
      }
    }
  }

  /** Adds to {@code gradient} and to {@code conceptGradient} {@code [C x n]}. */
  void backward(
      float[] p,
      ScalarActivations a,
      float[] outputGradient,
      float[] conceptGradient,
      float[] gradient) {
    int n = a.size;
    reserve(n);
    for (int q = 0; q < outputs; q++) {
      gradient[constAt + q] += Products.sum(outputGradient, q * n, n);
    }
    for (int k = 1; k <= spec.order(); k++) {
      float[] u = a.projections[k - 1];
      float[] kron = a.kronecker[k - 1];
      float[] dCore = coreScratch;
      float[] dKron = kroneckerScratch;
      float[] dU = projectionScratch;
      Products.outer(outputGradient, 0, outputs, a.core[k - 1], 0, rank, n, gradient, outputAt[k]);
      Arrays.fill(dCore, 0, rank * n, 0);
      Products.multiplyTransposed(p, outputAt[k], outputs, rank, outputGradient, 0, n, dCore, 0);
      Products.outer(dCore, 0, rank, kron, 0, power[k], n, gradient, coreAt[k]);
      Arrays.fill(dKron, 0, power[k] * n, 0);
      Products.multiplyTransposed(p, coreAt[k], rank, power[k], dCore, 0, n, dKron, 0);
      Arrays.fill(dU, 0, k * rank * n, 0);
      projectionGradient(k, n, u, dKron, dU);
      Products.outer(dU, 0, k * rank, a.shifted, 0, concepts, n, gradient, inputAt[k]);
      Products.multiplyTransposed(p, inputAt[k], k * rank, concepts, dU, 0, n, conceptGradient, 0);
    }
  }

  private void projectionGradient(int k, int n, float[] u, float[] dKron, float[] dU) {
    for (int index = 0; index < power[k]; index++) {
      for (int j = 0; j < k; j++) {
        int own = (j * rank + index / power[j] % rank) * n;
        for (int e = 0; e < n; e++) {
          float product = dKron[index * n + e];
          for (int i = 0; i < k; i++) {
            if (i != j) {
              product *= u[(i * rank + index / power[i] % rank) * n + e];
            }
          }
          dU[own + e] += product;
        }
      }
    }
  }

  /**
   * Tangent of the logits.
   *
   * @param direction tangent of the parameters
   * @param conceptTangent tangent of z {@code [C x n]}
   * @param logitTangent receives {@code [K x n]}
   */
  void tangent(
      float[] p,
      ScalarActivations a,
      float[] direction,
      float[] conceptTangent,
      float[] logitTangent) {
    int n = a.size;
    reserve(n);
    for (int q = 0; q < outputs; q++) {
      Arrays.fill(logitTangent, q * n, (q + 1) * n, direction[constAt + q]);
    }
    for (int k = 1; k <= spec.order(); k++) {
      float[] u = a.projections[k - 1];
      float[] kron = a.kronecker[k - 1];
      float[] tCore = coreScratch;
      float[] tKron = kroneckerScratch;
      float[] tU = projectionScratch;
      Arrays.fill(tU, 0, k * rank * n, 0);
      Products.multiply(p, inputAt[k], k * rank, concepts, conceptTangent, 0, n, tU, 0);
      Products.multiply(direction, inputAt[k], k * rank, concepts, a.shifted, 0, n, tU, 0);
      kroneckerTangent(k, n, u, tU, tKron);
      Arrays.fill(tCore, 0, rank * n, 0);
      Products.multiply(p, coreAt[k], rank, power[k], tKron, 0, n, tCore, 0);
      Products.multiply(direction, coreAt[k], rank, power[k], kron, 0, n, tCore, 0);
      Products.multiply(p, outputAt[k], outputs, rank, tCore, 0, n, logitTangent, 0);
      Products.multiply(
          direction, outputAt[k], outputs, rank, a.core[k - 1], 0, n, logitTangent, 0);
    }
  }

  private void kroneckerTangent(int k, int n, float[] u, float[] tU, float[] tKron) {
    for (int index = 0; index < power[k]; index++) {
      for (int e = 0; e < n; e++) {
        float sum = 0;
        for (int j = 0; j < k; j++) {
          float product = tU[(j * rank + index / power[j] % rank) * n + e];
          for (int i = 0; i < k; i++) {
            if (i != j) {
              product *= u[(i * rank + index / power[i] % rank) * n + e];
            }
          }
          sum += product;
        }
        tKron[index * n + e] = sum;
      }
    }
  }
}
