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

  @Override
  public float sum(float[] x, int at, int n) {
    float sum = 0;
    for (int e = at; e < at + n; e++) {
      sum += x[e];
    }
    return sum;
  }

  @Override
  public float squaredDistance(float[] x, int at, int n, float from) {
    float sum = 0;
    for (int e = at; e < at + n; e++) {
      sum += (x[e] - from) * (x[e] - from);
    }
    return sum;
  }

  @Override
  public float dot(float[] a, int aAt, float[] b, int bAt, int n) {
    float sum = 0;
    for (int e = 0; e < n; e++) {
      sum += a[aAt + e] * b[bAt + e];
    }
    return sum;
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
  public void shiftScale(float[] x, int at, float shift, float scale, int padded) {
    for (int e = at; e < at + padded; e++) {
      x[e] = (x[e] + shift) * scale;
    }
  }

  @Override
  public void activate(
      float[] x, int xAt, float scale, float shift, float slope, float[] y, int yAt, int padded) {
    for (int e = 0; e < padded; e++) {
      float value = x[xAt + e] * scale + shift;
      y[yAt + e] = Math.max(value, slope * value);
    }
  }

  @Override
  public void deactivate(
      float[] d, int dAt, float[] active, int activeAt, float slope, float factor, int padded) {
    float small = slope * factor;
    for (int e = 0; e < padded; e++) {
      d[dAt + e] *= active[activeAt + e] > 0 ? factor : small;
    }
  }

  @Override
  public void tangent(
      float[] y,
      int yAt,
      float[] x,
      int xAt,
      float[] active,
      int activeAt,
      float slope,
      float a,
      float b,
      float c,
      int padded) {
    for (int e = 0; e < padded; e++) {
      float value = y[yAt + e] * a + x[xAt + e] * b + c;
      y[yAt + e] = active[activeAt + e] > 0 ? value : slope * value;
    }
  }
}
