package io.counterweight.operator;

import io.counterweight.event.Event;
import java.io.Serializable;
import java.util.Set;

/**
 * How transactions meet their labels.
 *
 * @param horizon milliseconds after a transaction at which it counts as unlabelled, positive
 * @param retention milliseconds for which a transaction, or a label without one, is remembered; at
 *     least the horizon
 * @param unlabelled what becomes of a transaction without a label at the horizon
 * @param trustedSources sources whose labels are trusted
 */
public record LabelJoinOptions(
    long horizon, long retention, Unlabelled unlabelled, Set<String> trustedSources)
    implements Serializable {

  /** Source of labels that nobody gave, with {@link Unlabelled#NEGATIVE}. */
  public static final String ASSUMED = "assumed";

  /** The same with {@link Unlabelled#NEGATIVE_WEAK}. */
  public static final String ASSUMED_WEAK = Event.WEAK_SOURCE;

  public LabelJoinOptions {
    trustedSources = Set.copyOf(trustedSources);
    if (horizon < 1 || retention < horizon) {
      throw new IllegalArgumentException(
          "horizon is "
              + horizon
              + " ms and retention "
              + retention
              + " ms, expected positive and at least the horizon");
    }
    for (String source : trustedSources) {
      if (Unlabelled.isAssumed(source)) {
        throw new IllegalArgumentException(source + " cannot be a trusted source");
      }
    }
  }
}
