package io.counterweight.serde;

import java.time.Duration;
import java.util.Objects;
import org.apache.flink.api.common.eventtime.BoundedOutOfOrdernessWatermarks;
import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.eventtime.TimestampAssignerSupplier;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.eventtime.WatermarksWithIdleness;

/**
 * Watermarks of a source, one generator a partition: bounded out-of-orderness over the events' own
 * time. Rejects neither advance the watermark nor count as activity: a partition that holds nothing
 * but garbage becomes idle instead of holding the job.
 *
 * @param maxOutOfOrderness how much later than a younger one an event may come, at least 0
 * @param idleness after how long without an event a partition stops holding the others, positive;
 *     null: never
 */
public record EventTimeWatermarks(Duration maxOutOfOrderness, Duration idleness)
    implements WatermarkStrategy<Decoded> {
  private static final long serialVersionUID = 1L;

  public EventTimeWatermarks {
    Objects.requireNonNull(maxOutOfOrderness, "maxOutOfOrderness");
    if (maxOutOfOrderness.isNegative()) {
      throw new IllegalArgumentException(
          "maxOutOfOrderness is " + maxOutOfOrderness + ", expected at least 0");
    }
    if (idleness != null && (idleness.isNegative() || idleness.isZero())) {
      throw new IllegalArgumentException(
          "idleness is " + idleness + ", expected a positive duration, or none");
    }
  }

  @Override
  public WatermarkGenerator<Decoded> createWatermarkGenerator(
      WatermarkGeneratorSupplier.Context context) {
    WatermarkGenerator<Decoded> bounded = new BoundedOutOfOrdernessWatermarks<>(maxOutOfOrderness);
    return new AcceptedOnly(
        idleness == null
            ? bounded
            : new WatermarksWithIdleness<>(bounded, idleness, context.getInputActivityClock()));
  }

  /** An event's own time; a reject keeps the broker's, which nothing looks at. */
  @Override
  public TimestampAssigner<Decoded> createTimestampAssigner(
      TimestampAssignerSupplier.Context context) {
    return (decoded, brokerTime) ->
        decoded instanceof Decoded.Accepted accepted ? accepted.event().eventTime() : brokerTime;
  }

  private record AcceptedOnly(WatermarkGenerator<Decoded> generator)
      implements WatermarkGenerator<Decoded> {
    @Override
    public void onEvent(Decoded decoded, long timestamp, WatermarkOutput output) {
      if (decoded instanceof Decoded.Accepted) {
        generator.onEvent(decoded, timestamp, output);
      }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      generator.onPeriodicEmit(output);
    }
  }
}
