package io.counterweight.operator;

import io.counterweight.learner.LearnReport;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** What the {@code MUBO} lane of a name does, in the lane's group. */
final class MuboMetrics {
  private final Counter accepted;
  private final Counter rejected;
  private volatile int minorityRows;
  private volatile int majorityRows;

  MuboMetrics(MetricGroup lane) {
    accepted = lane.counter("acceptedMicroSamples");
    rejected = lane.counter("rejectedMicroSamples");
    lane.gauge("minorityRows", () -> minorityRows);
    lane.gauge("majorityRows", () -> majorityRows);
  }

  void decided(LearnReport.Mubo report) {
    (report.accepted() ? accepted : rejected).inc();
    minorityRows = report.minorityRows();
    majorityRows = report.majorityRows();
  }
}
