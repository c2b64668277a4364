package io.counterweight.compute.vector;

import io.counterweight.compute.cpu.Kernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Inner loops on the widest vectors of the machine (512, 256 or 128 bits). Products keep a tile of
 * 4 rows by 2 vectors in registers: eight independent sums hide the latency of a fused multiply-add
 * on two units, and with the two inputs and the broadcast weight fit sixteen registers.
 *
 * <p>Sums are taken in the order of the lanes, so results differ between vector widths by rounding,
 * and between threads and slots of one machine not at all.
 */
public final class VectorKernels implements Kernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /**
   * Rows at least this long are multiplied lane by lane; reducing a tile at the end is cheap beside
   * them.
   */
  private static final int LONG_ROW = 512;

  private float[] transposed = new float[0];

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public void product(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int rows,
      int depth,
      float[] x,
      int xAt,
      int padded,
      float[] y,
      int yAt) {
    int e = 0;
    for (; e + 2 * LANES <= padded; e += 2 * LANES) {
      int r = 0;
      for (; r + 4 <= rows; r += 4) {
        tile4x2(
            a, aAt + r * aRow, aRow, aColumn, depth, x, xAt + e, padded, y, yAt + r * padded + e);
      }
      for (; r < rows; r++) {
        tile1x2(a, aAt + r * aRow, aColumn, depth, x, xAt + e, padded, y, yAt + r * padded + e);
      }
    }
    if (e < padded) {
      int r = 0;
      for (; r + 4 <= rows; r += 4) {
        tile4x1(
            a, aAt + r * aRow, aRow, aColumn, depth, x, xAt + e, padded, y, yAt + r * padded + e);
      }
      for (; r < rows; r++) {
        tile1x1(a, aAt + r * aRow, aColumn, depth, x, xAt + e, padded, y, yAt + r * padded + e);
      }
    }
  }

  private static void tile4x2(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int depth,
      float[] x,
      int xAt,
      int stride,
      float[] y,
      int yAt) {
    int y1 = yAt + stride;
    int y2 = y1 + stride;
    int y3 = y2 + stride;
    FloatVector s00 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, y, yAt + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, y, y1 + LANES);
    FloatVector s20 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector s21 = FloatVector.fromArray(SPECIES, y, y2 + LANES);
    FloatVector s30 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector s31 = FloatVector.fromArray(SPECIES, y, y3 + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt);
      FloatVector x1 = FloatVector.fromArray(SPECIES, x, xAt + LANES);
      FloatVector w0 = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      FloatVector w1 = FloatVector.broadcast(SPECIES, a[aAt + aRow]);
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      FloatVector w2 = FloatVector.broadcast(SPECIES, a[aAt + 2 * aRow]);
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      FloatVector w3 = FloatVector.broadcast(SPECIES, a[aAt + 3 * aRow]);
      s30 = w3.fma(x0, s30);
      s31 = w3.fma(x1, s31);
      aAt += aColumn;
      xAt += stride;
    }
    s00.intoArray(y, yAt);
    s01.intoArray(y, yAt + LANES);
    s10.intoArray(y, y1);
    s11.intoArray(y, y1 + LANES);
    s20.intoArray(y, y2);
    s21.intoArray(y, y2 + LANES);
    s30.intoArray(y, y3);
    s31.intoArray(y, y3 + LANES);
  }

  private static void tile4x1(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int depth,
      float[] x,
      int xAt,
      int stride,
      float[] y,
      int yAt) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, yAt + stride);
    FloatVector s2 = FloatVector.fromArray(SPECIES, y, yAt + 2 * stride);
    FloatVector s3 = FloatVector.fromArray(SPECIES, y, yAt + 3 * stride);
    for (int k = 0; k < depth; k++) {
      FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt);
      s0 = FloatVector.broadcast(SPECIES, a[aAt]).fma(x0, s0);
      s1 = FloatVector.broadcast(SPECIES, a[aAt + aRow]).fma(x0, s1);
      s2 = FloatVector.broadcast(SPECIES, a[aAt + 2 * aRow]).fma(x0, s2);
      s3 = FloatVector.broadcast(SPECIES, a[aAt + 3 * aRow]).fma(x0, s3);
      aAt += aColumn;
      xAt += stride;
    }
    s0.intoArray(y, yAt);
    s1.intoArray(y, yAt + stride);
    s2.intoArray(y, yAt + 2 * stride);
    s3.intoArray(y, yAt + 3 * stride);
  }

  private static void tile1x2(
      float[] a,
      int aAt,
      int aColumn,
      int depth,
      float[] x,
      int xAt,
      int stride,
      float[] y,
      int yAt) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, yAt + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector w = FloatVector.broadcast(SPECIES, a[aAt]);
      s0 = w.fma(FloatVector.fromArray(SPECIES, x, xAt), s0);
      s1 = w.fma(FloatVector.fromArray(SPECIES, x, xAt + LANES), s1);
      aAt += aColumn;
      xAt += stride;
    }
    s0.intoArray(y, yAt);
    s1.intoArray(y, yAt + LANES);
  }

  private static void tile1x1(
      float[] a,
      int aAt,
      int aColumn,
      int depth,
      float[] x,
      int xAt,
      int stride,
      float[] y,
      int yAt) {
    FloatVector sum = FloatVector.fromArray(SPECIES, y, yAt);
    for (int k = 0; k < depth; k++) {
      sum = FloatVector.broadcast(SPECIES, a[aAt]).fma(FloatVector.fromArray(SPECIES, x, xAt), sum);
      aAt += aColumn;
      xAt += stride;
    }
    sum.intoArray(y, yAt);
  }

  @Override
  public void outer(
      float[] d,
      int dAt,
      int rows,
      float[] x,
      int xAt,
      int columns,
      int padded,
      float[] g,
      int gAt) {
    if (columns % LANES == 0 && padded < LONG_ROW) {
      transpose(x, xAt, columns, padded);
      product(d, dAt, padded, 1, rows, padded, transposed, 0, columns, g, gAt);
      return;
    }
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      int c = 0;
      for (; c + 2 <= columns; c += 2) {
        outer4x2(
            d, dAt + r * padded, x, xAt + c * padded, padded, g, gAt + r * columns + c, columns);
      }
      for (; c < columns; c++) {
        for (int i = r; i < r + 4; i++) {
          g[gAt + i * columns + c] += dot(d, dAt + i * padded, x, xAt + c * padded, padded);
        }
      }
    }
    for (; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        g[gAt + r * columns + c] += dot(d, dAt + r * padded, x, xAt + c * padded, padded);
      }
    }
  }

  /** {@code transposed[e][c] = x[c][e]}. */
  private void transpose(float[] x, int xAt, int columns, int padded) {
    if (transposed.length < columns * padded) {
      transposed = new float[columns * padded];
    }
    float[] out = transposed;
    for (int c = 0; c < columns; c++) {
      int in = xAt + c * padded;
      for (int e = 0, to = c; e < padded; e++, to += columns) {
        out[to] = x[in + e];
      }
    }
  }

  private static void outer4x2(
      float[] d, int dAt, float[] x, int xAt, int padded, float[] g, int gAt, int columns) {
    int d1 = dAt + padded;
    int d2 = d1 + padded;
    int d3 = d2 + padded;
    int x1 = xAt + padded;
    FloatVector s00 = FloatVector.zero(SPECIES);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    for (int e = 0; e < padded; e += LANES) {
      FloatVector v0 = FloatVector.fromArray(SPECIES, x, xAt + e);
      FloatVector v1 = FloatVector.fromArray(SPECIES, x, x1 + e);
      FloatVector w0 = FloatVector.fromArray(SPECIES, d, dAt + e);
      s00 = w0.fma(v0, s00);
      s01 = w0.fma(v1, s01);
      FloatVector w1 = FloatVector.fromArray(SPECIES, d, d1 + e);
      s10 = w1.fma(v0, s10);
      s11 = w1.fma(v1, s11);
      FloatVector w2 = FloatVector.fromArray(SPECIES, d, d2 + e);
      s20 = w2.fma(v0, s20);
      s21 = w2.fma(v1, s21);
      FloatVector w3 = FloatVector.fromArray(SPECIES, d, d3 + e);
      s30 = w3.fma(v0, s30);
      s31 = w3.fma(v1, s31);
    }
    g[gAt] += s00.reduceLanes(VectorOperators.ADD);
    g[gAt + 1] += s01.reduceLanes(VectorOperators.ADD);
    g[gAt + columns] += s10.reduceLanes(VectorOperators.ADD);
    g[gAt + columns + 1] += s11.reduceLanes(VectorOperators.ADD);
    g[gAt + 2 * columns] += s20.reduceLanes(VectorOperators.ADD);
    g[gAt + 2 * columns + 1] += s21.reduceLanes(VectorOperators.ADD);
    g[gAt + 3 * columns] += s30.reduceLanes(VectorOperators.ADD);
    g[gAt + 3 * columns + 1] += s31.reduceLanes(VectorOperators.ADD);
  }

  @Override
  public void matrixVector(
      float[] w, int wAt, int rows, int columns, float[] x, int xAt, float[] y, int yAt) {
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      int w0 = wAt + r * columns;
      int w1 = w0 + columns;
      int w2 = w1 + columns;
      int w3 = w2 + columns;
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int c = 0;
      for (; c + LANES <= columns; c += LANES) {
        FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + c);
        s0 = FloatVector.fromArray(SPECIES, w, w0 + c).fma(v, s0);
        s1 = FloatVector.fromArray(SPECIES, w, w1 + c).fma(v, s1);
        s2 = FloatVector.fromArray(SPECIES, w, w2 + c).fma(v, s2);
        s3 = FloatVector.fromArray(SPECIES, w, w3 + c).fma(v, s3);
      }
      float t0 = s0.reduceLanes(VectorOperators.ADD);
      float t1 = s1.reduceLanes(VectorOperators.ADD);
      float t2 = s2.reduceLanes(VectorOperators.ADD);
      float t3 = s3.reduceLanes(VectorOperators.ADD);
      for (; c < columns; c++) {
        float value = x[xAt + c];
        t0 += w[w0 + c] * value;
        t1 += w[w1 + c] * value;
        t2 += w[w2 + c] * value;
        t3 += w[w3 + c] * value;
      }
      y[yAt + r] += t0;
      y[yAt + r + 1] += t1;
      y[yAt + r + 2] += t2;
      y[yAt + r + 3] += t3;
    }
    for (; r < rows; r++) {
      y[yAt + r] += dot(w, wAt + r * columns, x, xAt, columns);
    }
  }

  private static float dot(float[] a, int aAt, float[] b, int bAt, int n) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int e = 0;
    for (; e + LANES <= n; e += LANES) {
      sums =
          FloatVector.fromArray(SPECIES, a, aAt + e)
              .fma(FloatVector.fromArray(SPECIES, b, bAt + e), sums);
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; e < n; e++) {
      sum += a[aAt + e] * b[bAt + e];
    }
    return sum;
  }

  private static float sum(float[] x, int at, int n) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int e = 0;
    for (; e + LANES <= n; e += LANES) {
      sums = sums.add(FloatVector.fromArray(SPECIES, x, at + e));
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; e < n; e++) {
      sum += x[at + e];
    }
    return sum;
  }

  private static float squares(float[] x, int at, int n, float from) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int e = 0;
    for (; e + LANES <= n; e += LANES) {
      FloatVector distance = FloatVector.fromArray(SPECIES, x, at + e).sub(from);
      sums = distance.fma(distance, sums);
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; e < n; e++) {
      sum += (x[at + e] - from) * (x[at + e] - from);
    }
    return sum;
  }

  @Override
  public void rowSums(float[] x, int at, int rows, int padded, int n, float[] out, int outAt) {
    for (int r = 0; r < rows; r++) {
      out[outAt + r] = sum(x, at + r * padded, n);
    }
  }

  @Override
  public void rowSquares(
      float[] x,
      int at,
      int rows,
      int padded,
      int n,
      float[] from,
      int fromAt,
      float[] out,
      int outAt) {
    for (int r = 0; r < rows; r++) {
      out[outAt + r] = squares(x, at + r * padded, n, from[fromAt + r]);
    }
  }

  @Override
  public void rowDots(
      float[] a, int aAt, float[] b, int bAt, int rows, int padded, int n, float[] out, int outAt) {
    for (int r = 0; r < rows; r++) {
      out[outAt + r] = dot(a, aAt + r * padded, b, bAt + r * padded, n);
    }
  }

  @Override
  public void multiply(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int padded) {
    for (int e = 0; e < padded; e += LANES) {
      FloatVector.fromArray(SPECIES, a, aAt + e)
          .mul(FloatVector.fromArray(SPECIES, b, bAt + e))
          .intoArray(y, yAt + e);
    }
  }

  @Override
  public void multiplyAdd(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int padded) {
    for (int e = 0; e < padded; e += LANES) {
      FloatVector.fromArray(SPECIES, a, aAt + e)
          .fma(
              FloatVector.fromArray(SPECIES, b, bAt + e),
              FloatVector.fromArray(SPECIES, y, yAt + e))
          .intoArray(y, yAt + e);
    }
  }

  @Override
  public void shiftScaleRows(
      float[] x,
      int at,
      int rows,
      int padded,
      float[] shift,
      int shiftAt,
      float[] scale,
      int scaleAt) {
    for (int r = 0; r < rows; r++) {
      float shifts = shift[shiftAt + r];
      float scales = scale[scaleAt + r];
      for (int e = at + r * padded; e < at + (r + 1) * padded; e += LANES) {
        FloatVector.fromArray(SPECIES, x, e).sub(shifts).mul(scales).intoArray(x, e);
      }
    }
  }

  @Override
  public void activateRows(
      float[] x,
      int xAt,
      int rows,
      int padded,
      float[] scale,
      int scaleAt,
      float[] shift,
      int shiftAt,
      float slope,
      float[] y,
      int yAt) {
    for (int r = 0; r < rows; r++) {
      FloatVector scales = FloatVector.broadcast(SPECIES, scale[scaleAt + r]);
      FloatVector shifts = FloatVector.broadcast(SPECIES, shift[shiftAt + r]);
      for (int e = r * padded; e < (r + 1) * padded; e += LANES) {
        FloatVector value = FloatVector.fromArray(SPECIES, x, xAt + e).fma(scales, shifts);
        value.max(value.mul(slope)).intoArray(y, yAt + e);
      }
    }
  }

  @Override
  public void deactivate(
      float[] d, int dAt, float[] active, int activeAt, float slope, int padded) {
    FloatVector small = FloatVector.broadcast(SPECIES, slope);
    FloatVector whole = FloatVector.broadcast(SPECIES, 1);
    for (int e = 0; e < padded; e += LANES) {
      VectorMask<Float> positive =
          FloatVector.fromArray(SPECIES, active, activeAt + e).compare(VectorOperators.GT, 0f);
      FloatVector.fromArray(SPECIES, d, dAt + e)
          .mul(small.blend(whole, positive))
          .intoArray(d, dAt + e);
    }
  }

  @Override
  public void tangentRows(
      float[] y,
      int yAt,
      float[] x,
      float[] active,
      int xAt,
      int rows,
      int padded,
      float slope,
      float[] a,
      float[] b,
      float[] c) {
    for (int r = 0; r < rows; r++) {
      FloatVector as = FloatVector.broadcast(SPECIES, a[r]);
      FloatVector bs = FloatVector.broadcast(SPECIES, b[r]);
      FloatVector cs = FloatVector.broadcast(SPECIES, c[r]);
      for (int e = r * padded; e < (r + 1) * padded; e += LANES) {
        FloatVector value =
            FloatVector.fromArray(SPECIES, y, yAt + e)
                .fma(as, FloatVector.fromArray(SPECIES, x, xAt + e).fma(bs, cs));
        VectorMask<Float> positive =
            FloatVector.fromArray(SPECIES, active, xAt + e).compare(VectorOperators.GT, 0f);
        value.mul(slope).blend(value, positive).intoArray(y, yAt + e);
      }
    }
  }

  @Override
  public void activateEvent(
      float[] x,
      int at,
      int n,
      float[] statistics,
      int meanAt,
      int varianceAt,
      float epsilon,
      float[] parameters,
      int gammaAt,
      int betaAt,
      float slope) {
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
      FloatVector deviation =
          FloatVector.fromArray(SPECIES, statistics, varianceAt + i).add(epsilon).sqrt();
      FloatVector value =
          FloatVector.fromArray(SPECIES, x, at + i)
              .sub(FloatVector.fromArray(SPECIES, statistics, meanAt + i))
              .div(deviation)
              .fma(
                  FloatVector.fromArray(SPECIES, parameters, gammaAt + i),
                  FloatVector.fromArray(SPECIES, parameters, betaAt + i));
      value.max(value.mul(slope)).intoArray(x, at + i);
    }
    for (; i < n; i++) {
      float inverse = (float) (1 / Math.sqrt(statistics[varianceAt + i] + epsilon));
      float value =
          (x[at + i] - statistics[meanAt + i]) * inverse * parameters[gammaAt + i]
              + parameters[betaAt + i];
      x[at + i] = Math.max(value, slope * value);
    }
  }

  @Override
  public String toString() {
    return SPECIES.vectorBitSize() + "-bit vectors";
  }
}
