package io.counterweight.embedded;

import java.util.Arrays;
import java.util.Random;

/**
 * The side of feature space that lies furthest along a random direction and holds about a given
 * share of the events it was asked about.
 *
 * <p>The boundary is the running quantile of the last projections, which are kept sorted beside
 * their order of arrival; an event costs a binary search and a shift.
 */
final class FeatureRegion {
  private final float[] direction;
  private final double share;
  private final double[] arrived;
  private final double[] sorted;
  private long seen;

  /**
   * @param random draws the direction
   * @param features length of the vectors
   * @param share in [0, 1], of the events inside
   * @param window number of projections that the quantile is taken of
   */
  FeatureRegion(Random random, int features, double share, int window) {
    this.share = share;
    arrived = new double[window];
    sorted = new double[window];
    direction = new float[features];
    for (int i = 0; i < features; i++) {
      direction[i] = (float) random.nextGaussian();
    }
  }

  /** Whether the event is inside, judged by the events before; then counts it. */
  boolean contains(float[] standardised) {
    double projection = 0;
    for (int i = 0; i < direction.length; i++) {
      projection += direction[i] * Math.max(-10, Math.min(10, standardised[i]));
    }
    int size = (int) Math.min(seen, arrived.length);
    double below = rank(projection, size) + 0.5;
    add(projection, size);
    return below > (1 - share) * (size + 1);
  }

  private void add(double projection, int size) {
    int slot = (int) (seen++ % arrived.length);
    if (size == arrived.length) {
      int leaving = rank(arrived[slot], size);
      System.arraycopy(sorted, leaving + 1, sorted, leaving, --size - leaving);
    }
    int at = rank(projection, size);
    System.arraycopy(sorted, at, sorted, at + 1, size - at);
    sorted[at] = projection;
    arrived[slot] = projection;
  }

  /** An index before which nothing is greater and from which nothing is smaller. */
  private int rank(double value, int size) {
    int found = Arrays.binarySearch(sorted, 0, size, value);
    return found >= 0 ? found : -found - 1;
  }
}
