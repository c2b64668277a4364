package io.counterweight.learner;

import io.counterweight.compute.StepSettings;
import java.io.Serializable;

/**
 * One lane: a complete model with its own policy, trained beside the others on the same events.
 *
 * @param name shown in metrics and outputs; letters, digits and hyphens
 * @param policy how it weighs labelled events
 * @param balance what it does about classes of different frequency
 * @param soft whether {@code POSTERIOR} trains on the belief itself; otherwise on the label,
 *     weighed by the belief in it (SPEC 4.4)
 * @param conceptErrors whether its belief is the one whose errors depend on the concepts
 * @param normalisationMomentum weight of the newest mini-batch in its encoders' running statistics,
 *     in (0, 1]
 * @param start number of its random start; lanes with the same number begin with the same
 *     parameters
 * @param share its share in the mixture before any trusted event, relative to the others', positive
 * @param step how it trains
 */
public record LaneSettings(
    String name,
    Policy policy,
    Balance balance,
    boolean soft,
    boolean conceptErrors,
    float normalisationMomentum,
    int start,
    float share,
    StepSettings step)
    implements Serializable {

  /** How a lane weighs labelled events. */
  public enum Policy {
    /** Every label alike: the control. */
    UNIFORM,
    /** By the probability that the label is right, from flip rates (SPEC 4.4). */
    POSTERIOR,
    /** By a MetaWeightNet, which trusted events teach (SPEC 4.3). */
    BILEVEL,
    /** By max(0, s): how much the event's gradient helps on trusted events (Ren et al. 2018). */
    ALIGNMENT,
    /** Not at all: only trusted events teach. A control. */
    TRUSTED,
    /** Frequent classes are thinned out. A control. */
    UNDERSAMPLED,
    /**
     * By accepting or rejecting the mini-batch's events of the frequent class as a whole (SPEC 6;
     * Medlin et al. 2024). Two classes only.
     */
    MUBO,
    /** Wrong labels count 0. Knows the truth, so for evaluation only. */
    ORACLE
  }

  /** What is done about classes of different frequency. */
  public enum Balance {
    /** Their shares are added to the logits in training (Menon et al. 2021). */
    LOGIT,
    /** Each event counts by the inverse share of its class. */
    WEIGHT,
    /** Nothing. */
    NONE
  }

  public LaneSettings {
    if (!name.matches("[a-z][a-z0-9-]{0,31}")) {
      throw new IllegalArgumentException(
          "Lane name is '" + name + "', expected 1 to 32 lower-case letters, digits and hyphens");
    }
    if (!(normalisationMomentum > 0 && normalisationMomentum <= 1 && share > 0)) {
      throw new IllegalArgumentException(
          "Lane "
              + name
              + " has momentum "
              + normalisationMomentum
              + " and share "
              + share
              + ", expected one in (0, 1] and a positive one");
    }
    if (step.steering() != (policy == Policy.BILEVEL)) {
      throw new IllegalArgumentException(
          "Lane " + name + " has policy " + policy + ", and steering is " + step.steering());
    }
  }

  /** Whether its step is the plain one, on labels as they are. */
  boolean isPlain() {
    return policy == Policy.UNIFORM && balance == Balance.NONE;
  }
}
