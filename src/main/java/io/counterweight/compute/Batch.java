package io.counterweight.compute;

/**
 * A mini-batch, feature-major so that the events of one feature are neighbours.
 *
 * @param size number of events n, at least 1
 * @param x standardised inputs {@code [features x n]}, finite
 * @param y class indices, or regression targets, {@code [n]}; may be null where only a prediction
 *     is wanted
 */
public record Batch(int size, float[] x, float[] y) {
  public Batch {
    if (size < 1 || x.length % size != 0 || (y != null && y.length != size)) {
      throw new IllegalArgumentException(
          "A batch of "
              + size
              + " events has "
              + x.length
              + " inputs and "
              + (y == null ? "no" : y.length)
              + " labels");
    }
  }

  /** Transposes event-major rows {@code [n][features]} into a batch. */
  public static Batch ofRows(float[][] rows, float[] y) {
    int n = rows.length;
    int features = rows[0].length;
    float[] x = new float[features * n];
    for (int e = 0; e < n; e++) {
      for (int f = 0; f < features; f++) {
        x[f * n + e] = rows[e][f];
      }
    }
    return new Batch(n, x, y);
  }
}
