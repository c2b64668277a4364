package io.counterweight.learner;

/**
 * Running statistics of the raw inputs, per feature: value count (bounded by the horizon), mean,
 * variance.
 */
public final class StandardizerState {
  private static final double VARIANCE_FLOOR = 1e-8;

  public final double[] count;
  public final double[] mean;
  public final double[] variance;

  public StandardizerState(int features) {
    this(new double[features], new double[features], new double[features]);
  }

  /** Takes ownership of the arrays. */
  public StandardizerState(double[] count, double[] mean, double[] variance) {
    if (count.length != mean.length || count.length != variance.length) {
      throw new IllegalArgumentException(
          "Standardiser state has "
              + count.length
              + " counts, "
              + mean.length
              + " means and "
              + variance.length
              + " variances");
    }
    this.count = count;
    this.mean = mean;
    this.variance = variance;
  }

  /** What a standardised value of 1 stands for, in the feature's own unit; positive. */
  public double deviation(int feature) {
    return Math.sqrt(variance[feature] + VARIANCE_FLOOR);
  }
}
