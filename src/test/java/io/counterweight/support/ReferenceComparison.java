package io.counterweight.support;

import io.counterweight.model.ParameterLayout;
import java.util.Arrays;

/**
 * Comparison of arrays relative to their largest expected entry: what rounding in a sum does to a
 * small entry depends on the large ones beside it. A failure says where, which quantity and index,
 * what was expected and what was found, for the worst entry.
 */
public final class ReferenceComparison {

  private ReferenceComparison() {}

  /**
   * Fails unless every entry is within {@code tolerance} times the largest magnitude expected.
   *
   * @param where file or case, with its seed where it has one
   */
  public static void assertClose(
      String where, String quantity, double[] expected, double[] found, double tolerance) {
    assertWithin(where, quantity, expected, found, tolerance * largest(expected));
  }

  /** As {@link #assertClose}, for one number. */
  public static void assertClose(
      String where, String quantity, double expected, double found, double tolerance) {
    assertClose(where, quantity, new double[] {expected}, new double[] {found}, tolerance);
  }

  /**
   * As {@link #assertClose}, block by block, but relative to the largest entry of all blocks: in a
   * gradient the blocks before a batch normalisation are zero but for rounding.
   */
  public static void assertBlocksClose(
      String where,
      String quantity,
      ParameterLayout layout,
      double[] expected,
      double[] found,
      double tolerance) {
    requireSameLength(where, quantity, expected, found);
    for (ParameterLayout.Block block : layout.blocks()) {
      assertWithin(
          where,
          quantity + " " + block.name(),
          slice(expected, block),
          slice(found, block),
          tolerance * largest(expected));
    }
  }

  /**
   * Fails unless every entry is within the given distance.
   *
   * @param distance absolute
   */
  public static void assertWithin(
      String where, String quantity, double[] expected, double[] found, double distance) {
    requireSameLength(where, quantity, expected, found);
    int worst = -1;
    double worstDifference = -1;
    for (int j = 0; j < expected.length; j++) {
      double difference = Math.abs(expected[j] - found[j]);
      // Negated, so that NaN is a difference.
      if (!(difference <= distance) && !(difference <= worstDifference)) {
        worst = j;
        worstDifference = difference;
      }
    }
    if (worst >= 0) {
      throw new AssertionError(
          String.format(
              "%s: %s at index %d: expected %.15g but found %.15g, which differ by %.3g; at most"
                  + " %.3g is allowed",
              where, quantity, worst, expected[worst], found[worst], worstDifference, distance));
    }
  }

  /** Largest magnitude, 0 for none. */
  public static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /** All rows one after the other. */
  public static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  static double[] slice(double[] values, ParameterLayout.Block block) {
    return Arrays.copyOfRange(values, block.offset(), block.offset() + block.size());
  }

  private static void requireSameLength(
      String where, String quantity, double[] expected, double[] found) {
    if (expected.length != found.length) {
      throw new AssertionError(
          String.format(
              "%s: %s: expected %d entries but found %d",
              where, quantity, expected.length, found.length));
    }
  }
}
