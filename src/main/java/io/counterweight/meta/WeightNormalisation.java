package io.counterweight.meta;

/**
 * From raw weights v to the coefficients w of Σ w_i ℓ_i (SPEC 4.2). The same one serves in the
 * look-ahead and in the real step; otherwise the upper level steers something that never happens.
 */
public enum WeightNormalisation {
  /** v / Σv. */
  SUM,
  /** v / n. */
  MEAN,
  /** v · n_y / (n · Σ_y v): mean 1 inside each label, over n. */
  CLASS;

  private static final double SUM_FLOOR = 1e-12;

  /**
   * Normalises.
   *
   * @param n events
   * @param v raw weights {@code [n]}, positive
   * @param labels class indices {@code [n]}; only {@code CLASS} reads them
   * @param w receives the coefficients {@code [n]}
   */
  public void apply(int n, float[] v, float[] labels, float[] w) {
    double[] scales = scales(n, v, labels);
    for (int i = 0; i < n; i++) {
      w[i] = (float) (v[i] * scales[group(labels, i)]);
    }
  }

  /**
   * Gradient by v of Σ_i upstream_i w_i.
   *
   * @param n events
   * @param v raw weights {@code [n]}
   * @param labels class indices {@code [n]}
   * @param upstream {@code [n]}
   * @param gradient receives {@code [n]}
   */
  public void pullBack(int n, float[] v, float[] labels, float[] upstream, float[] gradient) {
    double[] scales = scales(n, v, labels);
    double[] inner = new double[scales.length];
    if (this != MEAN) {
      double[] sums = new double[scales.length];
      for (int i = 0; i < n; i++) {
        inner[group(labels, i)] += (double) upstream[i] * v[i];
        sums[group(labels, i)] += v[i];
      }
      for (int g = 0; g < inner.length; g++) {
        inner[g] /= Math.max(sums[g], SUM_FLOOR);
      }
    }
    for (int i = 0; i < n; i++) {
      int g = group(labels, i);
      gradient[i] = (float) (scales[g] * (upstream[i] - inner[g]));
    }
  }

  /** w_i / v_i for each group of events that is normalised together. */
  private double[] scales(int n, float[] v, float[] labels) {
    int groups = 1;
    for (int i = 0; i < n; i++) {
      groups = Math.max(groups, group(labels, i) + 1);
    }
    double[] sums = new double[groups];
    int[] members = new int[groups];
    for (int i = 0; i < n; i++) {
      sums[group(labels, i)] += v[i];
      members[group(labels, i)]++;
    }
    double[] scales = new double[groups];
    for (int g = 0; g < groups; g++) {
      scales[g] = this == MEAN ? 1.0 / n : (double) members[g] / n / Math.max(sums[g], SUM_FLOOR);
    }
    return scales;
  }

  private int group(float[] labels, int i) {
    return this == CLASS ? (int) labels[i] : 0;
  }
}
