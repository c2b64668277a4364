package io.counterweight.compute.scalar;

/**
 * The three products of a dense layer, event-contiguous: W x, Wᵀ d and d xᵀ. Matrices are row-major
 * at an offset.
 */
final class Products {
  private Products() {}

  /** {@code y[rows x n] += W[rows x columns] · x[columns x n]}. */
  static void multiply(
      float[] w, int wAt, int rows, int columns, float[] x, int xAt, int n, float[] y, int yAt) {
    for (int r = 0; r < rows; r++) {
      int out = yAt + r * n;
      for (int c = 0; c < columns; c++) {
        float factor = w[wAt + r * columns + c];
        int in = xAt + c * n;
        for (int e = 0; e < n; e++) {
          y[out + e] += factor * x[in + e];
        }
      }
    }
  }

  /** {@code x[columns x n] += W[rows x columns]ᵀ · d[rows x n]}. */
  static void multiplyTransposed(
      float[] w, int wAt, int rows, int columns, float[] d, int dAt, int n, float[] x, int xAt) {
    for (int r = 0; r < rows; r++) {
      int in = dAt + r * n;
      for (int c = 0; c < columns; c++) {
        float factor = w[wAt + r * columns + c];
        int out = xAt + c * n;
        for (int e = 0; e < n; e++) {
          x[out + e] += factor * d[in + e];
        }
      }
    }
  }

  /** {@code gradient[rows x columns] += d[rows x n] · x[columns x n]ᵀ}. */
  static void outer(
      float[] d,
      int dAt,
      int rows,
      float[] x,
      int xAt,
      int columns,
      int n,
      float[] gradient,
      int gAt) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        gradient[gAt + r * columns + c] += dot(d, dAt + r * n, x, xAt + c * n, n);
      }
    }
  }

  static float dot(float[] a, int aAt, float[] b, int bAt, int n) {
    float sum = 0;
    for (int e = 0; e < n; e++) {
      sum += a[aAt + e] * b[bAt + e];
    }
    return sum;
  }

  static float sum(float[] a, int at, int n) {
    float sum = 0;
    for (int e = 0; e < n; e++) {
      sum += a[at + e];
    }
    return sum;
  }
}
