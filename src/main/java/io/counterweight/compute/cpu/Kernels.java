package io.counterweight.compute.cpu;

/**
 * The inner loops of the passes. A <em>row</em> holds one quantity of all events of a mini-batch,
 * neighbours in memory, padded to a multiple of {@link #lanes}; a matrix is rows one after the
 * other. Lengths called {@code n} are exact and never read padding; lengths called {@code padded}
 * are a multiple of the lanes and may write it.
 *
 * <p>Implementations are stateless but for scratch and not thread-safe.
 */
public interface Kernels {

  /** Events that are worked on at once; rows are padded to a multiple of it. */
  int lanes();

  /**
   * {@code y[r][e] += Σ_k a[aAt + r·aRow + k·aColumn] · x[k][e]}: W x, or Wᵀ d with the strides
   * exchanged.
   *
   * @param rows rows of y
   * @param depth rows of x
   * @param padded length of the rows of x and y
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
      int padded,
      float[] y,
      int yAt);

  /**
   * {@code g[r][c] += Σ_e d[r][e] · x[c][e]}: the gradient of a weight matrix. Padding of d is 0.
   *
   * @param padded length of the rows of d and x
   * @param g {@code [rows x columns]}, not padded
   */
  void outer(
      float[] d,
      int dAt,
      int rows,
      float[] x,
      int xAt,
      int columns,
      int padded,
      float[] g,
      int gAt);

  /** {@code y[r] += Σ_c w[r·columns + c] · x[c]}: one event. */
  void matrixVector(
      float[] w, int wAt, int rows, int columns, float[] x, int xAt, float[] y, int yAt);

  /** {@code out[r] = Σ_e x[r][e]}, over n events of each row. */
  void rowSums(float[] x, int at, int rows, int padded, int n, float[] out, int outAt);

  /** {@code out[r] = Σ_e (x[r][e] − from[r])²}. */
  void rowSquares(
      float[] x,
      int at,
      int rows,
      int padded,
      int n,
      float[] from,
      int fromAt,
      float[] out,
      int outAt);

  /** {@code out[r] = Σ_e a[r][e] · b[r][e]}. */
  void rowDots(
      float[] a, int aAt, float[] b, int bAt, int rows, int padded, int n, float[] out, int outAt);

  /** {@code y = a·b}. */
  void multiply(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int padded);

  /** {@code y += a·b}. */
  void multiplyAdd(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int padded);

  /** {@code x[r] = (x[r] − shift[r]) · scale[r]}, in place. */
  void shiftScaleRows(
      float[] x,
      int at,
      int rows,
      int padded,
      float[] shift,
      int shiftAt,
      float[] scale,
      int scaleAt);

  /** {@code y[r] = leaky(x[r] · scale[r] + shift[r])}. */
  void activateRows(
      float[] x,
      int xAt,
      int rows,
      int padded,
      float[] scale,
      int scaleAt,
      float[] shift,
      int shiftAt,
      float slope,
      float[] y,
      int yAt);

  /** {@code d = d · (active > 0 ? 1 : slope)}, in place. */
  void deactivate(float[] d, int dAt, float[] active, int activeAt, float slope, int padded);

  /**
   * {@code y[r] = (active[r] > 0 ? 1 : slope) · (y[r] · a[r] + x[r] · b[r] + c[r])}, in place:
   * tangent of normalisation and LeakyReLU.
   */
  void tangentRows(
      float[] y,
      int yAt,
      float[] x,
      float[] active,
      int xAt,
      int rows,
      int padded,
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
