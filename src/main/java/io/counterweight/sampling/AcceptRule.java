package io.counterweight.sampling;

import java.util.ArrayList;
import java.util.List;

/**
 * The upper level of MUBO: a micro-sample of majority events is accepted if the majority part of
 * the mean loss, J(S) = (1/|S|) Σ over the majority events of S of their loss, does not rise. What
 * "rise" is measured against is the rule. Both the batch command and the streaming lane decide by
 * it.
 */
public interface AcceptRule {

  /** What the first loss is compared with (paper, algorithm 1). */
  double STARTING_LOSS = 10;

  /** Whether a majority loss is low enough; changes nothing. A loss that is no number never is. */
  boolean accepts(double majorityLoss);

  /** Told of the loss of a micro-sample that was accepted. */
  void accepted(double majorityLoss);

  /** What the next loss is compared with. */
  double bound();

  /**
   * Not above the last accepted loss (paper, algorithm 1).
   *
   * @param start what the first one is compared with, {@link #STARTING_LOSS} in the paper
   */
  static AcceptRule lastAccepted(double start) {
    return new AcceptRule() {
      private double last = start;

      @Override
      public boolean accepts(double majorityLoss) {
        return majorityLoss <= last;
      }

      @Override
      public void accepted(double majorityLoss) {
        last = majorityLoss;
      }

      @Override
      public double bound() {
        return last;
      }
    };
  }

  /**
   * As the published code does: below γ, which is 10 at first; then, until ten were accepted, the
   * larger of the mean of the last half and the mean of all accepted losses; then the larger of the
   * mean of the last five and the mean of all. The bound can rise again.
   */
  static AcceptRule publishedCode() {
    return new AcceptRule() {
      private final List<Double> losses = new ArrayList<>();

      @Override
      public boolean accepts(double majorityLoss) {
        return majorityLoss < bound();
      }

      @Override
      public void accepted(double majorityLoss) {
        losses.add(majorityLoss);
      }

      @Override
      public double bound() {
        int n = losses.size();
        if (n == 0) {
          return STARTING_LOSS;
        }
        int newest = n < 10 ? (n + 1) / 2 : 5;
        return Math.max(mean(losses.subList(n - newest, n)), mean(losses));
      }
    };
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
  }
}
