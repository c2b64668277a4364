package io.counterweight.serde;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.RejectedRecord.Reason;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
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

  private transient Counter read;
  private transient Counter rejected;
  private transient Map<Reason, Counter> rejectedFor;
  private transient RejectRatio ratio;

  @Override
  public void open(OpenContext context) {
    MetricGroup metrics = getRuntimeContext().getMetricGroup();
    read = metrics.counter("recordsRead");
    rejected = metrics.counter("recordsRejected");
    rejectedFor = new EnumMap<>(Reason.class);
    for (Reason reason : Reason.values()) {
      String name = reason.name().toLowerCase(Locale.ROOT);
      rejectedFor.put(reason, metrics.addGroup("reason", name).counter("recordsRejectedFor"));
    }
    ratio = new RejectRatio();
    metrics.<Double, Gauge<Double>>gauge("rejectRatio", ratio::value);
  }

  @Override
  public void processElement(Decoded decoded, Context context, Collector<Event> out) {
    read.inc();
    ratio.record(decoded instanceof Decoded.Rejected);
    if (decoded instanceof Decoded.Accepted accepted) {
      out.collect(accepted.event());
      return;
    }
    RejectedRecord reject = ((Decoded.Rejected) decoded).reject();
    rejected.inc();
    rejectedFor.get(reject.reason()).inc();
    context.output(REJECTS, reject);
  }

  @Override
  public TypeInformation<Event> getProducedType() {
    return RecordType.EVENT.typeInfo();
  }
}
