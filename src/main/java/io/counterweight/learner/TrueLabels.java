package io.counterweight.learner;

/** The truth, for the {@code ORACLE} policy of an evaluation; a running job has none. */
public interface TrueLabels {
  /** True class of an event. */
  int of(String eventId);
}
