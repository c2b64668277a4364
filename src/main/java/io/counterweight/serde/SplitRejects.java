package io.counterweight.serde;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Events go on, rejects leave by {@link #REJECTS}. Metrics: {@code recordsRead}, {@code
 * recordsRejected}, {@code reason.NAME.recordsRejectedFor}, and the gauge {@code rejectRatio} over
 * about the last 1,000 records of the subtask, in [0, 1], to be alarmed on: rejects alone never
 * fail the job.
 */
public final class SplitRejects extends ProcessFunction<Decoded, Event>
    implements ResultTypeQueryable<Event> {
  private static final long serialVersionUID = 1L;

  public static final OutputTag<RejectedRecord> REJECTS =
      new OutputTag<>("rejects", RecordType.REJECTED_RECORD.typeInfo());

  private transient RejectMetrics metrics;

  @Override
  public void open(OpenContext context) {
    metrics = new RejectMetrics(getRuntimeContext().getMetricGroup());
  }

  @Override
  public void processElement(Decoded decoded, Context context, Collector<Event> out) {
    if (decoded instanceof Decoded.Accepted accepted) {
      metrics.accepted();
      out.collect(accepted.event());
    } else {
      RejectedRecord reject = ((Decoded.Rejected) decoded).reject();
      metrics.rejected(reject.reason());
      context.output(REJECTS, reject);
    }
  }

  @Override
  public TypeInformation<Event> getProducedType() {
    return RecordType.EVENT.typeInfo();
  }
}
