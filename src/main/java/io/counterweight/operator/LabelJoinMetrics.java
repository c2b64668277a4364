package io.counterweight.operator;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Counters of the join, in the group {@code join}. */
final class LabelJoinMetrics {
  private final Counter transactions;
  private final Counter labels;
  private final Counter duplicateTransactions;
  private final Counter duplicateLabels;
  private final Counter corrections;
  private final Counter assumed;
  private final Counter orphanLabels;
  private final Counter unlabelled;

  LabelJoinMetrics(MetricGroup operator) {
    MetricGroup group = operator.addGroup("join");
    transactions = group.counter("transactions");
    labels = group.counter("labels");
    duplicateTransactions = group.counter("duplicateTransactions");
    duplicateLabels = group.counter("duplicateLabels");
    corrections = group.counter("corrections");
    assumed = group.counter("assumedLabels");
    orphanLabels = group.counter("orphanLabels");
    unlabelled = group.counter("unlabelled");
  }

  void transaction() {
    transactions.inc();
  }

  void label() {
    labels.inc();
  }

  void duplicateTransaction() {
    duplicateTransactions.inc();
  }

  void duplicateLabel() {
    duplicateLabels.inc();
  }

  void correction() {
    corrections.inc();
  }

  void assumed() {
    assumed.inc();
  }

  /** A label whose transaction never came. */
  void orphan() {
    orphanLabels.inc();
  }

  /** A transaction whose label never came. */
  void unlabelled() {
    unlabelled.inc();
  }
}
