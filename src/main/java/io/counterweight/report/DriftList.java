package io.counterweight.report;

import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongFunction;

/** The newest changes of drift states. Not thread-safe. */
public final class DriftList {
  private static final Comparator<DriftEvent> BY_TIME =
      Comparator.comparingLong(DriftEvent::eventTime)
          .thenComparing(DriftEvent::modelKey)
          .thenComparingLong(DriftEvent::modelVersion)
          .thenComparing(DriftEvent::state)
          .thenComparing(DriftEvent::kind)
          .thenComparing(DriftEvent::signal)
          .thenComparingDouble(DriftEvent::statistic);

  private final int most;
  private final TreeSet<DriftEvent> events = new TreeSet<>(BY_TIME);
  private long changes;
  private long drifts;

  /**
   * None yet.
   *
   * @param most that are kept, at least 1
   */
  public DriftList(int most) {
    this.most = most;
  }

  static boolean isDrift(DriftEvent event) {
    return event.state() == DriftState.DRIFT;
  }

  /** Takes one change; one that came before is kept once. */
  public void drifted(DriftEvent event) {
    if (events.add(event)) {
      changes++;
      drifts += isDrift(event) ? 1 : 0;
    }
    if (events.size() > most) {
      events.pollFirst();
    }
  }

  /** The section {@code driftTotals}: also of changes that are not kept. */
  public Map<String, Object> totals() {
    return Map.of("changes", changes, "drifts", drifts);
  }

  /**
   * The section {@code drift}, in the order of event time.
   *
   * @param index event time to index of the event in the stream, or to null
   */
  public List<Map<String, Object>> values(LongFunction<Integer> index) {
    List<Map<String, Object>> values = new ArrayList<>();
    for (DriftEvent event : events) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("index", index.apply(event.eventTime()));
      one.put("modelKey", event.modelKey());
      one.put("eventTime", event.eventTime());
      one.put("onset", event.onset());
      one.put("state", event.state().name());
      one.put("kind", event.kind().name());
      one.put("signal", event.signal());
      one.put("detector", event.detector());
      one.put("statistic", Numbers.rounded(event.statistic()));
      one.put("threshold", Numbers.rounded(event.threshold()));
      one.put("affected", event.affected());
      values.add(one);
    }
    return values;
  }
}
