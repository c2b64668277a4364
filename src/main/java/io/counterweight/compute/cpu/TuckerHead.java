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

  /** Columns of the widest of the polynomial's matrices, padded. */
  private final int longest;

  private float[] coreScratch = new float[0];
  private float[] projectionScratch = new float[0];
  private float[] outputTiles = new float[0];
  private float[] conceptTiles = new float[0];

  /** By number of factors − 1. */
  private final float[][] kroneckerScratch;

  /** One tile's events as rows, and sums of a gradient with padded rows. */
  private float[] eventRows = new float[0];

  private final float[] outerSums;

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
    longest = kernels.padded(Math.max(concepts, power[spec.order()]));
    outerSums = new float[Math.max(outputs, spec.order() * rank) * longest];
  }

  private void reserve(CpuActivations a) {
    int stride = a.stride;
    if (eventRows.length < a.width * longest) {
      eventRows = new float[a.width * longest];
    }
    if (coreScratch.length < rank * stride) {
      coreScratch = new float[rank * stride];
      projectionScratch = new float[spec.order() * rank * stride];
      outputTiles = new float[outputs * stride];
      conceptTiles = new float[concepts * stride];
      for (int factors = 1; factors <= spec.order(); factors++) {
        kroneckerScratch[factors - 1] = new float[power[factors] * stride];
      }
    }
  }

  void forward(float[] p, CpuActivations a) {
    int stride = a.stride;
    reserve(a);
    Tiles.fromRows(a.z, concepts, a.width, a.tiles, a.shifted);
    if (spec.expansionPoint() != 0) {
      for (int i = 0; i < concepts * stride; i++) {
        a.shifted[i] -= spec.expansionPoint();
      }
    }
    fillRows(p, a);
    for (int k = 1; k <= spec.order(); k++) {
      float[] u = a.projections[k - 1];
      float[][] kron = a.kronecker[k - 1];
      float[] core = a.core[k - 1];
      Arrays.fill(u, 0, k * rank * stride, 0);
      times(p, inputAt[k], k * rank, concepts, a.shifted, a, u);
      firstFactor(k, u, a, kron[0]);
      for (int j = 1; j < k; j++) {
        kronecker(k, j, a, u, kron[j - 1], false, kron[j]);
      }
      Arrays.fill(core, 0, rank * stride, 0);
      times(p, coreAt[k], rank, power[k], kron[k - 1], a, core);
      times(p, outputAt[k], outputs, rank, core, a, outputTiles);
    }
    Tiles.toRows(outputTiles, outputs, a.width, a.tiles, a.logits);
  }

  /** Of a single event, whose columns instead of events fill the vectors. */
  void predictEvent(float[] p, CpuActivations a) {
    float[] x = a.shifted;
    for (int c = 0; c < concepts; c++) {
      x[c] = a.z[c * a.stride] - spec.expansionPoint();
    }
    float[] out = a.output;
    System.arraycopy(p, constAt, out, 0, outputs);
    for (int k = 1; k <= spec.order(); k++) {
      float[] u = a.projections[k - 1];
      float[] core = a.core[k - 1];
      Arrays.fill(u, 0, k * rank, 0);
      kernels.matrixVector(p, inputAt[k], k * rank, concepts, x, 0, u, 0);
      float[] product = u;
      for (int j = 1; j < k; j++) {
        float[] longer = a.kronecker[k - 1][j];
        for (int f = 0, row = 0; f < rank; f++) {
          for (int i = 0; i < power[j]; i++, row++) {
            longer[row] = u[j * rank + f] * product[i];
          }
        }
        product = longer;
      }
      Arrays.fill(core, 0, rank, 0);
      kernels.matrixVector(p, coreAt[k], rank, power[k], product, 0, core, 0);
      kernels.matrixVector(p, outputAt[k], outputs, rank, core, 0, out, 0);
    }
    for (int q = 0; q < outputs; q++) {
      a.logits[q * a.stride] = out[q];
    }
  }

  /** The constants, in every event of {@code outputTiles}. */
  private void fillRows(float[] p, CpuActivations a) {
    for (int row = 0; row < a.tiles * outputs; row++) {
      float constant = p[constAt + row % outputs];
      Arrays.fill(outputTiles, row * a.width, (row + 1) * a.width, constant);
    }
  }

  /** Copies the rows of factor 0 out of {@code [T x k·r x w]}. */
  private void firstFactor(int k, float[] u, CpuActivations a, float[] to) {
    int rows = rank * a.width;
    for (int t = 0; t < a.tiles; t++) {
      System.arraycopy(u, t * k * rows, to, t * rows, rows);
    }
  }

  /** The product of the first j factors with factor j of u. */
  private void kronecker(
      int k, int j, CpuActivations a, float[] u, float[] rest, boolean add, float[] product) {
    for (int t = 0; t < a.tiles; t++) {
      kernels.kronecker(
          u,
          factorAt(k, j, t, a),
          rank,
          rest,
          t * power[j] * a.width,
          power[j],
          a.width,
          add,
          product,
          t * power[j + 1] * a.width);
    }
  }

  /** Where factor j of a tile begins in {@code [T x k·r x w]}. */
  private int factorAt(int k, int j, int tile, CpuActivations a) {
    return (tile * k + j) * rank * a.width;
  }

  /** {@code y += W x}. */
  private void times(
      float[] w, int wAt, int rows, int columns, float[] x, CpuActivations a, float[] y) {
    addProduct(w, wAt, columns, 1, rows, columns, x, a, y);
  }

  /** {@code x += Wᵀ d}. */
  private void transposedTimes(
      float[] w, int wAt, int rows, int columns, float[] d, CpuActivations a, float[] x) {
    addProduct(w, wAt, 1, columns, columns, rows, d, a, x);
  }

  private void addProduct(
      float[] w,
      int wAt,
      int row,
      int column,
      int rows,
      int depth,
      float[] x,
      CpuActivations a,
      float[] y) {
    int width = a.width;
    for (int t = 0; t < a.tiles; t++) {
      int from = t * depth * width;
      int to = t * rows * width;
      kernels.product(
          w, wAt, row, column, rows, depth, x, from, width, y, to, width, y, to, width, width);
    }
  }

  /**
   * {@code g += Σ_t Σ_e d[t][r][e] · x[t][c][e]}, with events as rows, so that their sum is a
   * product like any other. Padding of d is 0.
   */
  private void addOuter(
      float[] d, int rows, float[] x, int columns, CpuActivations a, float[] g, int gAt) {
    int padded = kernels.padded(columns);
    Arrays.fill(outerSums, 0, rows * padded, 0);
    for (int t = 0; t < a.tiles; t++) {
      int events = Math.min(a.width, a.size - t * a.width);
      int from = t * columns * a.width;
      Tiles.transpose(x, from, columns, a.width, events, eventRows, padded);
      kernels.product(
          d,
          t * rows * a.width,
          a.width,
          1,
          rows,
          events,
          eventRows,
          0,
          padded,
          outerSums,
          0,
          padded,
          outerSums,
          0,
          padded,
          padded);
    }
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        g[gAt + r * columns + c] += outerSums[r * padded + c];
      }
    }
  }

  /**
   * Adds to {@code gradient}.
   *
   * @param outputGradient by the logits {@code [K x stride]}
   * @param conceptGradient receives the gradient by z {@code [C x stride]}
   */
  void backward(
      float[] p,
      CpuActivations a,
      float[] outputGradient,
      float[] conceptGradient,
      float[] gradient) {
    int stride = a.stride;
    reserve(a);
    float[] dOut = outputTiles;
    Tiles.fromRows(outputGradient, outputs, a.width, a.tiles, dOut);
    for (int q = 0; q < outputs; q++) {
      double sum = 0;
      for (int e = 0; e < a.size; e++) {
        sum += outputGradient[q * stride + e];
      }
      gradient[constAt + q] += (float) sum;
    }
    float[] dZ = conceptTiles;
    Arrays.fill(dZ, 0, concepts * stride, 0);
    for (int k = 1; k <= spec.order(); k++) {
      float[][] kron = a.kronecker[k - 1];
      float[] dCore = coreScratch;
      float[] dU = projectionScratch;
      addOuter(dOut, outputs, a.core[k - 1], rank, a, gradient, outputAt[k]);
      Arrays.fill(dCore, 0, rank * stride, 0);
      transposedTimes(p, outputAt[k], outputs, rank, dOut, a, dCore);
      addOuter(dCore, rank, kron[k - 1], power[k], a, gradient, coreAt[k]);
      float[] dKron = kroneckerScratch[k - 1];
      Arrays.fill(dKron, 0, power[k] * stride, 0);
      transposedTimes(p, coreAt[k], rank, power[k], dCore, a, dKron);
      kroneckerBackward(k, a, kron, dU);
      addOuter(dU, k * rank, a.shifted, concepts, a, gradient, inputAt[k]);
      transposedTimes(p, inputAt[k], k * rank, concepts, dU, a, dZ);
    }
    Tiles.toRows(dZ, concepts, a.width, a.tiles, conceptGradient);
  }

  /**
   * From the gradient of the whole product, in the scratch of k factors, to that of every factor.
   */
  private void kroneckerBackward(int k, CpuActivations a, float[][] kron, float[] dU) {
    float[] u = a.projections[k - 1];
    Arrays.fill(dU, 0, k * rank * a.stride, 0);
    for (int j = k - 1; j >= 1; j--) {
      float[] dLong = kroneckerScratch[j];
      float[] dShort = kroneckerScratch[j - 1];
      Arrays.fill(dShort, 0, power[j] * a.stride, 0);
      for (int t = 0; t < a.tiles; t++) {
        int rest = t * power[j] * a.width;
        int factor = factorAt(k, j, t, a);
        kernels.kroneckerGradient(
            dLong,
            t * power[j + 1] * a.width,
            u,
            factor,
            rank,
            kron[j - 1],
            rest,
            power[j],
            a.width,
            dU,
            factor,
            dShort,
            rest);
      }
    }
    int rows = rank * a.width;
    for (int t = 0; t < a.tiles; t++) {
      System.arraycopy(kroneckerScratch[0], t * rows, dU, t * k * rows, rows);
    }
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
    reserve(a);
    Tiles.fromRows(conceptTangent, concepts, a.width, a.tiles, conceptTiles);
    fillRows(direction, a);
    for (int k = 1; k <= spec.order(); k++) {
      float[][] kron = a.kronecker[k - 1];
      float[] tCore = coreScratch;
      float[] tU = projectionScratch;
      Arrays.fill(tU, 0, k * rank * stride, 0);
      times(p, inputAt[k], k * rank, concepts, conceptTiles, a, tU);
      times(direction, inputAt[k], k * rank, concepts, a.shifted, a, tU);
      kroneckerTangent(k, a, kron, tU);
      Arrays.fill(tCore, 0, rank * stride, 0);
      times(p, coreAt[k], rank, power[k], kroneckerScratch[k - 1], a, tCore);
      times(direction, coreAt[k], rank, power[k], kron[k - 1], a, tCore);
      times(p, outputAt[k], outputs, rank, tCore, a, outputTiles);
      times(direction, outputAt[k], outputs, rank, a.core[k - 1], a, outputTiles);
    }
    Tiles.toRows(outputTiles, outputs, a.width, a.tiles, logitTangent);
  }

  private void kroneckerTangent(int k, CpuActivations a, float[][] kron, float[] tU) {
    float[] u = a.projections[k - 1];
    firstFactor(k, tU, a, kroneckerScratch[0]);
    for (int j = 1; j < k; j++) {
      kronecker(k, j, a, tU, kron[j - 1], false, kroneckerScratch[j]);
      kronecker(k, j, a, u, kroneckerScratch[j - 1], true, kroneckerScratch[j]);
    }
  }
}
