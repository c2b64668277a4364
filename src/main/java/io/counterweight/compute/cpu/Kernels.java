package io.counterweight.compute.cpu;

/**
 * The inner loops of the passes, over <em>tiles</em>: a quantity of several rows (units, concepts,
 * ranks) and all events of a mini-batch lies as {@code [tile][row][event of the tile]}, so that one
 * tile of a layer fits the first cache and the events of a row fill vectors. The last tile is
 * padded. Lengths called {@code n} are exact and never read padding; everything else may read and
 * write it, so what padding holds must be finite, and {@code length} must be whole tiles.
 *
 * <p>Implementations hold scratch memory and are not thread-safe.
 */
public interface Kernels {

  /** Events of a tile, for mini-batches of n events. */
  int width(int n);

  /**
   * {@code y[t][r][e] += Σ_k a[aAt + r·aRow + k·aColumn] · x[t][k][e]}: W x, or Wᵀ d with the
   * strides exchanged.
   *
   * @param rows rows of y
   * @param depth rows of x
   */
  void product(
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
      int tiles);

  /**
   * {@code g[r][c] += Σ_t Σ_e d[t][r][e] · x[t][c][e]}: the gradient of a weight matrix. Padding of
   * d is 0.
   *
   * @param g {@code [rows x columns]}
   */
  void outer(
      float[] d,
      int dAt,
      int rows,
      float[] x,
      int xAt,
      int columns,
      int width,
      int tiles,
      float[] g,
      int gAt);

  /** {@code y[r] += Σ_c w[r·columns + c] · x[c]}: one event. */
  void matrixVector(
      float[] w, int wAt, int rows, int columns, float[] x, int xAt, float[] y, int yAt);

  /** {@code y[t][r][e] = values[r]}. */
  void fillRows(float[] values, int valuesAt, int rows, float[] y, int yAt, int width, int tiles);

  /** {@code out[r] += Σ x[t][r][e]}, over n events. */
  void rowSums(float[] x, int at, int rows, int width, int n, float[] out, int outAt);

  /** {@code out[r] += Σ (x[t][r][e] − from[r])²}, over n events. */
  void rowSquares(
      float[] x,
      int at,
      int rows,
      int width,
      int n,
      float[] from,
      int fromAt,
      float[] out,
      int outAt);

  /** {@code out[r] += Σ a[t][r][e] · b[t][r][e]}, over n events. */
  void rowDots(
      float[] a, int aAt, float[] b, int bAt, int rows, int width, int n, float[] out, int outAt);

  /** {@code y = a·b}. */
  void multiply(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length);

  /** {@code y += a·b}. */
  void multiplyAdd(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length);

  /**
   * {@code x[r] = (x[r] − mean[r]) · inverse[r]} in place, and {@code y[r] = leaky(x[r] · scale[r]
   * + shift[r])}.
   */
  void normaliseRows(
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
      float[] y);

  /**
   * {@code y[r] = leaky(x[r] · scale[r] + shift[r])}, y from its beginning; y may be x where xAt is
   * 0.
   */
  void activateRows(
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
      float[] y);

  /**
   * Gradient through LeakyReLU: {@code d = d · (x[r] · scale[r] + shift[r] > 0 ? 1 : slope)} in
   * place, and of the result {@code byScale[r] += Σ d·x} and {@code byShift[r] += Σ d}. Padding of
   * d is 0.
   *
   * @param x normalised pre-activations
   */
  void gateRows(
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
      float[] byShift);

  /** {@code d[r] = d[r] · a[r]}, in place. */
  void scaleRows(float[] d, int dAt, int rows, int width, int tiles, float[] a);

  /** {@code d[r] = d[r] · a[r] + x[r] · b[r] + c[r]}, in place; padding becomes 0. */
  void combineRows(
      float[] d,
      int dAt,
      float[] x,
      int xAt,
      int rows,
      int width,
      int n,
      float[] a,
      float[] b,
      float[] c);

  /**
   * {@code y[r] = (x[r] · scale[r] + shift[r] > 0 ? 1 : slope) · (y[r] · a[r] + x[r] · b[r] +
   * c[r])}, in place: tangent of normalisation and LeakyReLU.
   */
  void tangentRows(
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
      float[] c);

  /**
   * One event: {@code x[i] = leaky((x[i] − mean[i]) / √(variance[i] + ε) · gamma[i] + beta[i])}, in
   * place; {@code mean} and {@code variance} lie in one array, {@code gamma} and {@code beta} in
   * another.
   */
  void activateEvent(
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
      float slope);
}
