package io.counterweight.support;

import io.counterweight.compute.Batch;

/** Between the twin's event-major doubles and the engine's feature-major floats. */
public final class Floats {
  private Floats() {}

  public static float[] of(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  public static double[] toDoubles(float[] values, int length) {
    double[] doubles = new double[length];
    for (int i = 0; i < length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  public static double[] toDoubles(float[] values) {
    return toDoubles(values, values.length);
  }

  /** Rows {@code [n][features]} as a batch. */
  public static Batch batch(double[][] x, double[] y) {
    float[][] rows = new float[x.length][];
    for (int e = 0; e < x.length; e++) {
      rows[e] = of(x[e]);
    }
    return Batch.ofRows(rows, y == null ? null : of(y));
  }

  /** {@code [rows x n]}, events contiguous, as {@code [n x rows]}. */
  public static double[] eventMajor(float[] values, int rows, int n) {
    return eventMajor(values, rows, n, n);
  }

  /** {@code [rows x stride]}, of which the first n of a row count, as {@code [n x rows]}. */
  public static double[] eventMajor(float[] values, int rows, int n, int stride) {
    double[] result = new double[rows * n];
    for (int r = 0; r < rows; r++) {
      for (int e = 0; e < n; e++) {
        result[e * rows + r] = values[r * stride + e];
      }
    }
    return result;
  }
}
