package io.counterweight.embedded;

/** Running mean and variance of each feature (Welford 1962); a missing value counts for nothing. */
final class RunningMoments {
  private final long[] count;
  private final double[] mean;
  private final double[] squares;

  RunningMoments(int features) {
    count = new long[features];
    mean = new double[features];
    squares = new double[features];
  }

  void add(float[] features) {
    for (int i = 0; i < features.length; i++) {
      if (!Float.isNaN(features[i])) {
        double delta = features[i] - mean[i];
        mean[i] += delta / ++count[i];
        squares[i] += delta * (features[i] - mean[i]);
      }
    }
  }

  /** Writes the standardised features to {@code result}; missing or constant ones become 0. */
  void standardise(float[] features, float[] result) {
    for (int i = 0; i < features.length; i++) {
      boolean known = !Float.isNaN(features[i]) && squares[i] > 0;
      result[i] = known ? (float) ((features[i] - mean[i]) / Math.sqrt(squares[i] / count[i])) : 0;
    }
  }
}
