package io.counterweight.learner;

import io.counterweight.compute.LabelTargets;
import io.counterweight.learner.LaneSettings.Balance;
import io.counterweight.learner.LaneSettings.Policy;
import java.util.List;

/** What labelled events teach a lane, by its policy and balance. */
final class LaneTargets {
  /** A class that is rarer counts no more than this many times. */
  private static final double LARGEST_BALANCE = 50;

  /** Events of a frequent class that are kept for each one of the rarest. */
  private static final double KEPT_PER_RARE = 3;

  private final int classes;
  private final TrueLabels truth;

  /**
   * Targets.
   *
   * @param truth for the oracle; may be null without one
   */
  LaneTargets(int classes, TrueLabels truth) {
    this.classes = classes;
    this.truth = truth;
  }

  /**
   * The targets, and how far each label counted.
   *
   * @param weights receives the mass that each event's label had before balance, in [0, 1] but for
   *     {@code ALIGNMENT}, {@code [n]}
   * @param alignments of {@code ALIGNMENT} {@code [n]}; null where nothing steers
   */
  LabelTargets of(
      LaneSettings lane,
      BeliefState belief,
      List<PendingEvent> events,
      float[] alignments,
      float[] weights) {
    int n = events.size();
    float[] masses = new float[classes * n];
    double[] shares = lane.policy() == Policy.POSTERIOR ? belief.trueShares : belief.observedShares;
    double mean = alignments == null ? 1 : positiveMean(alignments);
    for (int e = 0; e < n; e++) {
      PendingEvent event = events.get(e);
      int label = event.label();
      float[] q = lane.conceptErrors() ? event.conceptBelief() : event.belief();
      weights[e] =
          switch (lane.policy()) {
            case UNIFORM, BILEVEL -> 1;
            case MUBO -> throw new IllegalArgumentException("A MUBO lane draws its own batch");
            case POSTERIOR -> q[label];
            case ALIGNMENT -> alignments == null ? 1 : (float) (Math.max(0, alignments[e]) / mean);
            case TRUSTED -> 0;
            case UNDERSAMPLED -> isKept(event, shares) ? 1 : 0;
            case ORACLE -> truth.of(event.eventId()) == label ? 1 : 0;
          };
      if (lane.policy() == Policy.POSTERIOR && lane.soft()) {
        for (int k = 0; k < classes; k++) {
          masses[k * n + e] = q[k] * event.weight();
        }
      } else {
        masses[label * n + e] = weights[e] * event.weight();
      }
    }
    return balanced(lane, shares, masses, n);
  }

  private static double positiveMean(float[] alignments) {
    double sum = 0;
    for (float s : alignments) {
      sum += Math.max(0, s);
    }
    return Math.max(sum / alignments.length, 1e-12);
  }

  private LabelTargets balanced(LaneSettings lane, double[] shares, float[] masses, int n) {
    float[] logPriors = new float[classes];
    double[] taught = lane.policy() == Policy.UNDERSAMPLED ? keptShares(shares) : shares;
    if (lane.balance() == Balance.LOGIT) {
      for (int k = 0; k < classes; k++) {
        logPriors[k] = (float) Math.log(taught[k]);
      }
    } else if (lane.balance() == Balance.WEIGHT) {
      for (int k = 0; k < classes; k++) {
        float factor = (float) Math.min(LARGEST_BALANCE, 1 / (classes * taught[k]));
        for (int e = 0; e < n; e++) {
          masses[k * n + e] *= factor;
        }
      }
    }
    return new LabelTargets(masses, logPriors);
  }

  /** Drawn by the event's id, so that no other lane's random numbers depend on it. */
  private boolean isKept(PendingEvent event, double[] shares) {
    long hash = event.eventId().hashCode() * 0x9e3779b97f4a7c15L;
    double draw = (hash >>> 11) * 0x1.0p-53;
    return draw < kept(shares, event.label());
  }

  private static double kept(double[] shares, int label) {
    double rarest = 1;
    for (double share : shares) {
      rarest = Math.min(rarest, share);
    }
    return Math.min(1, KEPT_PER_RARE * rarest / shares[label]);
  }

  private static double[] keptShares(double[] shares) {
    double[] kept = new double[shares.length];
    double sum = 0;
    for (int k = 0; k < kept.length; k++) {
      kept[k] = shares[k] * kept(shares, k);
      sum += kept[k];
    }
    for (int k = 0; k < kept.length; k++) {
      kept[k] /= sum;
    }
    return kept;
  }
}
