package io.counterweight.compute.vector;

import io.counterweight.compute.cpu.Kernels;
import io.counterweight.compute.cpu.UnitScales;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Inner loops on the widest vectors of the machine (512, 256 or 128 bits). Products keep 6 rows by
 * 2 vectors of sums in registers: twelve independent sums hide the latency of a fused multiply-add
 * on two units, and leave four of sixteen registers for the inputs and the factor.
 *
 * <p>Every sum is taken in an order of its own that no vector's width changes: along k, along the
 * events, or in {@value #PARTS} parts. So results are the same bits on vectors of every width, and
 * in every thread, slot and Java version.
 *
 * <p>One species only: a second one anywhere in the JVM's hot code makes the calls on {@code
 * FloatVector} polymorphic, and what was a register becomes an object.
 */
public final class VectorKernels implements Kernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int PAIR = 2 * LANES;

  /** Sums that a sum over neighbours is split into, the lanes of the widest vector. */
  private static final int PARTS = 16;

  /** Room for the parts of a sum over neighbours. */
  private final float[] parts = new float[4 * PARTS];

  @Override
  public int lanes() {
    return LANES;
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
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      int startRow,
      float[] y,
      int yAt,
      int yRow,
      int columns) {
    int c = 0;
    for (; c + PAIR <= columns; c += PAIR) {
      twoVectors(
          a,
          aAt,
          aRow,
          aColumn,
          rows,
          depth,
          b,
          bAt + c,
          bRow,
          start,
          startAt + c,
          startRow,
          y,
          yAt + c,
          yRow);
    }
    if (c < columns) {
      oneVector(
          a,
          aAt,
          aRow,
          aColumn,
          rows,
          depth,
          b,
          bAt + c,
          bRow,
          start,
          startAt + c,
          startRow,
          y,
          yAt + c,
          yRow);
    }
  }

  private static void twoVectors(
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
      int yRow) {
    int r = 0;
    for (; r + 6 <= rows; r += 6) {
      int from = startAt + r * startRow;
      int to = yAt + r * yRow;
      if (aColumn == 1) {
        along6x2(a, aAt + r * aRow, aRow, depth, b, bAt, bRow, start, from, startRow, y, to, yRow);
      } else {
        across6x2(a, aAt + r, aColumn, depth, b, bAt, bRow, start, from, startRow, y, to, yRow);
      }
    }
    if (r + 4 <= rows) {
      int at = aAt + r * aRow;
      int from = startAt + r * startRow;
      int to = yAt + r * yRow;
      tile4x2(a, at, aRow, aColumn, depth, b, bAt, bRow, start, from, startRow, y, to, yRow);
      r += 4;
    }
    if (r + 2 <= rows) {
      int at = aAt + r * aRow;
      int from = startAt + r * startRow;
      int to = yAt + r * yRow;
      tile2x2(a, at, aRow, aColumn, depth, b, bAt, bRow, start, from, startRow, y, to, yRow);
      r += 2;
    }
    if (r < rows) {
      int at = aAt + r * aRow;
      int from = startAt + r * startRow;
      int to = yAt + r * yRow;
      tile1x2(a, at, aColumn, depth, b, bAt, bRow, start, from, y, to);
    }
  }

  private static void oneVector(
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
      int yRow) {
    int r = 0;
    for (; r + 8 <= rows; r += 8) {
      int at = aAt + r * aRow;
      int from = startAt + r * startRow;
      int to = yAt + r * yRow;
      tile8x1(a, at, aRow, aColumn, depth, b, bAt, bRow, start, from, startRow, y, to, yRow);
    }
    if (r + 4 <= rows) {
      int at = aAt + r * aRow;
      int from = startAt + r * startRow;
      int to = yAt + r * yRow;
      tile4x1(a, at, aRow, aColumn, depth, b, bAt, bRow, start, from, startRow, y, to, yRow);
      r += 4;
    }
    if (r + 2 <= rows) {
      int at = aAt + r * aRow;
      int from = startAt + r * startRow;
      int to = yAt + r * yRow;
      tile2x1(a, at, aRow, aColumn, depth, b, bAt, bRow, start, from, startRow, y, to, yRow);
      r += 2;
    }
    if (r < rows) {
      int at = aAt + r * aRow;
      int from = startAt + r * startRow;
      int to = yAt + r * yRow;
      tile1x1(a, at, aColumn, depth, b, bAt, bRow, start, from, y, to);
    }
  }

  /** Factors of a row are neighbours: their bounds are checked once for the whole loop. */
  private static void along6x2(
      float[] a,
      int aAt,
      int aRow,
      int depth,
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      int startRow,
      float[] y,
      int yAt,
      int yRow) {
    int start1 = startAt + startRow;
    int start2 = startAt + 2 * startRow;
    int start3 = startAt + 3 * startRow;
    int start4 = startAt + 4 * startRow;
    int start5 = startAt + 5 * startRow;
    int a1 = aAt + aRow;
    int a2 = aAt + 2 * aRow;
    int a3 = aAt + 3 * aRow;
    int a4 = aAt + 4 * aRow;
    int a5 = aAt + 5 * aRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, start, startAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, start, startAt + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
    FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
    FloatVector s21 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
    FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
    FloatVector s31 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
    FloatVector s40 = FloatVector.fromArray(SPECIES, start, start4);
    FloatVector s41 = FloatVector.fromArray(SPECIES, start, start4 + LANES);
    FloatVector s50 = FloatVector.fromArray(SPECIES, start, start5);
    FloatVector s51 = FloatVector.fromArray(SPECIES, start, start5 + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + LANES);
      FloatVector a0s = FloatVector.broadcast(SPECIES, a[aAt + k]);
      s00 = a0s.fma(b0, s00);
      s01 = a0s.fma(b1, s01);
      FloatVector a1s = FloatVector.broadcast(SPECIES, a[a1 + k]);
      s10 = a1s.fma(b0, s10);
      s11 = a1s.fma(b1, s11);
      FloatVector a2s = FloatVector.broadcast(SPECIES, a[a2 + k]);
      s20 = a2s.fma(b0, s20);
      s21 = a2s.fma(b1, s21);
      FloatVector a3s = FloatVector.broadcast(SPECIES, a[a3 + k]);
      s30 = a3s.fma(b0, s30);
      s31 = a3s.fma(b1, s31);
      FloatVector a4s = FloatVector.broadcast(SPECIES, a[a4 + k]);
      s40 = a4s.fma(b0, s40);
      s41 = a4s.fma(b1, s41);
      FloatVector a5s = FloatVector.broadcast(SPECIES, a[a5 + k]);
      s50 = a5s.fma(b0, s50);
      s51 = a5s.fma(b1, s51);
      bAt += bRow;
    }
    s00.intoArray(y, yAt);
    s01.intoArray(y, yAt + LANES);
    s10.intoArray(y, yAt + yRow);
    s11.intoArray(y, yAt + yRow + LANES);
    s20.intoArray(y, yAt + 2 * yRow);
    s21.intoArray(y, yAt + 2 * yRow + LANES);
    s30.intoArray(y, yAt + 3 * yRow);
    s31.intoArray(y, yAt + 3 * yRow + LANES);
    s40.intoArray(y, yAt + 4 * yRow);
    s41.intoArray(y, yAt + 4 * yRow + LANES);
    s50.intoArray(y, yAt + 5 * yRow);
    s51.intoArray(y, yAt + 5 * yRow + LANES);
  }

  /** Factors of a column are neighbours. */
  private static void across6x2(
      float[] a,
      int aAt,
      int aColumn,
      int depth,
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      int startRow,
      float[] y,
      int yAt,
      int yRow) {
    int start1 = startAt + startRow;
    int start2 = startAt + 2 * startRow;
    int start3 = startAt + 3 * startRow;
    int start4 = startAt + 4 * startRow;
    int start5 = startAt + 5 * startRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, start, startAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, start, startAt + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
    FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
    FloatVector s21 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
    FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
    FloatVector s31 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
    FloatVector s40 = FloatVector.fromArray(SPECIES, start, start4);
    FloatVector s41 = FloatVector.fromArray(SPECIES, start, start4 + LANES);
    FloatVector s50 = FloatVector.fromArray(SPECIES, start, start5);
    FloatVector s51 = FloatVector.fromArray(SPECIES, start, start5 + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + LANES);
      FloatVector a0s = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = a0s.fma(b0, s00);
      s01 = a0s.fma(b1, s01);
      FloatVector a1s = FloatVector.broadcast(SPECIES, a[aAt + 1]);
      s10 = a1s.fma(b0, s10);
      s11 = a1s.fma(b1, s11);
      FloatVector a2s = FloatVector.broadcast(SPECIES, a[aAt + 2]);
      s20 = a2s.fma(b0, s20);
      s21 = a2s.fma(b1, s21);
      FloatVector a3s = FloatVector.broadcast(SPECIES, a[aAt + 3]);
      s30 = a3s.fma(b0, s30);
      s31 = a3s.fma(b1, s31);
      FloatVector a4s = FloatVector.broadcast(SPECIES, a[aAt + 4]);
      s40 = a4s.fma(b0, s40);
      s41 = a4s.fma(b1, s41);
      FloatVector a5s = FloatVector.broadcast(SPECIES, a[aAt + 5]);
      s50 = a5s.fma(b0, s50);
      s51 = a5s.fma(b1, s51);
      aAt += aColumn;
      bAt += bRow;
    }
    s00.intoArray(y, yAt);
    s01.intoArray(y, yAt + LANES);
    s10.intoArray(y, yAt + yRow);
    s11.intoArray(y, yAt + yRow + LANES);
    s20.intoArray(y, yAt + 2 * yRow);
    s21.intoArray(y, yAt + 2 * yRow + LANES);
    s30.intoArray(y, yAt + 3 * yRow);
    s31.intoArray(y, yAt + 3 * yRow + LANES);
    s40.intoArray(y, yAt + 4 * yRow);
    s41.intoArray(y, yAt + 4 * yRow + LANES);
    s50.intoArray(y, yAt + 5 * yRow);
    s51.intoArray(y, yAt + 5 * yRow + LANES);
  }

  private static void tile4x2(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int depth,
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      int startRow,
      float[] y,
      int yAt,
      int yRow) {
    int start1 = startAt + startRow;
    int start2 = startAt + 2 * startRow;
    int start3 = startAt + 3 * startRow;
    int a2 = 2 * aRow;
    int a3 = 3 * aRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, start, startAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, start, startAt + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
    FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
    FloatVector s21 = FloatVector.fromArray(SPECIES, start, start2 + LANES);
    FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
    FloatVector s31 = FloatVector.fromArray(SPECIES, start, start3 + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + LANES);
      FloatVector a0s = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = a0s.fma(b0, s00);
      s01 = a0s.fma(b1, s01);
      FloatVector a1s = FloatVector.broadcast(SPECIES, a[aAt + aRow]);
      s10 = a1s.fma(b0, s10);
      s11 = a1s.fma(b1, s11);
      FloatVector a2s = FloatVector.broadcast(SPECIES, a[aAt + a2]);
      s20 = a2s.fma(b0, s20);
      s21 = a2s.fma(b1, s21);
      FloatVector a3s = FloatVector.broadcast(SPECIES, a[aAt + a3]);
      s30 = a3s.fma(b0, s30);
      s31 = a3s.fma(b1, s31);
      aAt += aColumn;
      bAt += bRow;
    }
    s00.intoArray(y, yAt);
    s01.intoArray(y, yAt + LANES);
    s10.intoArray(y, yAt + yRow);
    s11.intoArray(y, yAt + yRow + LANES);
    s20.intoArray(y, yAt + 2 * yRow);
    s21.intoArray(y, yAt + 2 * yRow + LANES);
    s30.intoArray(y, yAt + 3 * yRow);
    s31.intoArray(y, yAt + 3 * yRow + LANES);
  }

  private static void tile2x2(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int depth,
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      int startRow,
      float[] y,
      int yAt,
      int yRow) {
    int start1 = startAt + startRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, start, startAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, start, startAt + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, start, start1 + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + LANES);
      FloatVector a0s = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = a0s.fma(b0, s00);
      s01 = a0s.fma(b1, s01);
      FloatVector a1s = FloatVector.broadcast(SPECIES, a[aAt + aRow]);
      s10 = a1s.fma(b0, s10);
      s11 = a1s.fma(b1, s11);
      aAt += aColumn;
      bAt += bRow;
    }
    s00.intoArray(y, yAt);
    s01.intoArray(y, yAt + LANES);
    s10.intoArray(y, yAt + yRow);
    s11.intoArray(y, yAt + yRow + LANES);
  }

  private static void tile1x2(
      float[] a,
      int aAt,
      int aColumn,
      int depth,
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      float[] y,
      int yAt) {
    FloatVector s00 = FloatVector.fromArray(SPECIES, start, startAt);
    FloatVector s01 = FloatVector.fromArray(SPECIES, start, startAt + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bAt + LANES);
      FloatVector a0s = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = a0s.fma(b0, s00);
      s01 = a0s.fma(b1, s01);
      aAt += aColumn;
      bAt += bRow;
    }
    s00.intoArray(y, yAt);
    s01.intoArray(y, yAt + LANES);
  }

  private static void tile8x1(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int depth,
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      int startRow,
      float[] y,
      int yAt,
      int yRow) {
    int start1 = startAt + startRow;
    int start2 = startAt + 2 * startRow;
    int start3 = startAt + 3 * startRow;
    int start4 = startAt + 4 * startRow;
    int start5 = startAt + 5 * startRow;
    int start6 = startAt + 6 * startRow;
    int start7 = startAt + 7 * startRow;
    int a2 = 2 * aRow;
    int a3 = 3 * aRow;
    int a4 = 4 * aRow;
    int a5 = 5 * aRow;
    int a6 = 6 * aRow;
    int a7 = 7 * aRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, start, startAt);
    FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
    FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
    FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
    FloatVector s40 = FloatVector.fromArray(SPECIES, start, start4);
    FloatVector s50 = FloatVector.fromArray(SPECIES, start, start5);
    FloatVector s60 = FloatVector.fromArray(SPECIES, start, start6);
    FloatVector s70 = FloatVector.fromArray(SPECIES, start, start7);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector a0s = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = a0s.fma(b0, s00);
      FloatVector a1s = FloatVector.broadcast(SPECIES, a[aAt + aRow]);
      s10 = a1s.fma(b0, s10);
      FloatVector a2s = FloatVector.broadcast(SPECIES, a[aAt + a2]);
      s20 = a2s.fma(b0, s20);
      FloatVector a3s = FloatVector.broadcast(SPECIES, a[aAt + a3]);
      s30 = a3s.fma(b0, s30);
      FloatVector a4s = FloatVector.broadcast(SPECIES, a[aAt + a4]);
      s40 = a4s.fma(b0, s40);
      FloatVector a5s = FloatVector.broadcast(SPECIES, a[aAt + a5]);
      s50 = a5s.fma(b0, s50);
      FloatVector a6s = FloatVector.broadcast(SPECIES, a[aAt + a6]);
      s60 = a6s.fma(b0, s60);
      FloatVector a7s = FloatVector.broadcast(SPECIES, a[aAt + a7]);
      s70 = a7s.fma(b0, s70);
      aAt += aColumn;
      bAt += bRow;
    }
    s00.intoArray(y, yAt);
    s10.intoArray(y, yAt + yRow);
    s20.intoArray(y, yAt + 2 * yRow);
    s30.intoArray(y, yAt + 3 * yRow);
    s40.intoArray(y, yAt + 4 * yRow);
    s50.intoArray(y, yAt + 5 * yRow);
    s60.intoArray(y, yAt + 6 * yRow);
    s70.intoArray(y, yAt + 7 * yRow);
  }

  private static void tile4x1(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int depth,
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      int startRow,
      float[] y,
      int yAt,
      int yRow) {
    int start1 = startAt + startRow;
    int start2 = startAt + 2 * startRow;
    int start3 = startAt + 3 * startRow;
    int a2 = 2 * aRow;
    int a3 = 3 * aRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, start, startAt);
    FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
    FloatVector s20 = FloatVector.fromArray(SPECIES, start, start2);
    FloatVector s30 = FloatVector.fromArray(SPECIES, start, start3);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector a0s = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = a0s.fma(b0, s00);
      FloatVector a1s = FloatVector.broadcast(SPECIES, a[aAt + aRow]);
      s10 = a1s.fma(b0, s10);
      FloatVector a2s = FloatVector.broadcast(SPECIES, a[aAt + a2]);
      s20 = a2s.fma(b0, s20);
      FloatVector a3s = FloatVector.broadcast(SPECIES, a[aAt + a3]);
      s30 = a3s.fma(b0, s30);
      aAt += aColumn;
      bAt += bRow;
    }
    s00.intoArray(y, yAt);
    s10.intoArray(y, yAt + yRow);
    s20.intoArray(y, yAt + 2 * yRow);
    s30.intoArray(y, yAt + 3 * yRow);
  }

  private static void tile2x1(
      float[] a,
      int aAt,
      int aRow,
      int aColumn,
      int depth,
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      int startRow,
      float[] y,
      int yAt,
      int yRow) {
    int start1 = startAt + startRow;
    FloatVector s00 = FloatVector.fromArray(SPECIES, start, startAt);
    FloatVector s10 = FloatVector.fromArray(SPECIES, start, start1);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector a0s = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = a0s.fma(b0, s00);
      FloatVector a1s = FloatVector.broadcast(SPECIES, a[aAt + aRow]);
      s10 = a1s.fma(b0, s10);
      aAt += aColumn;
      bAt += bRow;
    }
    s00.intoArray(y, yAt);
    s10.intoArray(y, yAt + yRow);
  }

  private static void tile1x1(
      float[] a,
      int aAt,
      int aColumn,
      int depth,
      float[] b,
      int bAt,
      int bRow,
      float[] start,
      int startAt,
      float[] y,
      int yAt) {
    FloatVector s00 = FloatVector.fromArray(SPECIES, start, startAt);
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bAt);
      FloatVector a0s = FloatVector.broadcast(SPECIES, a[aAt]);
      s00 = a0s.fma(b0, s00);
      aAt += aColumn;
      bAt += bRow;
    }
    s00.intoArray(y, yAt);
  }

  private float dot(float[] a, int aAt, float[] b, int bAt, int n) {
    for (int part = 0; part < PARTS; part += LANES) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int i = part; i + LANES <= n; i += PARTS) {
        sum =
            FloatVector.fromArray(SPECIES, a, aAt + i)
                .fma(FloatVector.fromArray(SPECIES, b, bAt + i), sum);
      }
      sum.intoArray(parts, part);
    }
    for (int i = n - n % LANES; i < n; i++) {
      parts[i % PARTS] = Math.fma(a[aAt + i], b[bAt + i], parts[i % PARTS]);
    }
    return sumOfParts(0);
  }

  /**
   * The parts in an order of our own: neighbours first. That of {@code reduceLanes} is not
   * specified; on Java 25 it is another one once the method is compiled.
   */
  private float sumOfParts(int at) {
    return sumOfFour(at) + sumOfFour(at + 4) + (sumOfFour(at + 8) + sumOfFour(at + 12));
  }

  private float sumOfFour(int at) {
    return parts[at] + parts[at + 1] + (parts[at + 2] + parts[at + 3]);
  }

  @Override
  public void matrixVector(
      float[] w, int wAt, int rows, int columns, float[] x, int xAt, float[] y, int yAt) {
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      fourDots(w, wAt + r * columns, columns, x, xAt);
      y[yAt + r] += sumOfParts(0);
      y[yAt + r + 1] += sumOfParts(PARTS);
      y[yAt + r + 2] += sumOfParts(2 * PARTS);
      y[yAt + r + 3] += sumOfParts(3 * PARTS);
    }
    for (; r < rows; r++) {
      y[yAt + r] += dot(w, wAt + r * columns, x, xAt, columns);
    }
  }

  /** The parts of four rows' products with x. */
  private void fourDots(float[] w, int w0, int columns, float[] x, int xAt) {
    int w1 = w0 + columns;
    int w2 = w1 + columns;
    int w3 = w2 + columns;
    for (int part = 0; part < PARTS; part += LANES) {
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int c = part; c + LANES <= columns; c += PARTS) {
        FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + c);
        s0 = FloatVector.fromArray(SPECIES, w, w0 + c).fma(v, s0);
        s1 = FloatVector.fromArray(SPECIES, w, w1 + c).fma(v, s1);
        s2 = FloatVector.fromArray(SPECIES, w, w2 + c).fma(v, s2);
        s3 = FloatVector.fromArray(SPECIES, w, w3 + c).fma(v, s3);
      }
      s0.intoArray(parts, part);
      s1.intoArray(parts, PARTS + part);
      s2.intoArray(parts, 2 * PARTS + part);
      s3.intoArray(parts, 3 * PARTS + part);
    }
    for (int c = columns - columns % LANES; c < columns; c++) {
      int part = c % PARTS;
      float value = x[xAt + c];
      parts[part] = Math.fma(w[w0 + c], value, parts[part]);
      parts[PARTS + part] = Math.fma(w[w1 + c], value, parts[PARTS + part]);
      parts[2 * PARTS + part] = Math.fma(w[w2 + c], value, parts[2 * PARTS + part]);
      parts[3 * PARTS + part] = Math.fma(w[w3 + c], value, parts[3 * PARTS + part]);
    }
  }

  @Override
  public void multiply(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int length) {
    for (int i = 0; i < length; i += LANES) {
      vector(a, aAt + i).mul(vector(b, bAt + i)).intoArray(y, yAt + i);
    }
  }

  @Override
  public void kronecker(
      float[] u,
      int uAt,
      int rank,
      float[] rest,
      int restAt,
      int rows,
      int width,
      boolean add,
      float[] y,
      int yAt) {
    for (int v = 0; v < width; v += LANES) {
      int to = yAt + v;
      for (int a = 0; a < rank; a++) {
        FloatVector factor = vector(u, uAt + a * width + v);
        int from = restAt + v;
        for (int i = 0; i < rows; i++) {
          FloatVector other = vector(rest, from);
          FloatVector product = add ? factor.fma(other, vector(y, to)) : factor.mul(other);
          product.intoArray(y, to);
          from += width;
          to += width;
        }
      }
    }
  }

  @Override
  public void kroneckerGradient(
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
      int dRestAt) {
    for (int v = 0; v < width; v += LANES) {
      int at = dAt + v;
      for (int a = 0; a < rank; a++) {
        FloatVector sum = vector(dU, dUAt + a * width + v);
        int from = restAt + v;
        for (int i = 0; i < rows; i++) {
          sum = vector(d, at).fma(vector(rest, from), sum);
          at += width;
          from += width;
        }
        sum.intoArray(dU, dUAt + a * width + v);
      }
      for (int i = 0; i < rows; i++) {
        FloatVector sum = vector(dRest, dRestAt + i * width + v);
        at = dAt + i * width + v;
        int from = uAt + v;
        for (int a = 0; a < rank; a++) {
          sum = vector(d, at).fma(vector(u, from), sum);
          at += rows * width;
          from += width;
        }
        sum.intoArray(dRest, dRestAt + i * width + v);
      }
    }
  }

  private static FloatVector vector(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  @Override
  public void leaky(float[] y, int yAt, int length, float slope) {
    for (int i = yAt; i < yAt + length; i += LANES) {
      leaky(vector(y, i), slope).intoArray(y, i);
    }
  }

  @Override
  public void sums(float[] x, int xAt, int rows, int columns, float[] sums) {
    for (int c = 0; c < columns; c += LANES) {
      FloatVector sum = vector(sums, c);
      int at = xAt + c;
      for (int r = 0; r < rows; r++) {
        sum = sum.add(vector(x, at));
        at += columns;
      }
      sum.intoArray(sums, c);
    }
  }

  @Override
  public void moments(
      float[] x, int xAt, int rows, int columns, float[] origin, float[] sums, float[] squares) {
    for (int c = 0; c < columns; c += LANES) {
      FloatVector from = vector(origin, c);
      FloatVector sum = vector(sums, c);
      FloatVector square = vector(squares, c);
      int at = xAt + c;
      for (int r = 0; r < rows; r++) {
        FloatVector value = vector(x, at);
        sum = sum.add(value);
        FloatVector distance = value.sub(from);
        square = distance.fma(distance, square);
        at += columns;
      }
      sum.intoArray(sums, c);
      square.intoArray(squares, c);
    }
  }

  /** Two instructions where {@code max}, which minds NaN and the sign of zero, takes six. */
  private static FloatVector leaky(FloatVector value, float slope) {
    return value.mul(slope).blend(value, value.compare(VectorOperators.GT, 0f));
  }

  @Override
  public void activate(
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float slope,
      float[] y,
      int yAt) {
    for (int c = 0; c < columns; c += LANES) {
      FloatVector mean = vector(units.mean(), at + c);
      FloatVector scale = vector(units.scale(), at + c);
      FloatVector shift = vector(units.shift(), at + c);
      int from = xAt + c;
      int to = yAt + c;
      for (int r = 0; r < rows; r++) {
        leaky(vector(x, from).sub(mean).fma(scale, shift), slope).intoArray(y, to);
        from += columns;
        to += columns;
      }
    }
  }

  @Override
  public void gate(
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
      float[] sums) {
    for (int c = 0; c < columns; c += LANES) {
      FloatVector mean = vector(units.mean(), at + c);
      FloatVector scale = vector(units.scale(), at + c);
      FloatVector shift = vector(units.shift(), at + c);
      FloatVector factors = vector(factor, c);
      FloatVector dots = vector(along, c);
      FloatVector sum = vector(sums, c);
      int from = xAt + c;
      int to = dAt + c;
      for (int r = 0; r < rows; r++) {
        FloatVector centred = vector(x, from).sub(mean);
        FloatVector above = vector(d, to);
        VectorMask<Float> open = centred.fma(scale, shift).compare(VectorOperators.GT, 0f);
        FloatVector value = above.mul(slope).blend(above, open);
        dots = value.fma(centred, dots);
        sum = sum.add(value);
        value.mul(factors).intoArray(d, to);
        from += columns;
        to += columns;
      }
      dots.intoArray(along, c);
      sum.intoArray(sums, c);
    }
  }

  @Override
  public void combine(
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
      float[] c) {
    for (int i = 0; i < columns; i += LANES) {
      FloatVector mean = vector(units.mean(), at + i);
      FloatVector as = vector(a, i);
      FloatVector bs = vector(b, i);
      FloatVector cs = vector(c, i);
      int from = xAt + i;
      int to = dAt + i;
      for (int r = 0; r < rows; r++) {
        FloatVector rest = vector(x, from).sub(mean).fma(bs, cs);
        vector(d, to).fma(as, rest).intoArray(d, to);
        from += columns;
        to += columns;
      }
    }
  }

  @Override
  public void tangentSums(
      float[] t,
      int tAt,
      float[] x,
      int xAt,
      int rows,
      int columns,
      UnitScales units,
      int at,
      float[] along,
      float[] sums) {
    for (int c = 0; c < columns; c += LANES) {
      FloatVector mean = vector(units.mean(), at + c);
      FloatVector dots = vector(along, c);
      FloatVector sum = vector(sums, c);
      int from = xAt + c;
      int to = tAt + c;
      for (int r = 0; r < rows; r++) {
        FloatVector tangent = vector(t, to);
        dots = tangent.fma(vector(x, from).sub(mean), dots);
        sum = sum.add(tangent);
        from += columns;
        to += columns;
      }
      dots.intoArray(along, c);
      sum.intoArray(sums, c);
    }
  }

  @Override
  public void tangent(
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
      float[] y) {
    for (int i = 0; i < columns; i += LANES) {
      FloatVector mean = vector(units.mean(), at + i);
      FloatVector scale = vector(units.scale(), at + i);
      FloatVector shift = vector(units.shift(), at + i);
      FloatVector as = vector(a, i);
      FloatVector bs = vector(b, i);
      FloatVector cs = vector(c, i);
      int from = xAt + i;
      int to = tAt + i;
      int out = i;
      for (int r = 0; r < rows; r++) {
        FloatVector centred = vector(x, from).sub(mean);
        FloatVector value = centred.fma(scale, shift);
        FloatVector moved = vector(t, to).fma(as, centred.fma(bs, cs));
        VectorMask<Float> open = value.compare(VectorOperators.GT, 0f);
        moved.mul(slope).blend(moved, open).intoArray(t, to);
        value.mul(slope).blend(value, open).intoArray(y, out);
        from += columns;
        to += columns;
        out += columns;
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
      FloatVector deviation = vector(statistics, varianceAt + i).add(epsilon).sqrt();
      FloatVector value =
          vector(x, at + i)
              .sub(vector(statistics, meanAt + i))
              .div(deviation)
              .fma(vector(parameters, gammaAt + i), vector(parameters, betaAt + i));
      leaky(value, slope).intoArray(x, at + i);
    }
    for (; i < n; i++) {
      float deviation = (float) Math.sqrt(statistics[varianceAt + i] + epsilon);
      float normalised = (x[at + i] - statistics[meanAt + i]) / deviation;
      float value = Math.fma(normalised, parameters[gammaAt + i], parameters[betaAt + i]);
      x[at + i] = Math.max(value, slope * value);
    }
  }

  @Override
  public String toString() {
    return SPECIES.vectorBitSize() + "-bit vectors";
  }
}
