package io.counterweight.model;

import java.util.Arrays;

/**
 * The Tucker-Taylor polynomial of one event, for explanation (SPEC 4.1): f(z) = const + Σ_k O_k G_k
 * (u_k^(k-1) ⊗ … ⊗ u_k^(0)), u_k^(j) = I_k[j] (z − x0). Training and prediction have their own
 * batched form in {@code compute}.
 *
 * <p>{@link #contributions} attributes f(z) − f(z̄) to the concepts by integrating the gradient
 * along the straight path from the baseline z̄ (Aumann and Shapley 1974; integrated gradients,
 * Sundararajan et al. 2017). f is a polynomial, so a Gauss-Legendre rule of one node (order 1 and
 * 2) or two (order 3) is exact, and with z̄ = x0 it is φ_c = z_c Σ_k (1/k) ∂f_k/∂z_c.
 *
 * <p>Of order 2, f(z) − f(z̄) is a sum of one term for each concept and one for each pair, and φ_c
 * holds half of each of its pairs: {@link #addPairs}. Not thread-safe: scratch is kept between
 * calls.
 */
public final class TaylorHead {
  private static final double GAUSS_NODE = 0.5 / Math.sqrt(3);

  private final BatmSpec spec;
  private final int concepts;
  private final int rank;
  private final int[] outputOffset;
  private final int[] inputOffset;
  private final int[] coreOffset;

  private final double[] point;
  private final double[] projections;
  private final double[] coreRow;
  private final double[] slopes;
  private final int[] digits;

  public TaylorHead(BatmSpec spec, ParameterLayout layout) {
    this.spec = spec;
    concepts = spec.conceptCount();
    rank = spec.rank();
    outputOffset = new int[spec.order() + 1];
    inputOffset = new int[spec.order() + 1];
    coreOffset = new int[spec.order() + 1];
    for (int k = 1; k <= spec.order(); k++) {
      outputOffset[k] = layout.offset("O" + k);
      inputOffset[k] = layout.offset("I" + k);
      coreOffset[k] = layout.offset("G" + k);
    }
    point = new double[concepts];
    projections = new double[spec.order() * rank];
    coreRow = new double[power(spec.order())];
    slopes = new double[spec.order() * rank];
    digits = new int[spec.order()];
  }

  private int power(int k) {
    int power = 1;
    for (int i = 0; i < k; i++) {
      power *= rank;
    }
    return power;
  }

  /**
   * Attribution of Σ_q mix_q (f_q(z) − f_q(baseline)) to the concepts; its entries sum to that
   * difference.
   *
   * @param mix {@code [outputs]}
   * @param z {@code [concepts]} of the event
   * @param baseline {@code [concepts]} of a typical event
   * @param phi receives {@code [concepts]}
   */
  public void contributions(
      float[] parameters, double[] mix, double[] z, double[] baseline, double[] phi) {
    Arrays.fill(phi, 0);
    if (spec.order() <= 2) {
      addGradient(parameters, mix, z, baseline, 0.5, 1, phi);
    } else {
      addGradient(parameters, mix, z, baseline, 0.5 - GAUSS_NODE, 0.5, phi);
      addGradient(parameters, mix, z, baseline, 0.5 + GAUSS_NODE, 0.5, phi);
    }
    for (int c = 0; c < concepts; c++) {
      phi[c] *= z[c] - baseline[c];
    }
  }

  /**
   * Adds the pair terms of a model of order 2: d_i d_j (A_ij + A_ji) with d = z − baseline, what
   * two concepts add to Σ_q mix_q f_q together beyond each alone.
   *
   * @param chosen concepts, {@code [n]}
   * @param weight factor of what is added
   * @param pairs receives {@code [n x n]}, entry i n + j for i &lt; j
   * @throws IllegalStateException if the model's order is not 2
   */
  public void addPairs(
      float[] parameters,
      double[] mix,
      double[] z,
      double[] baseline,
      int[] chosen,
      double weight,
      double[] pairs) {
    if (spec.order() != 2) {
      throw new IllegalStateException(
          "Pair terms are those of order 2, the model's is " + spec.order());
    }
    mixCore(parameters, 2, mix);
    int n = chosen.length;
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < n; i++) {
        if (i == j) {
          continue;
        }
        double product =
            (z[chosen[i]] - baseline[chosen[i]]) * (z[chosen[j]] - baseline[chosen[j]]);
        double term = product == 0 ? 0 : product * quadratic(parameters, chosen[i], chosen[j]);
        pairs[Math.min(i, j) * n + Math.max(i, j)] += weight * term;
      }
    }
  }

  /** Mixed A_2 of concept {@code first} in factor 0 and {@code second} in factor 1. */
  private double quadratic(float[] parameters, int first, int second) {
    double sum = 0;
    for (int b = 0; b < rank; b++) {
      double inner = 0;
      for (int a = 0; a < rank; a++) {
        inner += coreRow[b * rank + a] * parameters[inputOffset[2] + a * concepts + first];
      }
      sum += inner * parameters[inputOffset[2] + (rank + b) * concepts + second];
    }
    return sum;
  }

  private void addGradient(
      float[] parameters,
      double[] mix,
      double[] z,
      double[] baseline,
      double at,
      double weight,
      double[] sum) {
    for (int c = 0; c < concepts; c++) {
      point[c] = baseline[c] + at * (z[c] - baseline[c]);
    }
    for (int k = 1; k <= spec.order(); k++) {
      project(parameters, k, point);
      mixCore(parameters, k, mix);
      slopesOfProjections(k);
      for (int row = 0; row < k * rank; row++) {
        double slope = weight * slopes[row];
        int offset = inputOffset[k] + row * concepts;
        for (int c = 0; c < concepts; c++) {
          sum[c] += slope * parameters[offset + c];
        }
      }
    }
  }

  /** {@code projections[j * rank + a]} = u_k^(j)[a]. */
  private void project(float[] parameters, int k, double[] z) {
    for (int row = 0; row < k * rank; row++) {
      double sum = 0;
      int offset = inputOffset[k] + row * concepts;
      for (int c = 0; c < concepts; c++) {
        sum += parameters[offset + c] * (z[c] - spec.expansionPoint());
      }
      projections[row] = sum;
    }
  }

  /** {@code coreRow} = mixᵀ O_k G_k, one entry for each entry of the Kronecker product. */
  private void mixCore(float[] parameters, int k, double[] mix) {
    int columns = power(k);
    Arrays.fill(coreRow, 0, columns, 0);
    for (int b = 0; b < rank; b++) {
      double factor = 0;
      for (int q = 0; q < mix.length; q++) {
        factor += mix[q] * parameters[outputOffset[k] + q * rank + b];
      }
      int offset = coreOffset[k] + b * columns;
      for (int index = 0; index < columns; index++) {
        coreRow[index] += factor * parameters[offset + index];
      }
    }
  }

  /** {@code slopes[j * rank + a]} = derivative of the mixed term of order k by u_k^(j)[a]. */
  private void slopesOfProjections(int k) {
    Arrays.fill(slopes, 0, k * rank, 0);
    if (k == 2) {
      slopesOfPairs();
      return;
    }
    Arrays.fill(digits, 0);
    int columns = power(k);
    for (int index = 0; index < columns; index++, countUp()) {
      for (int j = 0; j < k; j++) {
        double others = coreRow[index];
        for (int i = 0; i < k; i++) {
          if (i != j) {
            others *= projections[i * rank + digits[i]];
          }
        }
        slopes[j * rank + digits[j]] += others;
      }
    }
  }

  /** As {@link #slopesOfProjections} of order 2, the default, in two plain loops. */
  private void slopesOfPairs() {
    for (int second = 0; second < rank; second++) {
      double factor = projections[rank + second];
      double sum = 0;
      for (int first = 0; first < rank; first++) {
        double core = coreRow[second * rank + first];
        slopes[first] += core * factor;
        sum += core * projections[first];
      }
      slopes[rank + second] = sum;
    }
  }

  /** The next index of a Kronecker product, by its factors; dividing it would cost more. */
  private void countUp() {
    for (int j = 0; j < digits.length; j++) {
      if (++digits[j] < rank) {
        return;
      }
      digits[j] = 0;
    }
  }

  /**
   * Coefficients A_k of f = const + A_1 z + A_2[z, z] + … around x0, not symmetrised.
   *
   * @param k order of the term, 1 to the model's order
   * @return {@code [outputs x C^k]}, the concept of factor 0 the slowest index
   */
  public double[] coefficients(float[] parameters, int k) {
    int terms = 1;
    for (int i = 0; i < k; i++) {
      terms = Math.multiplyExact(terms, concepts);
    }
    double[] mix = new double[spec.outputs()];
    double[] result = new double[Math.multiplyExact(spec.outputs(), terms)];
    for (int q = 0; q < spec.outputs(); q++) {
      Arrays.fill(mix, 0);
      mix[q] = 1;
      mixCore(parameters, k, mix);
      for (int term = 0; term < terms; term++) {
        result[q * terms + term] = coefficient(parameters, k, term);
      }
    }
    return result;
  }

  private double coefficient(float[] parameters, int k, int term) {
    double sum = 0;
    for (int index = 0; index < power(k); index++) {
      double product = coreRow[index];
      int restOfTerm = term;
      for (int j = k - 1; j >= 0; j--) {
        int concept = restOfTerm % concepts;
        restOfTerm /= concepts;
        int a = index / power(j) % rank;
        product *= parameters[inputOffset[k] + (j * rank + a) * concepts + concept];
      }
      sum += product;
    }
    return sum;
  }
}
