package io.counterweight.operator;

import java.util.function.IntSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * The scorer's metrics, in the group {@code scorer}. {@code decisionMicros} is the time that a
 * prediction takes; {@code eventAgeMillis} is how old the event was then by the wall clock, which
 * says something where events are dated by it.
 */
final class ScorerMetrics {
  private static final int WINDOW = 10_000;

  private final Counter predictions;
  private final Counter withoutModel;
  private final Counter swapped;
  private final Counter held;
  private final Counter outdated;
  private final Counter refused;
  private final Histogram decisionMicros;
  private final Histogram eventAgeMillis;

  ScorerMetrics(MetricGroup operator, IntSupplier waiting) {
    MetricGroup group = operator.addGroup("scorer");
    predictions = group.counter("predictions");
    withoutModel = group.counter("withoutModel");
    swapped = group.counter("modelsSwapped");
    held = group.counter("modelsHeld");
    outdated = group.counter("modelsOutdated");
    refused = group.counter("modelsRefused");
    decisionMicros = group.histogram("decisionMicros", new DescriptiveStatisticsHistogram(WINDOW));
    eventAgeMillis = group.histogram("eventAgeMillis", new DescriptiveStatisticsHistogram(WINDOW));
    group.gauge("waitingEvents", (Gauge<Integer>) waiting::getAsInt);
  }

  void scored(long micros, long ageMillis) {
    predictions.inc();
    decisionMicros.update(micros);
    eventAgeMillis.update(ageMillis);
  }

  void withoutModel() {
    withoutModel.inc();
  }

  void swapped() {
    swapped.inc();
  }

  void held() {
    held.inc();
  }

  /** Not newer than the running one. */
  void outdated() {
    outdated.inc();
  }

  /** Of other settings, or unreadable. */
  void refused() {
    refused.inc();
  }
}
