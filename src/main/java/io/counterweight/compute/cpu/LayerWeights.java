package io.counterweight.compute.cpu;

/**
 * The weight matrix of one linear layer as the products of a pass want it: as it lies, or
 * transposed first where enough events share the cost, because a tile of rows then finds its
 * weights beside each other.
 */
final class LayerWeights {
  /** Events for which transposing pays. */
  private static final int MANY_EVENTS = 128;

  /** Rows below which there is no tile of rows to fill. */
  private static final int FEW_ROWS = 4;

  private Kernels kernels;
  private float[] transposed = new float[0];
  private float[] weights;
  private int at;
  private int row;
  private int column;
  private int rows;
  private int columns;

  /**
   * Takes a matrix {@code [rows x columns]} at {@code from} of {@code p}, which must not change
   * while it is in use.
   */
  void load(Kernels k, float[] p, int from, int rowCount, int columnCount, int events) {
    kernels = k;
    rows = rowCount;
    columns = columnCount;
    if (events < MANY_EVENTS || rows < FEW_ROWS) {
      weights = p;
      at = from;
      row = columns;
      column = 1;
      return;
    }
    if (transposed.length < rows * columns) {
      transposed = new float[rows * columns];
    }
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        transposed[c * rows + r] = p[from + r * columns + c];
      }
    }
    weights = transposed;
    at = 0;
    row = 1;
    column = rows;
  }

  /** {@code y += W x} over tiles. */
  void addProduct(float[] x, int xAt, float[] y, int yAt, int width, int tiles) {
    kernels.product(weights, at, row, column, rows, columns, x, xAt, y, yAt, width, tiles);
  }
}
