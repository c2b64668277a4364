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

  /** Σ x_e. */
  float sum(float[] x, int at, int n);

  /** Σ (x_e − from)². */
  float squaredDistance(float[] x, int at, int n, float from);

  /** Σ a_e b_e. */
  float dot(float[] a, int aAt, float[] b, int bAt, int n);

  /** {@code y = a·b}. */
  void multiply(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int padded);

  /** {@code y += a·b}. */
  void multiplyAdd(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int padded);

  /** {@code x = (x + shift) · scale}, in place. */
  void shiftScale(float[] x, int at, float shift, float scale, int padded);

  /** {@code y = leaky(x · scale + shift)}. */
  void activate(
      float[] x, int xAt, float scale, float shift, float slope, float[] y, int yAt, int padded);

  /** {@code d = d · (active > 0 ? 1 : slope) · factor}, in place. */
  void deactivate(
      float[] d, int dAt, float[] active, int activeAt, float slope, float factor, int padded);

  /**
   * {@code y = (active > 0 ? 1 : slope) · (y · a + x · b + c)}, in place: tangent of normalisation
   * and LeakyReLU.
   */
  void tangent(
      float[] y,
      int yAt,
      float[] x,
      int xAt,
      float[] active,
      int activeAt,
      float slope,
      float a,
      float b,
      float c,
      int padded);
}
