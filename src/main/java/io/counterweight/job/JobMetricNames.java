package io.counterweight.job;

/** How Flink's REST interface calls the metrics of the learner. */
public final class JobMetricNames {
  /** Begins those of the operator. */
  public static final String LEARNER_OPERATOR = Uids.LEARNER.name().replace(' ', '_') + ".";

  /** Begins those of {@code operator.LearnerMetrics}. */
  public static final String LEARNER = LEARNER_OPERATOR + "learner.";

  private JobMetricNames() {}
}
