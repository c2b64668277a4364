package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.InstantiationUtil;
import org.apache.flink.util.clock.ManualClock;
import org.apache.flink.util.clock.RelativeClock;
import org.junit.jupiter.api.Test;

class EventTimeWatermarksTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ManualClock clock = new ManualClock();
  private final RecordedOutput output = new RecordedOutput();

  @Test
  void timeIsTheEventsOwnAndTheBrokersForARejectOnly() {
    EventTimeWatermarks watermarks = new EventTimeWatermarks(SECOND, null);

    var assigner = watermarks.createTimestampAssigner(UnregisteredMetricsGroup::new);

    assertThat(assigner.extractTimestamp(accepted(5000), 77)).isEqualTo(5000);
    assertThat(assigner.extractTimestamp(rejected(), 77)).isEqualTo(77);
  }

  @Test
  void watermarksTrailTheYoungestEventAndRejectsDoNotMoveThem() {
    WatermarkGenerator<Decoded> generator = generator(new EventTimeWatermarks(SECOND, null));

    generator.onEvent(accepted(5000), 5000, output);
    generator.onEvent(accepted(4000), 4000, output);
    generator.onEvent(rejected(), 9_000_000, output);
    generator.onPeriodicEmit(output);

    assertThat(output.watermarks).containsExactly(3999L);
  }

  @Test
  void aPartitionOfRejectsBecomesIdleAndAnEventWakesIt() {
    WatermarkGenerator<Decoded> generator = generator(new EventTimeWatermarks(SECOND, SECOND));

    generator.onEvent(accepted(5000), 5000, output);
    for (int i = 0; i < 5; i++) {
      clock.advanceTime(Duration.ofMillis(700));
      generator.onEvent(rejected(), 1, output);
      generator.onPeriodicEmit(output);
    }
    boolean idleAfterRejects = output.idle;
    generator.onEvent(accepted(8000), 8000, output);
    generator.onPeriodicEmit(output);

    assertThat(idleAfterRejects).isTrue();
    assertThat(output.idle).isFalse();
    assertThat(output.watermarks).endsWith(6999L);
  }

  @Test
  void survivesSerializationAndRefusesNonsense() throws Exception {
    EventTimeWatermarks watermarks = new EventTimeWatermarks(SECOND, SECOND);

    assertThat(InstantiationUtil.clone(watermarks)).isEqualTo(watermarks);
    assertThatThrownBy(() -> new EventTimeWatermarks(SECOND.negated(), null))
        .hasMessageContaining("maxOutOfOrderness is PT-1S");
    assertThatThrownBy(() -> new EventTimeWatermarks(SECOND, Duration.ZERO))
        .hasMessageContaining("idleness is PT0S");
  }

  private WatermarkGenerator<Decoded> generator(EventTimeWatermarks watermarks) {
    return watermarks.createWatermarkGenerator(
        new WatermarkGeneratorSupplier.Context() {
          @Override
          public MetricGroup getMetricGroup() {
            return new UnregisteredMetricsGroup();
          }

          @Override
          public RelativeClock getInputActivityClock() {
            return clock;
          }
        });
  }

  private static Decoded accepted(long time) {
    return new Decoded.Accepted(new Event("e", "k", time, new float[1], 0, null, Map.of()));
  }

  private static Decoded rejected() {
    return new Decoded.Rejected(
        new RejectedRecord(
            "t", 0, 0, null, new byte[0], RejectedRecord.Reason.MALFORMED, "m", 9_000_000));
  }

  private static final class RecordedOutput implements WatermarkOutput {
    final List<Long> watermarks = new ArrayList<>();
    boolean idle;

    @Override
    public void emitWatermark(Watermark watermark) {
      watermarks.add(watermark.getTimestamp());
      idle = false;
    }

    @Override
    public void markIdle() {
      idle = true;
    }

    @Override
    public void markActive() {
      idle = false;
    }
  }
}
