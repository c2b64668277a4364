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

  /** {@code to[e] = rows[e][0]}. */
  static void firstColumn(float[] rows, int row, int events, float[] to, int at) {
    for (int e = 0; e < events; e++) {
      to[at + e] = rows[e * row];
    }
  }

  /** {@code to[e][r] = tile[r][e]} for some events, with rows of {@code toRow}. */
  static void transpose(
      float[] tile, int at, int rows, int width, int events, float[] to, int toRow) {
    for (int e = 0; e < events; e++) {
      int out = e * toRow;
      for (int r = 0; r < rows; r++) {
        to[out + r] = tile[at + r * width + e];
      }
    }
  }
}
