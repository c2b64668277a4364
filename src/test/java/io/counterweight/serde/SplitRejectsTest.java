package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.RejectedRecord.Reason;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class SplitRejectsTest {

  @Test
  @SuppressWarnings("try") // Closing the harness may be interrupted, says its signature.
  void eventsGoOnAndRejectsLeaveByTheSide() throws Exception {
    Event event = new RecordSamples(1).event();
    RejectedRecord first = reject(Reason.LABEL);
    RejectedRecord second = reject(Reason.MALFORMED);

    try (OneInputStreamOperatorTestHarness<Decoded, Event> harness =
        new OneInputStreamOperatorTestHarness<>(new ProcessOperator<>(new SplitRejects()))) {
      harness.setup(RecordType.EVENT.typeInfo().createSerializer(new SerializerConfigImpl()));
      harness.open();
      harness.processElement(new Decoded.Rejected(first), 2);
      harness.processElement(new Decoded.Accepted(event), event.eventTime());
      harness.processElement(new Decoded.Rejected(second), 3);

      assertThat(harness.extractOutputValues()).containsExactly(event);
      assertThat(harness.getSideOutput(SplitRejects.REJECTS))
          .extracting(StreamRecord::getValue)
          .containsExactly(first, second);
    }
  }

  @Test
  void recordsAreCountedAsReadAndRejectsByReason() {
    RecordedMetrics metrics = new RecordedMetrics("", new HashMap<>());
    RejectMetrics counting = new RejectMetrics(metrics);

    counting.accepted();
    counting.rejected(Reason.LABEL);
    counting.rejected(Reason.MALFORMED);
    counting.rejected(Reason.MALFORMED);

    assertThat(metrics.count("recordsRead")).isEqualTo(4);
    assertThat(metrics.count("recordsRejected")).isEqualTo(3);
    assertThat(metrics.count("reason.malformed.recordsRejectedFor")).isEqualTo(2);
    assertThat(metrics.count("reason.label.recordsRejectedFor")).isEqualTo(1);
    assertThat(metrics.count("reason.late.recordsRejectedFor")).isZero();
    assertThat(metrics.value("rejectRatio")).isEqualTo(0.75);
  }

  @Test
  void theRatioForgetsOldRecords() {
    RecordedMetrics metrics = new RecordedMetrics("", new HashMap<>());
    RejectMetrics counting = new RejectMetrics(metrics);

    for (int i = 0; i < 100_000; i++) {
      counting.accepted();
    }
    double calm = metrics.value("rejectRatio");
    for (int i = 0; i < 5 * RejectMetrics.WINDOW; i++) {
      counting.rejected(Reason.LABEL);
    }

    assertThat(calm).isZero();
    assertThat(metrics.value("rejectRatio")).isBetween(0.99, 1.0);
  }

  @Test
  void producesRecordsOfOurOwnTypes() {
    assertThat(new SplitRejects().getProducedType()).isEqualTo(RecordType.EVENT.typeInfo());
    assertThat(SplitRejects.REJECTS.getTypeInfo()).isEqualTo(RecordType.REJECTED_RECORD.typeInfo());
  }

  private static RejectedRecord reject(Reason reason) {
    return new RejectedRecord("t", 0, 0, null, new byte[0], reason, "m", 0);
  }

  private static final class RecordedMetrics extends UnregisteredMetricsGroup {
    private final String prefix;
    private final Map<String, Metric> metrics;

    RecordedMetrics(String prefix, Map<String, Metric> metrics) {
      this.prefix = prefix;
      this.metrics = metrics;
    }

    @Override
    public Counter counter(String name) {
      Counter counter = super.counter(name);
      metrics.put(prefix + name, counter);
      return counter;
    }

    @Override
    public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
      metrics.put(prefix + name, gauge);
      return gauge;
    }

    @Override
    public MetricGroup addGroup(String key, String value) {
      return new RecordedMetrics(prefix + key + "." + value + ".", metrics);
    }

    long count(String name) {
      return ((Counter) metrics.get(name)).getCount();
    }

    double value(String name) {
      return (Double) ((Gauge<?>) metrics.get(name)).getValue();
    }
  }
}
