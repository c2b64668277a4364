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
  CLASS
}
