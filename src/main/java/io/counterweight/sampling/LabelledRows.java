package io.counterweight.sampling;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of two classes. Not copied; nobody changes a row.
 *
 * @param x standardised inputs {@code [n][features]}
 * @param y 1 for the rare class, 0 for the frequent one, {@code [n]}
 */
public record LabelledRows(float[][] x, int[] y) {
  /** The rare class. */
  public static final int MINORITY = 1;

  /** The frequent class. */
  public static final int MAJORITY = 0;

  public LabelledRows {
    if (x.length != y.length) {
      throw new IllegalArgumentException(x.length + " rows have " + y.length + " labels");
    }
  }

  public int size() {
    return y.length;
  }

  /** Rows of a class, in order. */
  public int[] indices(int label) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < y.length; i++) {
      if (y[i] == label) {
        found.add(i);
      }
    }
    return found.stream().mapToInt(i -> i).toArray();
  }

  /** These rows only, in this order. */
  public LabelledRows select(int[] indices) {
    float[][] rows = new float[indices.length][];
    int[] labels = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      rows[i] = x[indices[i]];
      labels[i] = y[indices[i]];
    }
    return new LabelledRows(rows, labels);
  }

  /** With more rows of the rare class at the end. */
  public LabelledRows withMinority(List<float[]> more) {
    float[][] rows = new float[size() + more.size()][];
    int[] labels = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i < size() ? x[i] : more.get(i - size());
      labels[i] = i < size() ? y[i] : MINORITY;
    }
    return new LabelledRows(rows, labels);
  }
}
