package io.counterweight.compute.scalar;

import io.counterweight.compute.cpu.Kernels;
import java.util.Arrays;

/** Plain loops on any JVM: the readable form, and the fallback where the Vector API is absent. */
public final class ScalarKernels implements Kernels {

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
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      int width,
      int tiles) {
    for (int t = 0; t < tiles; t++) {
      for (int r = 0; r < rows; r++) {
        int out = yAt + (t * rows + r) * width;
        for (int k = 0; k < depth; k++) {
          float factor = a[aAt + r * aRow + k * aColumn];
          int in = xAt + (t * depth + k) * width;
          for (int e = 0; e < width; e++) {
            y[out + e] += factor * x[in + e];
          }
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
      int width,
      int tiles,
      float[] g,
      int gAt) {
    for (int t = 0; t < tiles; t++) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          g[gAt + r * columns + c] +=
              dot(d, dAt + (t * rows + r) * width, x, xAt + (t * columns + c) * width, width);
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
    for (int e = 0; e < n; e++) {
      sum += a[aAt + e] * b[bAt + e];
    }
    return sum;
  }

  @Override
  public void fillRows(
      float[] values, int valuesAt, int rows, float[] y, int yAt, int width, int tiles) {
    for (int i = 0; i < tiles * rows; i++) {
      Arrays.fill(y, yAt + i * width, yAt + (i + 1) * width, values[valuesAt + i % rows]);
    }
  }

  /** Events of tile t that are not padding. */
  private static int inTile(int t, int width, int n) {
    return Math.min(width, n - t * width);
  }

  @Override
  public void rowSums(float[] x, int at, int rows, int width, int n, float[] out, int outAt) {
    for (int r = 0; r < rows; r++) {
      float sum = 0;
      for (int t = 0; t * width < n; t++) {
        int i = at + (t * rows + r) * width;
        for (int end = i + inTile(t, width, n); i < end; i++) {
          sum += x[i];
        }
      }
      out[outAt + r] += sum;
    }
  }

  @Override
  public void rowSquares(
      float[] x,
      int at,
      int rows,
      int width,
      int n,
      float[] from,
      int fromAt,
      float[] out,
      int outAt) {
    for (int r = 0; r < rows; r++) {
      float origin = from[fromAt + r];
      float sum = 0;
      for (int t = 0; t * width < n; t++) {
        int i = at + (t * rows + r) * width;
        for (int end = i + inTile(t, width, n); i < end; i++) {
          sum += (x[i] - origin) * (x[i] - origin);
        }
      }
      out[outAt + r] += sum;
    }
  }

  @Override
  public void rowDots(
      float[] a, int aAt, float[] b, int bAt, int rows, int width, int n, float[] out, int outAt) {
    for (int r = 0; r < rows; r++) {
      float sum = 0;
      for (int t = 0; t * width < n; t++) {
        int row = (t * rows + r) * width;
        sum += dot(a, aAt + row, b, bAt + row, inTile(t, width, n));
      }
      out[outAt + r] += sum;
    }
  }

  @Override
  public void multiply(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] = a[aAt + i] * b[bAt + i];
    }
  }

  @Override
  public void multiplyAdd(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i++) {
      y[yAt + i] += a[aAt + i] * b[bAt + i];
    }
  }

  @Override
  public void normaliseRows(
      float[] x,
      int xAt,
      int rows,
      int width,
      int tiles,
      float[] mean,
      int meanAt,
      float[] inverse,
      int inverseAt,
      float[] scale,
      int scaleAt,
      float[] shift,
      int shiftAt,
      float slope,
      float[] y) {
    for (int i = 0; i < tiles * rows; i++) {
      int r = i % rows;
      float means = mean[meanAt + r];
      float inverses = inverse[inverseAt + r];
      float scales = scale[scaleAt + r];
      float shifts = shift[shiftAt + r];
      for (int e = i * width; e < (i + 1) * width; e++) {
        float value = (x[xAt + e] - means) * inverses;
        x[xAt + e] = value;
        value = value * scales + shifts;
        y[e] = Math.max(value, slope * value);
      }
    }
  }

  @Override
  public void activateRows(
      float[] x,
      int xAt,
      int rows,
      int width,
      int tiles,
      float[] scale,
      int scaleAt,
      float[] shift,
      int shiftAt,
      float slope,
      float[] y) {
    for (int i = 0; i < tiles * rows; i++) {
      float scales = scale[scaleAt + i % rows];
      float shifts = shift[shiftAt + i % rows];
      for (int e = i * width; e < (i + 1) * width; e++) {
        float value = x[xAt + e] * scales + shifts;
        y[e] = Math.max(value, slope * value);
      }
    }
  }

  @Override
  public void gateRows(
      float[] d,
      int dAt,
      float[] x,
      int xAt,
      int rows,
      int width,
      int tiles,
      float[] scale,
      int scaleAt,
      float[] shift,
      int shiftAt,
      float slope,
      float[] byScale,
      float[] byShift) {
    for (int i = 0; i < tiles * rows; i++) {
      float scales = scale[scaleAt + i % rows];
      float shifts = shift[shiftAt + i % rows];
      float along = 0;
      float sum = 0;
      for (int e = i * width; e < (i + 1) * width; e++) {
        float own = x[xAt + e];
        float value = d[dAt + e] * (own * scales + shifts > 0 ? 1 : slope);
        d[dAt + e] = value;
        along += value * own;
        sum += value;
      }
      byScale[i % rows] += along;
      byShift[i % rows] += sum;
    }
  }

  @Override
  public void scaleRows(float[] d, int dAt, int rows, int width, int tiles, float[] a) {
    for (int i = 0; i < tiles * rows; i++) {
      float factor = a[i % rows];
      for (int e = i * width; e < (i + 1) * width; e++) {
        d[dAt + e] *= factor;
      }
    }
  }

  @Override
  public void combineRows(
      float[] d,
      int dAt,
      float[] x,
      int xAt,
      int rows,
      int width,
      int n,
      float[] a,
      float[] b,
      float[] c) {
    for (int t = 0; t * width < n; t++) {
      for (int r = 0; r < rows; r++) {
        int row = (t * rows + r) * width;
        int used = inTile(t, width, n);
        for (int e = row; e < row + used; e++) {
          d[dAt + e] = d[dAt + e] * a[r] + x[xAt + e] * b[r] + c[r];
        }
        Arrays.fill(d, dAt + row + used, dAt + row + width, 0);
      }
    }
  }

  @Override
  public void tangentRows(
      float[] y,
      int yAt,
      float[] x,
      int xAt,
      int rows,
      int width,
      int tiles,
      float[] scale,
      int scaleAt,
      float[] shift,
      int shiftAt,
      float slope,
      float[] a,
      float[] b,
      float[] c) {
    for (int i = 0; i < tiles * rows; i++) {
      int r = i % rows;
      float scales = scale[scaleAt + r];
      float shifts = shift[shiftAt + r];
      for (int e = i * width; e < (i + 1) * width; e++) {
        float own = x[xAt + e];
        float value = y[yAt + e] * a[r] + own * b[r] + c[r];
        y[yAt + e] = own * scales + shifts > 0 ? value : slope * value;
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
