package io.counterweight.compute.scalar;

import io.counterweight.compute.cpu.Kernels;

/** Plain loops on any JVM: the readable form, and the fallback where the Vector API is absent. */
public final class ScalarKernels implements Kernels {
  @Override
  public int lanes() {
    return 1;
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
    for (int r = 0; r < rows; r++) {
      int out = yAt + r * padded;
      for (int k = 0; k < depth; k++) {
        float factor = a[aAt + r * aRow + k * aColumn];
        int in = xAt + k * padded;
        for (int e = 0; e < padded; e++) {
          y[out + e] += factor * x[in + e];
        }
      }
    }
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
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        g[gAt + r * columns + c] += dot(d, dAt + r * padded, x, xAt + c * padded, padded);
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
    for (int e = 0; e < n; e++) {
      sum += a[aAt + e] * b[bAt + e];
    }
    return sum;
  }

  @Override
  public void rowSums(float[] x, int at, int rows, int padded, int n, float[] out, int outAt) {
    for (int r = 0; r < rows; r++) {
      float sum = 0;
      for (int e = at + r * padded; e < at + r * padded + n; e++) {
        sum += x[e];
      }
      out[outAt + r] = sum;
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
      float centre = from[fromAt + r];
      float sum = 0;
      for (int e = at + r * padded; e < at + r * padded + n; e++) {
        sum += (x[e] - centre) * (x[e] - centre);
      }
      out[outAt + r] = sum;
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
    for (int e = 0; e < padded; e++) {
      y[yAt + e] = a[aAt + e] * b[bAt + e];
    }
  }

  @Override
  public void multiplyAdd(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int padded) {
    for (int e = 0; e < padded; e++) {
      y[yAt + e] += a[aAt + e] * b[bAt + e];
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
      for (int e = at + r * padded; e < at + (r + 1) * padded; e++) {
        x[e] = (x[e] - shift[shiftAt + r]) * scale[scaleAt + r];
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
      for (int e = r * padded; e < (r + 1) * padded; e++) {
        float value = x[xAt + e] * scale[scaleAt + r] + shift[shiftAt + r];
        y[yAt + e] = Math.max(value, slope * value);
      }
    }
  }

  @Override
  public void deactivate(
      float[] d, int dAt, float[] active, int activeAt, float slope, int padded) {
    for (int e = 0; e < padded; e++) {
      d[dAt + e] *= active[activeAt + e] > 0 ? 1 : slope;
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
      for (int e = r * padded; e < (r + 1) * padded; e++) {
        float value = y[yAt + e] * a[r] + x[xAt + e] * b[r] + c[r];
        y[yAt + e] = active[xAt + e] > 0 ? value : slope * value;
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
      float inverse = (float) (1 / Math.sqrt(statistics[varianceAt + i] + epsilon));
      float value =
          (x[at + i] - statistics[meanAt + i]) * inverse * parameters[gammaAt + i]
              + parameters[betaAt + i];
      x[at + i] = Math.max(value, slope * value);
    }
  }
}
