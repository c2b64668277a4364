package io.counterweight.operator;

import java.util.function.IntSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;

/**
 * The scorer's metrics, in the group {@code scorer}. {@code decisionMicros} is the time that a
 * prediction takes; {@code eventAgeMillis} is how old the event was then by the wall clock, which
 * says something where events are dated by it.
 */
final class ScorerMetrics {
  private final Counter predictions;
  private final Counter withoutModel;
  private final Counter refusedEvents;
  private final Counter beyondKeyLimit;
  private final Counter swapped;
  private final Histogram decisionMicros;
  private final Histogram eventAgeMillis;

  ScorerMetrics(MetricGroup operator, IntSupplier waiting, IntSupplier keys, ModelCache cache) {
    MetricGroup group = operator.addGroup("scorer");
    predictions = group.counter("predictions");
    withoutModel = group.counter("withoutModel");
    refusedEvents = group.counter("refusedEvents");
    beyondKeyLimit = group.counter("modelsBeyondKeyLimit");
    swapped = group.counter("modelsSwapped");
    decisionMicros = group.histogram("decisionMicros", new RecentHistogram());
    eventAgeMillis = group.histogram("eventAgeMillis", new RecentHistogram());
    group.gauge("waitingEvents", (Gauge<Integer>) waiting::getAsInt);
    group.gauge("keys", (Gauge<Integer>) keys::getAsInt);
    group.gauge("cacheBytes", (Gauge<Long>) cache::bytes);
    group.gauge("cacheHits", (Gauge<Long>) cache::hits);
    group.gauge("cacheMisses", (Gauge<Long>) cache::misses);
  }

  void scored(long micros, long ageMillis) {
    predictions.inc();
    decisionMicros.update(micros);
    eventAgeMillis.update(ageMillis);
  }

  void withoutModel() {
    withoutModel.inc();
  }

  /** An event whose key can have no model. */
  void refusedEvent() {
    refusedEvents.inc();
  }

  /** A model of a further key. */
  void beyondKeyLimit() {
    beyondKeyLimit.inc();
  }

  void swapped() {
    swapped.inc();
  }
}
