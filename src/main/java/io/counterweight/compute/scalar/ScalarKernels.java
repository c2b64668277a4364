package io.counterweight.compute.scalar;

import io.counterweight.compute.cpu.Kernels;
import io.counterweight.compute.cpu.UnitScales;

/** Plain loops on any JVM: the readable form, and the fallback where the Vector API is absent. */
public final class ScalarKernels implements Kernels {

  @Override
  public int lanes() {
    return 1;
  }

  /** One tile holds the mini-batch: loops as long as they can be are what the JIT vectorises. */
  @Override
  public int width(int n) {
    return n;
  }

  @Override
  public void product(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int rows,
      int depth,
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      int startRow,
      float[] y,
      int yAt,
      int yRow,
      int columns) {
    for (int r = 0; r < rows; r++) {
      int to = yAt + r * yRow;
      System.arraycopy(start, startAt + r * startRow, y, to, columns);
      for (int k = 0; k < depth; k++) {
        float factor = a[aAt + r * aRow + k * aColumn];
        int from = bAt + k * bRow;
        for (int c = 0; c < columns; c++) {
          y[to + c] += factor * b[from + c];
        }
      }
    }
  }

  @Override
  public void matrixVector(
      float[] w, int wAt, int rows, int columns, float[] x, int xAt, float[] y, int yAt) {
    for (int r = 0; r < rows; r++) {
      y[yAt + r] += dot(w, wAt + r * columns, x, xAt, columns);
    }
  }

  private static float dot(float[] a, int aAt, float[] b, int bAt, int n) {
    float sum = 0;
    for (int i = 0; i < n; i++) {
      sum += a[aAt + i] * b[bAt + i];
    }
    return sum;
  }

  @Override
  public void multiply(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] = a[aAt + i] * b[bAt + i];
    }
  }

  @Override
  public void kronecker(
      float[] u,
      int uAt,
      int rank,
      float[] rest,
      int restAt,
      int rows,
      int width,
      boolean add,
      float[] y,
      int yAt) {
    for (int row = 0; row < rank * rows; row++) {
      int factor = uAt + row / rows * width;
      int other = restAt + row % rows * width;
      int to = yAt + row * width;
      for (int e = 0; e < width; e++) {
        float product = u[factor + e] * rest[other + e];
        y[to + e] = add ? y[to + e] + product : product;
      }
    }
  }

  @Override
  public void kroneckerGradient(
      float[] d,
      int dAt,
      float[] u,
      int uAt,
      int rank,
      float[] rest,
      int restAt,
      int rows,
      int width,
      float[] dU,
      int dUAt,
      float[] dRest,
      int dRestAt) {
    for (int row = 0; row < rank * rows; row++) {
      int from = dAt + row * width;
      int factor = row / rows * width;
      int other = row % rows * width;
      for (int e = 0; e < width; e++) {
        dU[dUAt + factor + e] += d[from + e] * rest[restAt + other + e];
        dRest[dRestAt + other + e] += d[from + e] * u[uAt + factor + e];
      }
    }
  }

  @Override
  public void leaky(float[] y, int yAt, int length, float slope) {
    for (int i = yAt; i < yAt + length; i++) {
      y[i] = Math.max(y[i], slope * y[i]);
    }
  }

  @Override
  public void sums(float[] x, int xAt, int rows, int columns, float[] sums) {
    for (int r = 0; r < rows; r++) {
      int from = xAt + r * columns;
      for (int c = 0; c < columns; c++) {
        sums[c] += x[from + c];
      }
    }
  }

  @Override
  public void moments(
      float[] x, int xAt, int rows, int columns, float[] origin, float[] sums, float[] squares) {
    for (int r = 0; r < rows; r++) {
      int from = xAt + r * columns;
      for (int c = 0; c < columns; c++) {
        float distance = x[from + c] - origin[c];
        sums[c] += x[from + c];
        squares[c] += distance * distance;
      }
    }
  }

  @Override
  public void activate(
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float slope,
      float[] y,
      int yAt) {
    for (int r = 0; r < rows; r++) {
      int from = xAt + r * columns;
      int to = yAt + r * columns;
      for (int c = 0; c < columns; c++) {
        float value = (x[from + c] - units.mean()[at + c]) * units.scale()[at + c];
        value += units.shift()[at + c];
        y[to + c] = Math.max(value, slope * value);
      }
    }
  }

  @Override
  public void gate(
      float[] d,
      int dAt,
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float slope,
      float[] factor,
      float[] along,
      float[] sums) {
    for (int r = 0; r < rows; r++) {
      int from = xAt + r * columns;
      int to = dAt + r * columns;
      for (int c = 0; c < columns; c++) {
        float centred = x[from + c] - units.mean()[at + c];
        boolean open = centred * units.scale()[at + c] + units.shift()[at + c] > 0;
        float value = d[to + c] * (open ? 1 : slope);
        along[c] += value * centred;
        sums[c] += value;
        d[to + c] = value * factor[c];
      }
    }
  }

  @Override
  public void combine(
      float[] d,
      int dAt,
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float[] a,
      float[] b,
      float[] c) {
    for (int r = 0; r < rows; r++) {
      int from = xAt + r * columns;
      int to = dAt + r * columns;
      for (int i = 0; i < columns; i++) {
        float centred = x[from + i] - units.mean()[at + i];
        d[to + i] = d[to + i] * a[i] + centred * b[i] + c[i];
      }
    }
  }

  @Override
  public void tangentSums(
      float[] t,
      int tAt,
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float[] along,
      float[] sums) {
    for (int r = 0; r < rows; r++) {
      int from = xAt + r * columns;
      int to = tAt + r * columns;
      for (int c = 0; c < columns; c++) {
        along[c] += t[to + c] * (x[from + c] - units.mean()[at + c]);
        sums[c] += t[to + c];
      }
    }
  }

  @Override
  public void tangent(
      float[] t,
      int tAt,
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float slope,
      float[] a,
      float[] b,
      float[] c,
      float[] y) {
    for (int r = 0; r < rows; r++) {
      int from = xAt + r * columns;
      int to = tAt + r * columns;
      for (int i = 0; i < columns; i++) {
        float centred = x[from + i] - units.mean()[at + i];
        float value = centred * units.scale()[at + i] + units.shift()[at + i];
        float moved = t[to + i] * a[i] + centred * b[i] + c[i];
        t[to + i] = value > 0 ? moved : slope * moved;
        y[r * columns + i] = Math.max(value, slope * value);
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
    for (int i = 0; i < n; i++) {
      float deviation = (float) Math.sqrt(statistics[varianceAt + i] + epsilon);
      float value =
          (x[at + i] - statistics[meanAt + i]) / deviation * parameters[gammaAt + i]
              + parameters[betaAt + i];
      x[at + i] = Math.max(value, slope * value);
    }
  }
}
