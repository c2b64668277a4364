package io.counterweight.serde;

import io.counterweight.event.RejectedRecord.Reason;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** Counts what was read and what of it was rejected, as {@link SplitRejects} documents it. */
final class RejectMetrics {
  /** Records after which an old one counts for a third of a new one in the ratio. */
  static final int WINDOW = 1000;

  private final Counter read;
  private final Counter rejected;
  private final Map<Reason, Counter> rejectedFor = new EnumMap<>(Reason.class);

  private long records;
  private volatile double ratio; // Read by the thread that reports metrics.

  RejectMetrics(MetricGroup metrics) {
    read = metrics.counter("recordsRead");
    rejected = metrics.counter("recordsRejected");
    for (Reason reason : Reason.values()) {
      String name = reason.name().toLowerCase(Locale.ROOT);
      rejectedFor.put(reason, metrics.addGroup("reason", name).counter("recordsRejectedFor"));
    }
    metrics.<Double, Gauge<Double>>gauge("rejectRatio", () -> ratio);
  }

  void accepted() {
    count(0);
  }

  void rejected(Reason reason) {
    count(1);
    rejected.inc();
    rejectedFor.get(reason).inc();
  }

  /** The ratio is the plain mean at first, later one that forgets exponentially. */
  private void count(int rejects) {
    read.inc();
    records++;
    ratio += (rejects - ratio) / Math.min(records, WINDOW);
  }
}
