package io.counterweight.learner;

/**
 * Online standardisation of raw inputs (SPEC 4.1): by the statistics before the event, clipped,
 * missing values at the mean. The statistics follow Welford (1962) until {@code horizon} values
 * were seen, then forget exponentially with that horizon. A feature's first value, which has
 * nothing to compare with, becomes 0.
 *
 * @param horizon values that the statistics remember, at least 2
 * @param clip standard deviations at which a value is clipped, positive
 */
public record Standardizer(int horizon, float clip) {

  /** Standard deviations that one value can count as; heavy tails need most of them. */
  private static final double FARTHEST = 100;

  /** Values after which the spread of a feature counts as known. */
  private static final int KNOWN_AFTER = 100;

  /**
   * What standardising an event met.
   *
   * @param missing features without a value
   * @param clipped features beyond the clip
   */
  public record Quality(int missing, int clipped) {}

  /**
   * Standardises without changing the state.
   *
   * @param raw {@code [features]}, NaN where missing
   * @param inputs receives {@code [features]} in [−clip, clip]
   */
  public Quality standardise(StandardizerState state, float[] raw, float[] inputs) {
    int missing = 0;
    int clipped = 0;
    for (int f = 0; f < raw.length; f++) {
      if (Float.isNaN(raw[f])) {
        inputs[f] = 0;
        missing++;
      } else if (state.count[f] < 2) {
        inputs[f] = 0;
      } else {
        double value = (raw[f] - state.mean[f]) / state.deviation(f);
        if (Math.abs(value) > clip) {
          clipped++;
          value = Math.copySign(clip, value);
        }
        inputs[f] = (float) value;
      }
    }
    return new Quality(missing, clipped);
  }

  /**
   * Distance from the mean, bounded once the spread is known: one absurd value must not blind a
   * feature for many horizons. Far beyond the clip, because heavy-tailed features live on their
   * tails.
   */
  private double bounded(StandardizerState state, int f, double distance) {
    if (state.count[f] < KNOWN_AFTER) {
      return distance;
    }
    double bound = FARTHEST * state.deviation(f);
    return Math.max(-bound, Math.min(bound, distance));
  }

  /** After a drift of the inputs: the statistics forget as if few values had been seen. */
  void hasten(StandardizerState state) {
    for (int f = 0; f < state.count.length; f++) {
      state.count[f] = Math.min(state.count[f], 2.0 * KNOWN_AFTER);
    }
  }

  /** Folds an event into the state. */
  void update(StandardizerState state, float[] raw) {
    for (int f = 0; f < raw.length; f++) {
      if (!Float.isNaN(raw[f])) {
        double n = Math.min(state.count[f] + 1, horizon);
        double before = bounded(state, f, raw[f] - state.mean[f]);
        state.count[f] = n;
        state.mean[f] += before / n;
        double product = before * (before - before / n);
        state.variance[f] += (product - state.variance[f]) / n;
      }
    }
  }
}
