package io.counterweight.compute.vector;

import io.counterweight.compute.cpu.Kernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Inner loops on the widest vectors of the machine (512, 256 or 128 bits). Tiles are two vectors
 * wide, or one for mini-batches that fit into one. Products keep 6 rows by 2 vectors of sums in
 * registers: twelve independent sums hide the latency of a fused multiply-add on two units, and
 * leave four of sixteen registers for the inputs and the weight.
 *
 * <p>Sums are taken in an order that depends on the vector's width alone, so results differ between
 * widths by rounding, and between threads, slots and Java versions not at all.
 */
public final class VectorKernels implements Kernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int PAIR = 2 * LANES;

  /** Events of a gradient's products that are transposed at a time. */
  private static final int PANEL = 128;

  /** By number of events in a vector: the lanes that hold them. */
  private static final VectorMask<Float>[] USED = masks();

  private static final VectorShuffle<Float> SWAP4 = VectorShuffle.fromOp(SPECIES, i -> i ^ 4);
  private static final VectorShuffle<Float> SWAP2 = VectorShuffle.fromOp(SPECIES, i -> i ^ 2);
  private static final VectorShuffle<Float> SWAP1 = VectorShuffle.fromOp(SPECIES, i -> i ^ 1);
  private static final VectorMask<Float> ODD4 = odd(4);
  private static final VectorMask<Float> ODD2 = odd(2);
  private static final VectorMask<Float> ODD1 = odd(1);

  private float[] leftPanel = new float[0];
  private float[] rightPanel = new float[0];
  private float[] rowVectors = new float[0];

  /** Room for four vectors whose lanes are added up. */
  private final float[] lanes = new float[4 * LANES];

  /** Lanes whose number has that bit. */
  private static VectorMask<Float> odd(int bit) {
    boolean[] lanes = new boolean[LANES];
    for (int i = 0; i < LANES; i++) {
      lanes[i] = (i & bit) != 0;
    }
    return VectorMask.fromArray(SPECIES, lanes, 0);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static VectorMask<Float>[] masks() {
    VectorMask<Float>[] masks = new VectorMask[LANES + 1];
    for (int n = 0; n <= LANES; n++) {
      boolean[] used = new boolean[LANES];
      Arrays.fill(used, 0, n, true);
      masks[n] = VectorMask.fromArray(SPECIES, used, 0);
    }
    return masks;
  }

  @Override
  public int width(int n) {
    return n <= LANES ? LANES : PAIR;
  }

  @Override
  public void product(
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
      int tiles) {
    for (int t = 0; t < tiles; t++) {
      panel(a, aAt, aRow, aColumn, rows, depth, x, xAt, width, y, yAt, width, width);
      xAt += depth * width;
      yAt += rows * width;
    }
  }

  private static float[] atLeast(float[] array, int length) {
    return array.length < length ? new float[length] : array;
  }

  /** {@code y[r] += Σ_k a[r][k] · x[k]} for rows of one or two vectors. */
  private static void panel(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int rows,
      int depth,
      float[] x,
      int xAt,
      int xRow,
      float[] y,
      int yAt,
      int yRow,
      int width) {
    int r = 0;
    if (width == PAIR) {
      for (; r + 6 <= rows; r += 6) {
        int at = aAt + r * aRow;
        if (aRow == 1) {
          neighbours6x2(a, at, aColumn, depth, x, xAt, xRow, y, yAt + r * yRow, yRow);
        } else {
          tile6x2(a, at, aRow, aColumn, depth, x, xAt, xRow, y, yAt + r * yRow, yRow);
        }
      }
      if (aRow == 1 && r + 4 <= rows) {
        int at = aAt + r;
        neighbours4x2(a, at, aColumn, depth, x, xAt, xRow, y, yAt + r * yRow, yRow);
        r += 4;
      }
      for (; r + 2 <= rows; r += 2) {
        tile2x2(a, aAt + r * aRow, aRow, aColumn, depth, x, xAt, xRow, y, yAt + r * yRow, yRow);
      }
      if (r < rows) {
        tile1x2(a, aAt + r * aRow, aColumn, depth, x, xAt, xRow, y, yAt + r * yRow);
      }
      return;
    }
    for (; r + 4 <= rows; r += 4) {
      tile4x1(a, aAt + r * aRow, aRow, aColumn, depth, x, xAt, xRow, y, yAt + r * yRow, yRow);
    }
    for (; r < rows; r++) {
      tile1x1(a, aAt + r * aRow, aColumn, depth, x, xAt, xRow, y, yAt + r * yRow);
    }
  }

  /** Weights of a column are neighbours: their bounds are checked together. */
  private static void neighbours6x2(
      float[] a,
      int aAt,
      int aColumn,
      int depth,
      float[] x,
      int xAt,
      int xRow,
      float[] y,
      int yAt,
      int yRow) {
    int y1 = yAt + yRow;
    int y2 = y1 + yRow;
    int y3 = y2 + yRow;
    int y4 = y3 + yRow;
    int y5 = y4 + yRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, y, yAt + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, y, y1 + LANES);
    FloatVector s20 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector s21 = FloatVector.fromArray(SPECIES, y, y2 + LANES);
    FloatVector s30 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector s31 = FloatVector.fromArray(SPECIES, y, y3 + LANES);
    FloatVector s40 = FloatVector.fromArray(SPECIES, y, y4);
    FloatVector s41 = FloatVector.fromArray(SPECIES, y, y4 + LANES);
    FloatVector s50 = FloatVector.fromArray(SPECIES, y, y5);
    FloatVector s51 = FloatVector.fromArray(SPECIES, y, y5 + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt);
      FloatVector x1 = FloatVector.fromArray(SPECIES, x, xAt + LANES);
      FloatVector w0 = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      FloatVector w1 = FloatVector.broadcast(SPECIES, a[aAt + 1]);
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      FloatVector w2 = FloatVector.broadcast(SPECIES, a[aAt + 2]);
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      FloatVector w3 = FloatVector.broadcast(SPECIES, a[aAt + 3]);
      s30 = w3.fma(x0, s30);
      s31 = w3.fma(x1, s31);
      FloatVector w4 = FloatVector.broadcast(SPECIES, a[aAt + 4]);
      s40 = w4.fma(x0, s40);
      s41 = w4.fma(x1, s41);
      FloatVector w5 = FloatVector.broadcast(SPECIES, a[aAt + 5]);
      s50 = w5.fma(x0, s50);
      s51 = w5.fma(x1, s51);
      aAt += aColumn;
      xAt += xRow;
    }
    s00.intoArray(y, yAt);
    s01.intoArray(y, yAt + LANES);
    s10.intoArray(y, y1);
    s11.intoArray(y, y1 + LANES);
    s20.intoArray(y, y2);
    s21.intoArray(y, y2 + LANES);
    s30.intoArray(y, y3);
    s31.intoArray(y, y3 + LANES);
    s40.intoArray(y, y4);
    s41.intoArray(y, y4 + LANES);
    s50.intoArray(y, y5);
    s51.intoArray(y, y5 + LANES);
  }

  private static void neighbours4x2(
      float[] a,
      int aAt,
      int aColumn,
      int depth,
      float[] x,
      int xAt,
      int xRow,
      float[] y,
      int yAt,
      int yRow) {
    int y1 = yAt + yRow;
    int y2 = y1 + yRow;
    int y3 = y2 + yRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, y, yAt + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, y, y1 + LANES);
    FloatVector s20 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector s21 = FloatVector.fromArray(SPECIES, y, y2 + LANES);
    FloatVector s30 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector s31 = FloatVector.fromArray(SPECIES, y, y3 + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt);
      FloatVector x1 = FloatVector.fromArray(SPECIES, x, xAt + LANES);
      FloatVector w0 = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      FloatVector w1 = FloatVector.broadcast(SPECIES, a[aAt + 1]);
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      FloatVector w2 = FloatVector.broadcast(SPECIES, a[aAt + 2]);
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      FloatVector w3 = FloatVector.broadcast(SPECIES, a[aAt + 3]);
      s30 = w3.fma(x0, s30);
      s31 = w3.fma(x1, s31);
      aAt += aColumn;
      xAt += xRow;
    }
    s00.intoArray(y, yAt);
    s01.intoArray(y, yAt + LANES);
    s10.intoArray(y, y1);
    s11.intoArray(y, y1 + LANES);
    s20.intoArray(y, y2);
    s21.intoArray(y, y2 + LANES);
    s30.intoArray(y, y3);
    s31.intoArray(y, y3 + LANES);
  }

  private static void tile6x2(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int depth,
      float[] x,
      int xAt,
      int xRow,
      float[] y,
      int yAt,
      int yRow) {
    int y1 = yAt + yRow;
    int y2 = y1 + yRow;
    int y3 = y2 + yRow;
    int y4 = y3 + yRow;
    int y5 = y4 + yRow;
    int a2 = 2 * aRow;
    int a3 = 3 * aRow;
    int a4 = 4 * aRow;
    int a5 = 5 * aRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, y, yAt + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, y, y1 + LANES);
    FloatVector s20 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector s21 = FloatVector.fromArray(SPECIES, y, y2 + LANES);
    FloatVector s30 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector s31 = FloatVector.fromArray(SPECIES, y, y3 + LANES);
    FloatVector s40 = FloatVector.fromArray(SPECIES, y, y4);
    FloatVector s41 = FloatVector.fromArray(SPECIES, y, y4 + LANES);
    FloatVector s50 = FloatVector.fromArray(SPECIES, y, y5);
    FloatVector s51 = FloatVector.fromArray(SPECIES, y, y5 + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt);
      FloatVector x1 = FloatVector.fromArray(SPECIES, x, xAt + LANES);
      FloatVector w0 = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      FloatVector w1 = FloatVector.broadcast(SPECIES, a[aAt + aRow]);
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      FloatVector w2 = FloatVector.broadcast(SPECIES, a[aAt + a2]);
      s20 = w2.fma(x0, s20);
      s21 = w2.fma(x1, s21);
      FloatVector w3 = FloatVector.broadcast(SPECIES, a[aAt + a3]);
      s30 = w3.fma(x0, s30);
      s31 = w3.fma(x1, s31);
      FloatVector w4 = FloatVector.broadcast(SPECIES, a[aAt + a4]);
      s40 = w4.fma(x0, s40);
      s41 = w4.fma(x1, s41);
      FloatVector w5 = FloatVector.broadcast(SPECIES, a[aAt + a5]);
      s50 = w5.fma(x0, s50);
      s51 = w5.fma(x1, s51);
      aAt += aColumn;
      xAt += xRow;
    }
    s00.intoArray(y, yAt);
    s01.intoArray(y, yAt + LANES);
    s10.intoArray(y, y1);
    s11.intoArray(y, y1 + LANES);
    s20.intoArray(y, y2);
    s21.intoArray(y, y2 + LANES);
    s30.intoArray(y, y3);
    s31.intoArray(y, y3 + LANES);
    s40.intoArray(y, y4);
    s41.intoArray(y, y4 + LANES);
    s50.intoArray(y, y5);
    s51.intoArray(y, y5 + LANES);
  }

  private static void tile2x2(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int depth,
      float[] x,
      int xAt,
      int xRow,
      float[] y,
      int yAt,
      int yRow) {
    int y1 = yAt + yRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, y, yAt + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, y, y1 + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt);
      FloatVector x1 = FloatVector.fromArray(SPECIES, x, xAt + LANES);
      FloatVector w0 = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      FloatVector w1 = FloatVector.broadcast(SPECIES, a[aAt + aRow]);
      s10 = w1.fma(x0, s10);
      s11 = w1.fma(x1, s11);
      aAt += aColumn;
      xAt += xRow;
    }
    s00.intoArray(y, yAt);
    s01.intoArray(y, yAt + LANES);
    s10.intoArray(y, y1);
    s11.intoArray(y, y1 + LANES);
  }

  private static void tile1x2(
      float[] a,
      int aAt,
      int aColumn,
      int depth,
      float[] x,
      int xAt,
      int xRow,
      float[] y,
      int yAt) {
    FloatVector s00 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, y, yAt + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt);
      FloatVector x1 = FloatVector.fromArray(SPECIES, x, xAt + LANES);
      FloatVector w0 = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = w0.fma(x0, s00);
      s01 = w0.fma(x1, s01);
      aAt += aColumn;
      xAt += xRow;
    }
    s00.intoArray(y, yAt);
    s01.intoArray(y, yAt + LANES);
  }

  private static void tile4x1(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int depth,
      float[] x,
      int xAt,
      int xRow,
      float[] y,
      int yAt,
      int yRow) {
    int y1 = yAt + yRow;
    int y2 = y1 + yRow;
    int y3 = y2 + yRow;
    int a2 = 2 * aRow;
    int a3 = 3 * aRow;
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector s2 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector s3 = FloatVector.fromArray(SPECIES, y, y3);
    for (int k = 0; k < depth; k++) {
      FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt);
      FloatVector w0 = FloatVector.broadcast(SPECIES, a[aAt]);
      s0 = w0.fma(x0, s0);
      FloatVector w1 = FloatVector.broadcast(SPECIES, a[aAt + aRow]);
      s1 = w1.fma(x0, s1);
      FloatVector w2 = FloatVector.broadcast(SPECIES, a[aAt + a2]);
      s2 = w2.fma(x0, s2);
      FloatVector w3 = FloatVector.broadcast(SPECIES, a[aAt + a3]);
      s3 = w3.fma(x0, s3);
      aAt += aColumn;
      xAt += xRow;
    }
    s0.intoArray(y, yAt);
    s1.intoArray(y, y1);
    s2.intoArray(y, y2);
    s3.intoArray(y, y3);
  }

  private static void tile1x1(
      float[] a,
      int aAt,
      int aColumn,
      int depth,
      float[] x,
      int xAt,
      int xRow,
      float[] y,
      int yAt) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    for (int k = 0; k < depth; k++) {
      FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt);
      FloatVector w0 = FloatVector.broadcast(SPECIES, a[aAt]);
      s0 = w0.fma(x0, s0);
      aAt += aColumn;
      xAt += xRow;
    }
    s0.intoArray(y, yAt);
  }

  @Override
  public void outer(
      float[] d,
      int dAt,
      int rows,
      float[] x,
      int xAt,
      int columns,
      int width,
      int tiles,
      float[] g,
      int gAt) {
    if (rows <= 2) {
      for (int r = 0; r < rows; r++) {
        dots(
            x,
            xAt,
            columns,
            d,
            dAt + r * width,
            rows * width,
            width,
            tiles,
            g,
            gAt + r * columns,
            1);
      }
      return;
    }
    int whole = columns - columns % LANES;
    if (whole > 0) {
      int panel = Math.max(1, PANEL / width);
      for (int t = 0; t < tiles; t += panel) {
        int count = Math.min(panel, tiles - t);
        leftPanel = transposed(d, dAt + t * rows * width, rows, rows, width, count, leftPanel);
        rightPanel =
            transposed(x, xAt + t * columns * width, columns, whole, width, count, rightPanel);
        int events = count * width;
        int c = 0;
        for (; c + PAIR <= whole; c += PAIR) {
          panel(
              leftPanel, 0, 1, rows, rows, events, rightPanel, c, whole, g, gAt + c, columns, PAIR);
        }
        if (c < whole) {
          panel(
              leftPanel,
              0,
              1,
              rows,
              rows,
              events,
              rightPanel,
              c,
              whole,
              g,
              gAt + c,
              columns,
              LANES);
        }
      }
    }
    for (int c = whole; c < columns; c++) {
      dots(d, dAt, rows, x, xAt + c * width, columns * width, width, tiles, g, gAt + c, columns);
    }
  }

  /** {@code out[t][e][r] = x[t][r][e]}, of the first {@code kept} rows. */
  private static float[] transposed(
      float[] x, int xAt, int rows, int kept, int width, int tiles, float[] out) {
    out = atLeast(out, tiles * width * kept);
    int blocks = LANES == 8 ? kept - kept % LANES : 0;
    for (int r = 0; r < blocks; r += LANES) {
      transposeEight(x, xAt + r * width, rows * width, width, tiles, out, r, kept);
    }
    for (int t = 0; t < tiles; t++) {
      int from = xAt + t * rows * width;
      int to = t * width * kept;
      for (int r = blocks; r < kept; r++) {
        for (int e = 0; e < width; e++) {
          out[to + e * kept + r] = x[from + r * width + e];
        }
      }
    }
    return out;
  }

  /**
   * Eight rows on vectors of eight: exchanges the off-diagonal quarters of 8 by 8, then of their
   * quarters, then of those.
   */
  private static void transposeEight(
      float[] x, int xAt, int tile, int row, int tiles, float[] out, int to, int outRow) {
    int halves = halves(row);
    for (int i = 0; i < tiles << halves; i++) {
      int at = xAt + offset(i, halves, tile);
      FloatVector r0 = FloatVector.fromArray(SPECIES, x, at);
      FloatVector r1 = FloatVector.fromArray(SPECIES, x, at + row);
      FloatVector r2 = FloatVector.fromArray(SPECIES, x, at + 2 * row);
      FloatVector r3 = FloatVector.fromArray(SPECIES, x, at + 3 * row);
      FloatVector r4 = FloatVector.fromArray(SPECIES, x, at + 4 * row);
      FloatVector r5 = FloatVector.fromArray(SPECIES, x, at + 5 * row);
      FloatVector r6 = FloatVector.fromArray(SPECIES, x, at + 6 * row);
      FloatVector r7 = FloatVector.fromArray(SPECIES, x, at + 7 * row);
      FloatVector s0 = r0.blend(r4.rearrange(SWAP4), ODD4);
      FloatVector s4 = r0.rearrange(SWAP4).blend(r4, ODD4);
      FloatVector s1 = r1.blend(r5.rearrange(SWAP4), ODD4);
      FloatVector s5 = r1.rearrange(SWAP4).blend(r5, ODD4);
      FloatVector s2 = r2.blend(r6.rearrange(SWAP4), ODD4);
      FloatVector s6 = r2.rearrange(SWAP4).blend(r6, ODD4);
      FloatVector s3 = r3.blend(r7.rearrange(SWAP4), ODD4);
      FloatVector s7 = r3.rearrange(SWAP4).blend(r7, ODD4);
      r0 = s0.blend(s2.rearrange(SWAP2), ODD2);
      r2 = s0.rearrange(SWAP2).blend(s2, ODD2);
      r1 = s1.blend(s3.rearrange(SWAP2), ODD2);
      r3 = s1.rearrange(SWAP2).blend(s3, ODD2);
      r4 = s4.blend(s6.rearrange(SWAP2), ODD2);
      r6 = s4.rearrange(SWAP2).blend(s6, ODD2);
      r5 = s5.blend(s7.rearrange(SWAP2), ODD2);
      r7 = s5.rearrange(SWAP2).blend(s7, ODD2);
      r0.blend(r1.rearrange(SWAP1), ODD1).intoArray(out, to);
      r0.rearrange(SWAP1).blend(r1, ODD1).intoArray(out, to + outRow);
      r2.blend(r3.rearrange(SWAP1), ODD1).intoArray(out, to + 2 * outRow);
      r2.rearrange(SWAP1).blend(r3, ODD1).intoArray(out, to + 3 * outRow);
      r4.blend(r5.rearrange(SWAP1), ODD1).intoArray(out, to + 4 * outRow);
      r4.rearrange(SWAP1).blend(r5, ODD1).intoArray(out, to + 5 * outRow);
      r6.blend(r7.rearrange(SWAP1), ODD1).intoArray(out, to + 6 * outRow);
      r6.rearrange(SWAP1).blend(r7, ODD1).intoArray(out, to + 7 * outRow);
      to += LANES * outRow;
    }
  }

  /** {@code out[r · outRow] += Σ_t Σ_e a[t][r][e] · b[t][e]}. */
  private void dots(
      float[] a,
      int aAt,
      int rows,
      float[] b,
      int bAt,
      int bTile,
      int width,
      int tiles,
      float[] out,
      int outAt,
      int outRow) {
    int halves = halves(width);
    int vectors = tiles << halves;
    int aTile = rows * width;
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      int row = aAt + r * width;
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int i = 0; i < vectors; i++) {
        FloatVector v = FloatVector.fromArray(SPECIES, b, bAt + offset(i, halves, bTile));
        int at = row + offset(i, halves, aTile);
        s0 = FloatVector.fromArray(SPECIES, a, at).fma(v, s0);
        s1 = FloatVector.fromArray(SPECIES, a, at + width).fma(v, s1);
        s2 = FloatVector.fromArray(SPECIES, a, at + 2 * width).fma(v, s2);
        s3 = FloatVector.fromArray(SPECIES, a, at + 3 * width).fma(v, s3);
      }
      int to = outAt + r * outRow;
      store(s0, s1, s2, s3);
      out[to] += sum(lanes, 0);
      out[to + outRow] += sum(lanes, LANES);
      out[to + 2 * outRow] += sum(lanes, 2 * LANES);
      out[to + 3 * outRow] += sum(lanes, 3 * LANES);
    }
    for (; r < rows; r++) {
      int row = aAt + r * width;
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int i = 0; i < vectors; i++) {
        sum =
            FloatVector.fromArray(SPECIES, a, row + offset(i, halves, aTile))
                .fma(FloatVector.fromArray(SPECIES, b, bAt + offset(i, halves, bTile)), sum);
      }
      sum.intoArray(lanes, 0);
      out[outAt + r * outRow] += sum(lanes, 0);
    }
  }

  private void store(FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
    s0.intoArray(lanes, 0);
    s1.intoArray(lanes, LANES);
    s2.intoArray(lanes, 2 * LANES);
    s3.intoArray(lanes, 3 * LANES);
  }

  /**
   * Sum of a vector's lanes in an order of our own: neighbours first. That of {@code reduceLanes}
   * is not specified; on Java 25 it is another one once the method is compiled.
   */
  private static float sum(float[] lanes, int at) {
    return switch (LANES) {
      case 4 -> sumOfFour(lanes, at);
      case 8 -> sumOfFour(lanes, at) + sumOfFour(lanes, at + 4);
      case 16 ->
          sumOfFour(lanes, at)
              + sumOfFour(lanes, at + 4)
              + (sumOfFour(lanes, at + 8) + sumOfFour(lanes, at + 12));
      default -> sumOneByOne(lanes, at);
    };
  }

  private static float sumOfFour(float[] lanes, int at) {
    return lanes[at] + lanes[at + 1] + (lanes[at + 2] + lanes[at + 3]);
  }

  private static float sumOneByOne(float[] lanes, int at) {
    float sum = 0;
    for (int i = at; i < at + LANES; i++) {
      sum += lanes[i];
    }
    return sum;
  }

  /** log2 of the vectors of a tile's row. */
  private static int halves(int width) {
    return width == PAIR ? 1 : 0;
  }

  /**
   * Of the i-th vector of a row, counted over all tiles: its distance from the first. One loop over
   * such vectors keeps sums in registers where two nested ones did not.
   */
  private static int offset(int i, int halves, int tile) {
    return (i >> halves) * tile + (i & halves) * LANES;
  }

  @Override
  public void matrixVector(
      float[] w, int wAt, int rows, int columns, float[] x, int xAt, float[] y, int yAt) {
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      int w0 = wAt + r * columns;
      int w1 = w0 + columns;
      int w2 = w1 + columns;
      int w3 = w2 + columns;
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int c = 0;
      for (; c + LANES <= columns; c += LANES) {
        FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + c);
        s0 = FloatVector.fromArray(SPECIES, w, w0 + c).fma(v, s0);
        s1 = FloatVector.fromArray(SPECIES, w, w1 + c).fma(v, s1);
        s2 = FloatVector.fromArray(SPECIES, w, w2 + c).fma(v, s2);
        s3 = FloatVector.fromArray(SPECIES, w, w3 + c).fma(v, s3);
      }
      store(s0, s1, s2, s3);
      float t0 = sum(lanes, 0);
      float t1 = sum(lanes, LANES);
      float t2 = sum(lanes, 2 * LANES);
      float t3 = sum(lanes, 3 * LANES);
      for (; c < columns; c++) {
        float value = x[xAt + c];
        t0 += w[w0 + c] * value;
        t1 += w[w1 + c] * value;
        t2 += w[w2 + c] * value;
        t3 += w[w3 + c] * value;
      }
      y[yAt + r] += t0;
      y[yAt + r + 1] += t1;
      y[yAt + r + 2] += t2;
      y[yAt + r + 3] += t3;
    }
    for (; r < rows; r++) {
      y[yAt + r] += dot(w, wAt + r * columns, x, xAt, columns);
    }
  }

  private float dot(float[] a, int aAt, float[] b, int bAt, int n) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int e = 0;
    for (; e + LANES <= n; e += LANES) {
      sums =
          FloatVector.fromArray(SPECIES, a, aAt + e)
              .fma(FloatVector.fromArray(SPECIES, b, bAt + e), sums);
    }
    sums.intoArray(lanes, 0);
    float sum = sum(lanes, 0);
    for (; e < n; e++) {
      sum += a[aAt + e] * b[bAt + e];
    }
    return sum;
  }

  @Override
  public void fillRows(
      float[] values, int valuesAt, int rows, float[] y, int yAt, int width, int tiles) {
    for (int t = 0; t < tiles; t++) {
      for (int r = 0; r < rows; r++) {
        FloatVector value = FloatVector.broadcast(SPECIES, values[valuesAt + r]);
        value.intoArray(y, yAt);
        if (width == PAIR) {
          value.intoArray(y, yAt + LANES);
        }
        yAt += width;
      }
    }
  }

  @Override
  public void rowSums(float[] x, int at, int rows, int width, int n, float[] out, int outAt) {
    float[] sums = zeroSums(rows);
    for (int rest = n; rest > 0; rest -= width) {
      VectorMask<Float> low = used(rest);
      VectorMask<Float> high = used(rest - LANES);
      for (int r = 0, i = 0; r < rows; r++, i += LANES) {
        FloatVector sum = FloatVector.fromArray(SPECIES, sums, i).add(only(low, x, at));
        if (width == PAIR) {
          sum.add(only(high, x, at + LANES)).intoArray(sums, i);
        } else {
          sum.intoArray(sums, i);
        }
        at += width;
      }
    }
    reduce(sums, rows, out, outAt);
  }

  /** A vector of sums for each row. */
  private float[] zeroSums(int rows) {
    rowVectors = atLeast(rowVectors, rows * LANES);
    Arrays.fill(rowVectors, 0, rows * LANES, 0);
    return rowVectors;
  }

  private static void reduce(float[] sums, int rows, float[] out, int outAt) {
    for (int r = 0; r < rows; r++) {
      out[outAt + r] += sum(sums, r * LANES);
    }
  }

  /** Lanes of a vector that begins where {@code rest} events are left. */
  private static VectorMask<Float> used(int rest) {
    return USED[Math.max(0, Math.min(LANES, rest))];
  }

  private static FloatVector only(VectorMask<Float> used, float[] x, int at) {
    return FloatVector.zero(SPECIES).blend(FloatVector.fromArray(SPECIES, x, at), used);
  }

  @Override
  public void rowSquares(
      float[] x,
      int at,
      int rows,
      int width,
      int n,
      float[] from,
      int fromAt,
      float[] out,
      int outAt) {
    float[] sums = zeroSums(rows);
    for (int rest = n; rest > 0; rest -= width) {
      VectorMask<Float> low = used(rest);
      VectorMask<Float> high = used(rest - LANES);
      for (int r = 0, i = 0; r < rows; r++, i += LANES) {
        FloatVector origin = FloatVector.broadcast(SPECIES, from[fromAt + r]);
        FloatVector first = distance(x, at, origin, low);
        FloatVector sum = first.fma(first, FloatVector.fromArray(SPECIES, sums, i));
        if (width == PAIR) {
          FloatVector second = distance(x, at + LANES, origin, high);
          second.fma(second, sum).intoArray(sums, i);
        } else {
          sum.intoArray(sums, i);
        }
        at += width;
      }
    }
    reduce(sums, rows, out, outAt);
  }

  private static FloatVector distance(
      float[] x, int at, FloatVector origin, VectorMask<Float> used) {
    return FloatVector.zero(SPECIES).blend(FloatVector.fromArray(SPECIES, x, at).sub(origin), used);
  }

  @Override
  public void rowDots(
      float[] a, int aAt, float[] b, int bAt, int rows, int width, int n, float[] out, int outAt) {
    float[] sums = zeroSums(rows);
    for (int rest = n; rest > 0; rest -= width) {
      VectorMask<Float> low = used(rest);
      VectorMask<Float> high = used(rest - LANES);
      for (int r = 0, i = 0; r < rows; r++, i += LANES) {
        FloatVector sum =
            only(low, a, aAt).fma(only(low, b, bAt), FloatVector.fromArray(SPECIES, sums, i));
        if (width == PAIR) {
          only(high, a, aAt + LANES).fma(only(high, b, bAt + LANES), sum).intoArray(sums, i);
        } else {
          sum.intoArray(sums, i);
        }
        aAt += width;
        bAt += width;
      }
    }
    reduce(sums, rows, out, outAt);
  }

  @Override
  public void multiply(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector.fromArray(SPECIES, a, aAt + i)
          .mul(FloatVector.fromArray(SPECIES, b, bAt + i))
          .intoArray(y, yAt + i);
    }
  }

  @Override
  public void multiplyAdd(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector.fromArray(SPECIES, a, aAt + i)
          .fma(
              FloatVector.fromArray(SPECIES, b, bAt + i),
              FloatVector.fromArray(SPECIES, y, yAt + i))
          .intoArray(y, yAt + i);
    }
  }

  @Override
  public void normaliseRows(
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
      float[] y) {
    int yAt = 0;
    for (int t = 0; t < tiles; t++) {
      for (int r = 0; r < rows; r++) {
        FloatVector means = FloatVector.broadcast(SPECIES, mean[meanAt + r]);
        FloatVector inverses = FloatVector.broadcast(SPECIES, inverse[inverseAt + r]);
        FloatVector scales = FloatVector.broadcast(SPECIES, scale[scaleAt + r]);
        FloatVector shifts = FloatVector.broadcast(SPECIES, shift[shiftAt + r]);
        normalise(x, xAt, means, inverses, scales, shifts, slope, y, yAt);
        if (width == PAIR) {
          normalise(x, xAt + LANES, means, inverses, scales, shifts, slope, y, yAt + LANES);
        }
        xAt += width;
        yAt += width;
      }
    }
  }

  private static void normalise(
      float[] x,
      int xAt,
      FloatVector means,
      FloatVector inverses,
      FloatVector scales,
      FloatVector shifts,
      float slope,
      float[] y,
      int yAt) {
    FloatVector value = FloatVector.fromArray(SPECIES, x, xAt).sub(means).mul(inverses);
    value.intoArray(x, xAt);
    leaky(value.fma(scales, shifts), slope).intoArray(y, yAt);
  }

  private static FloatVector leaky(FloatVector value, float slope) {
    return value.max(value.mul(slope));
  }

  @Override
  public void activateRows(
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
      float[] y) {
    int at = 0;
    for (int t = 0; t < tiles; t++) {
      for (int r = 0; r < rows; r++) {
        FloatVector scales = FloatVector.broadcast(SPECIES, scale[scaleAt + r]);
        FloatVector shifts = FloatVector.broadcast(SPECIES, shift[shiftAt + r]);
        leaky(FloatVector.fromArray(SPECIES, x, xAt + at).fma(scales, shifts), slope)
            .intoArray(y, at);
        if (width == PAIR) {
          leaky(FloatVector.fromArray(SPECIES, x, xAt + at + LANES).fma(scales, shifts), slope)
              .intoArray(y, at + LANES);
        }
        at += width;
      }
    }
  }

  /** {@code values} where {@code x · scale + shift} is positive, else {@code slope · values}. */
  private static FloatVector gate(
      FloatVector values, FloatVector x, FloatVector scale, FloatVector shift, float slope) {
    return values.mul(slope).blend(values, x.fma(scale, shift).compare(VectorOperators.GT, 0f));
  }

  @Override
  public void gateRows(
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
      float[] byShift) {
    float[] sums = zeroSums(2 * rows);
    int at = 0;
    for (int t = 0; t < tiles; t++) {
      for (int r = 0, i = 0; r < rows; r++, i += LANES) {
        FloatVector scales = FloatVector.broadcast(SPECIES, scale[scaleAt + r]);
        FloatVector shifts = FloatVector.broadcast(SPECIES, shift[shiftAt + r]);
        FloatVector x0 = FloatVector.fromArray(SPECIES, x, xAt + at);
        FloatVector d0 =
            gate(FloatVector.fromArray(SPECIES, d, dAt + at), x0, scales, shifts, slope);
        d0.intoArray(d, dAt + at);
        FloatVector along = d0.fma(x0, FloatVector.fromArray(SPECIES, sums, i));
        int j = rows * LANES + i;
        FloatVector sum = d0.add(FloatVector.fromArray(SPECIES, sums, j));
        if (width == PAIR) {
          FloatVector x1 = FloatVector.fromArray(SPECIES, x, xAt + at + LANES);
          FloatVector d1 =
              gate(FloatVector.fromArray(SPECIES, d, dAt + at + LANES), x1, scales, shifts, slope);
          d1.intoArray(d, dAt + at + LANES);
          d1.fma(x1, along).intoArray(sums, i);
          d1.add(sum).intoArray(sums, j);
        } else {
          along.intoArray(sums, i);
          sum.intoArray(sums, j);
        }
        at += width;
      }
    }
    for (int r = 0; r < rows; r++) {
      byScale[r] += sum(sums, r * LANES);
      byShift[r] += sum(sums, (rows + r) * LANES);
    }
  }

  @Override
  public void scaleRows(float[] d, int dAt, int rows, int width, int tiles, float[] a) {
    int at = dAt;
    for (int t = 0; t < tiles; t++) {
      for (int r = 0; r < rows; r++) {
        FloatVector factor = FloatVector.broadcast(SPECIES, a[r]);
        FloatVector.fromArray(SPECIES, d, at).mul(factor).intoArray(d, at);
        if (width == PAIR) {
          FloatVector.fromArray(SPECIES, d, at + LANES).mul(factor).intoArray(d, at + LANES);
        }
        at += width;
      }
    }
  }

  @Override
  public void combineRows(
      float[] d,
      int dAt,
      float[] x,
      int xAt,
      int rows,
      int width,
      int n,
      float[] a,
      float[] b,
      float[] c) {
    int tiles = (n + width - 1) / width;
    int row = dAt;
    int shift = xAt - dAt;
    for (int t = 0; t < tiles; t++) {
      for (int r = 0; r < rows; r++) {
        FloatVector as = FloatVector.broadcast(SPECIES, a[r]);
        FloatVector bs = FloatVector.broadcast(SPECIES, b[r]);
        FloatVector cs = FloatVector.broadcast(SPECIES, c[r]);
        combined(d, row, as, x, shift + row, bs, cs).intoArray(d, row);
        if (width == PAIR) {
          combined(d, row + LANES, as, x, shift + row + LANES, bs, cs).intoArray(d, row + LANES);
        }
        row += width;
      }
    }
    int padding = tiles * width - n;
    for (int r = 0; r < rows; r++, row -= width) {
      Arrays.fill(d, row - padding, row, 0);
    }
  }

  private static FloatVector combined(
      float[] d, int dAt, FloatVector as, float[] x, int xAt, FloatVector bs, FloatVector cs) {
    return FloatVector.fromArray(SPECIES, d, dAt)
        .fma(as, FloatVector.fromArray(SPECIES, x, xAt).fma(bs, cs));
  }

  @Override
  public void tangentRows(
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
      float[] c) {
    int at = 0;
    for (int t = 0; t < tiles; t++) {
      for (int r = 0; r < rows; r++) {
        FloatVector as = FloatVector.broadcast(SPECIES, a[r]);
        FloatVector bs = FloatVector.broadcast(SPECIES, b[r]);
        FloatVector cs = FloatVector.broadcast(SPECIES, c[r]);
        FloatVector scales = FloatVector.broadcast(SPECIES, scale[scaleAt + r]);
        FloatVector shifts = FloatVector.broadcast(SPECIES, shift[shiftAt + r]);
        for (int v = 0; v < width; v += LANES) {
          FloatVector own = FloatVector.fromArray(SPECIES, x, xAt + at + v);
          FloatVector value =
              FloatVector.fromArray(SPECIES, y, yAt + at + v).fma(as, own.fma(bs, cs));
          gate(value, own, scales, shifts, slope).intoArray(y, yAt + at + v);
        }
        at += width;
      }
    }
  }

  @Override
  public void activateEvent(
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
      float slope) {
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
      FloatVector deviation =
          FloatVector.fromArray(SPECIES, statistics, varianceAt + i).add(epsilon).sqrt();
      FloatVector value =
          FloatVector.fromArray(SPECIES, x, at + i)
              .sub(FloatVector.fromArray(SPECIES, statistics, meanAt + i))
              .div(deviation)
              .fma(
                  FloatVector.fromArray(SPECIES, parameters, gammaAt + i),
                  FloatVector.fromArray(SPECIES, parameters, betaAt + i));
      value.max(value.mul(slope)).intoArray(x, at + i);
    }
    for (; i < n; i++) {
      float inverse = (float) (1 / Math.sqrt(statistics[varianceAt + i] + epsilon));
      float value =
          (x[at + i] - statistics[meanAt + i]) * inverse * parameters[gammaAt + i]
              + parameters[betaAt + i];
      x[at + i] = Math.max(value, slope * value);
    }
  }

  @Override
  public String toString() {
    return SPECIES.vectorBitSize() + "-bit vectors";
  }
}
