package io.counterweight.sampling;

import java.util.Arrays;

/** Exact nearest neighbours by Euclidean distance, by looking at every row. */
final class NearestNeighbours {
  private final float[][] rows;

  NearestNeighbours(float[][] rows) {
    this.rows = rows;
  }

  /**
   * The nearest rows, nearest first; the same distance in the order of the rows.
   *
   * @param self index of the row that is asked about, if it is one of them and not its own
   *     neighbour; otherwise -1
   * @param k at most so many
   */
  int[] of(float[] row, int self, int k) {
    int most = Math.min(k, rows.length - (self < 0 ? 0 : 1));
    int[] nearest = new int[most];
    double[] distances = new double[most];
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
    int found = 0;
    for (int i = 0; i < rows.length; i++) {
      if (i == self || most == 0) {
        continue;
      }
      double distance = squaredDistance(row, rows[i], distances[most - 1]);
      if (found == most && distance >= distances[most - 1]) {
        continue;
      }
      int at = found < most ? found++ : most - 1;
      while (at > 0 && distances[at - 1] > distance) {
        distances[at] = distances[at - 1];
        nearest[at] = nearest[at - 1];
        at--;
      }
      distances[at] = distance;
      nearest[at] = i;
    }
    return nearest;
  }

  /** Ends early once it is above {@code enough}. */
  private static double squaredDistance(float[] a, float[] b, double enough) {
    double sum = 0;
    for (int f = 0; f < a.length; f++) {
      double d = (double) a[f] - b[f];
      sum += d * d;
      if (sum > enough) {
        return sum;
      }
    }
    return sum;
  }
}
