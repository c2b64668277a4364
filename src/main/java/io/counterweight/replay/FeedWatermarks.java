package io.counterweight.replay;

import io.counterweight.serde.Decoded;
import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.eventtime.TimestampAssignerSupplier;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;

/**
 * Watermarks of a source in the order of event time. One every few records instead of one every few
 * hundred milliseconds: what waits for the watermark stays small, and so does the time that it
 * takes to put it in order.
 */
record FeedWatermarks() implements WatermarkStrategy<Decoded> {
  private static final long serialVersionUID = 1L;
  private static final int RECORDS = 128;

  @Override
  public WatermarkGenerator<Decoded> createWatermarkGenerator(
      WatermarkGeneratorSupplier.Context context) {
    return new EveryFewRecords();
  }

  @Override
  public TimestampAssigner<Decoded> createTimestampAssigner(
      TimestampAssignerSupplier.Context context) {
    return (decoded, none) ->
        decoded instanceof Decoded.Accepted accepted ? accepted.event().eventTime() : none;
  }

  private static final class EveryFewRecords implements WatermarkGenerator<Decoded> {
    private int records;

    @Override
    public void onEvent(Decoded decoded, long timestamp, WatermarkOutput output) {
      if (++records % RECORDS == 0) {
        // Others may follow with the same time stamp.
        output.emitWatermark(new Watermark(timestamp - 1));
      }
    }

    /** The end of the feed brings the last watermark. */
    @Override
    public void onPeriodicEmit(WatermarkOutput output) {}
  }
}
