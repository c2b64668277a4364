package io.counterweight.compute.cpu;

/**
 * The inner loops of the passes, over matrices of rows that lie one after the other. In the
 * encoders a row is an event and its neighbours are the units of one concept's layer: a mini-batch
 * of any size fills the vectors, a sum over events is an addition of rows, and a layer's products
 * forward, backward and for its gradient are all the one {@link #product}. In the polynomial, whose
 * ranks are few, a row is a rank and its neighbours are events; there the rows lie in
 * <em>tiles</em>, {@code [tile][row][event of the tile]}.
 *
 * <p>{@code columns} are a multiple of {@link #lanes}: rows are padded, and what padding holds must
 * be finite and stays so.
 *
 * <p>Implementations hold scratch memory and are not thread-safe.
 */
public interface Kernels {

  /** Numbers that are worked on together; rows have a multiple of them. */
  int lanes();

  /** The length of a row that has room for {@code n} numbers. */
  default int padded(int n) {
    return (n + lanes() - 1) / lanes() * lanes();
  }

  /** Events of a tile, for mini-batches of n events: a multiple of {@link #lanes}. */
  int width(int n);

  /**
   * {@code y[r] = start[r] + Σ_k a[r][k] · b[k]}, where y, start and b are rows of {@code columns}
   * and a[r][k] lies at {@code aAt + r·aRow + k·aColumn}. One of the strides of a should be 1. The
   * sum begins with start and takes k in order.
   *
   * @param rows rows of y
   * @param depth rows of b
   * @param startRow distance of the rows of start; 0 where all begin with the same row; start may
   *     be y itself
   */
  void product(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int rows,
      int depth,
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      int startRow,
      float[] y,
      int yAt,
      int yRow,
      int columns);

  /** {@code y[r] += Σ_c w[r·columns + c] · x[c]}, not padded: one event. */
  void matrixVector(
      float[] w, int wAt, int rows, int columns, float[] x, int xAt, float[] y, int yAt);

  /** {@code y = a·b}; length a multiple of {@link #lanes}. */
  void multiply(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length);

  /**
   * {@code y[a·rows + i] = u[a] · rest[i]}, of rows of {@code width} events, a multiple of {@link
   * #lanes}: the Kronecker product with one more factor.
   *
   * @param rank rows of u
   * @param rows rows of rest
   * @param add whether to add to y
   */
  void kronecker(
      float[] u,
      int uAt,
      int rank,
      float[] rest,
      int restAt,
      int rows,
      int width,
      boolean add,
      float[] y,
      int yAt);

  /**
   * Gradient of {@link #kronecker}: {@code dU[a] += Σ_i d[a·rows + i] · rest[i]} and {@code
   * dRest[i] += Σ_a d[a·rows + i] · u[a]}.
   */
  void kroneckerGradient(
      float[] d,
      int dAt,
      float[] u,
      int uAt,
      int rank,
      float[] rest,
      int restAt,
      int rows,
      int width,
      float[] dU,
      int dUAt,
      float[] dRest,
      int dRestAt);

  /** {@code y = leaky(y)}; length a multiple of {@link #lanes}. */
  void leaky(float[] y, int yAt, int length, float slope);

  /** {@code sums[c] += Σ_r x[r][c]}. */
  void sums(float[] x, int xAt, int rows, int columns, float[] sums);

  /** {@code sums[c] += Σ_r x[r][c]}, {@code squares[c] += Σ_r (x[r][c] − origin[c])²}. */
  void moments(
      float[] x, int xAt, int rows, int columns, float[] origin, float[] sums, float[] squares);

  /**
   * {@code y = leaky((x − mean) · scale + shift)}.
   *
   * @param units of the columns, from {@code at}
   * @param y may be x
   */
  void activate(
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float slope,
      float[] y,
      int yAt);

  /**
   * Gradient through LeakyReLU: {@code d = d · ((x − mean) · scale + shift > 0 ? 1 : slope)}, of
   * which {@code along[c] += Σ d · (x − mean)} and {@code sums[c] += Σ d}; then {@code d = d ·
   * factor[c]}.
   */
  void gate(
      float[] d,
      int dAt,
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float slope,
      float[] factor,
      float[] along,
      float[] sums);

  /** {@code d = d · a[c] + (x − mean) · b[c] + c[c]}, in place. */
  void combine(
      float[] d,
      int dAt,
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float[] a,
      float[] b,
      float[] c);

  /** {@code sums[c] += Σ_r t[r][c]}, {@code along[c] += Σ_r t · (x − mean)}. */
  void tangentSums(
      float[] t,
      int tAt,
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float[] along,
      float[] sums);

  /**
   * Normalisation and LeakyReLU of values and tangents: with {@code v = (x − mean) · scale +
   * shift}, {@code t = (v > 0 ? 1 : slope) · (t · a[c] + (x − mean) · b[c] + c[c])} in place, and
   * {@code y = leaky(v)}.
   */
  void tangent(
      float[] t,
      int tAt,
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float slope,
      float[] a,
      float[] b,
      float[] c,
      float[] y);

  /**
   * One event: {@code x[i] = leaky((x[i] − mean[i]) / √(variance[i] + ε) · gamma[i] + beta[i])}, in
   * place, not padded; {@code mean} and {@code variance} lie in one array, {@code gamma} and {@code
   * beta} in another.
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
