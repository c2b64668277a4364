package io.counterweight.compute.cpu;

/**
 * Between plain rows {@code [row][event]}, padded to {@code width · tiles} events, and tiles {@code
 * [tile][row][event of the tile]}.
 */
final class Tiles {
  private Tiles() {}

  static void fromRows(float[] from, int rows, int width, int tiles, float[] to) {
    for (int t = 0; t < tiles; t++) {
      for (int r = 0; r < rows; r++) {
        System.arraycopy(from, (r * tiles + t) * width, to, (t * rows + r) * width, width);
      }
    }
  }

  static void toRows(float[] from, int rows, int width, int tiles, float[] to) {
    for (int t = 0; t < tiles; t++) {
      for (int r = 0; r < rows; r++) {
        System.arraycopy(from, (t * rows + r) * width, to, (r * tiles + t) * width, width);
      }
    }
  }

  /**
   * {@code to[c][r] = from[r][c]}; four rows at a time, so that a line of the cache fills quickly.
   */
  static void transpose(float[] from, int at, int rows, int columns, float[] to, int toRow) {
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      int row0 = at + r * columns;
      int row1 = row0 + columns;
      int row2 = row1 + columns;
      int row3 = row2 + columns;
      for (int c = 0; c < columns; c++) {
        int i = c * toRow + r;
        to[i] = from[row0 + c];
        to[i + 1] = from[row1 + c];
        to[i + 2] = from[row2 + c];
        to[i + 3] = from[row3 + c];
      }
    }
    for (; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        to[c * toRow + r] = from[at + r * columns + c];
      }
    }
  }
}
