package io.counterweight.operator;

import io.counterweight.event.Event;
import io.counterweight.serde.RecordType;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Brings transactions and their labels together by event id. A transaction goes on at once, without
 * a label, to be predicted; when its label comes it goes on once more, labelled, to be learned
 * from, dated at the label's time. Labels of trusted sources leave by {@link #TRUSTED}. A label
 * that corrects an earlier one goes on again with the attribute {@link #CORRECTION}.
 *
 * <p>A transaction or a label that was there before is dropped and counted; so is a label that is
 * older than the one that is known, unless that was only assumed. Labels may come first. What is
 * remembered is cleared by event-time timers.
 */
public final class LabelJoin extends KeyedCoProcessFunction<String, Event, Event, Event> {
  private static final long serialVersionUID = 1L;

  /** Attribute of a labelled event that corrects an earlier one; its value is "true". */
  public static final String CORRECTION = "correction";

  /** Events with trusted labels. */
  public static final OutputTag<Event> TRUSTED =
      new OutputTag<>("joined-trusted", RecordType.EVENT.typeInfo());

  private static final int NEGATIVE = 0;

  private final LabelJoinOptions options;

  private transient ValueState<Event> transaction;

  /** Newest label of an ordinary source; the transaction's own where it came with one. */
  private transient ValueState<Event> ordinary;

  private transient ValueState<Event> trusted;
  private transient LabelJoinMetrics metrics;

  public LabelJoin(LabelJoinOptions options) {
    this.options = options;
  }

  @Override
  public void open(OpenContext context) {
    transaction = state("transaction");
    ordinary = state("ordinary-label");
    trusted = state("trusted-label");
    metrics = new LabelJoinMetrics(getRuntimeContext().getMetricGroup());
  }

  private ValueState<Event> state(String name) {
    return getRuntimeContext()
        .getState(new ValueStateDescriptor<>(name, RecordType.EVENT.typeInfo()));
  }

  /** A transaction; if it carries a label, that is its first ordinary one. */
  @Override
  public void processElement1(Event event, Context context, Collector<Event> out) throws Exception {
    metrics.transaction();
    if (transaction.value() != null) {
      metrics.duplicateTransaction();
      return;
    }
    Event unlabelled = relabelled(event, event.eventTime(), Event.NO_LABEL, null, false);
    transaction.update(unlabelled);
    out.collect(unlabelled);
    if (options.unlabelled() != Unlabelled.DROP) {
      wakeAt(event.eventTime() + options.horizon(), context);
    }
    wakeAt(event.eventTime() + options.retention(), context);
    if (event.isLabelled() && ordinary.value() == null) {
      ordinary.update(event);
    }
    if (ordinary.value() != null) {
      out.collect(joined(unlabelled, ordinary.value(), false, context));
    }
    if (trusted.value() != null) {
      context.output(TRUSTED, joined(unlabelled, trusted.value(), false, context));
    }
  }

  /** A label: an event without features, at the time at which it became known. */
  @Override
  public void processElement2(Event label, Context context, Collector<Event> out) throws Exception {
    metrics.label();
    boolean isTrusted =
        label.labelSource() != null && options.trustedSources().contains(label.labelSource());
    ValueState<Event> known = isTrusted ? trusted : ordinary;
    Event before = known.value();
    if (before != null
        && !Unlabelled.isAssumed(before.labelSource())
        && label.eventTime() < before.eventTime()) {
      metrics.duplicateLabel();
      return;
    }
    known.update(label);
    Event event = transaction.value();
    if (event == null) {
      context.timerService().registerEventTimeTimer(label.eventTime() + options.retention());
    }
    if (before != null && before.label() == label.label()) {
      metrics.duplicateLabel();
      return;
    }
    if (event == null) {
      return;
    }
    boolean correction = before != null;
    if (correction) {
      metrics.correction();
    }
    Event joined = joined(event, label, correction, context);
    if (isTrusted) {
      context.output(TRUSTED, joined);
    } else {
      out.collect(joined);
    }
  }

  /** Never behind the watermark, so that what a timer lets out is not late at the timer's time. */
  private static void wakeAt(long time, Context context) {
    long watermark = context.timerService().currentWatermark();
    context.timerService().registerEventTimeTimer(Math.max(time, watermark + 1));
  }

  @Override
  public void onTimer(long time, OnTimerContext context, Collector<Event> out) throws Exception {
    Event event = transaction.value();
    boolean labelled = ordinary.value() != null || trusted.value() != null;
    if (event == null) {
      if (labelled && time >= newestLabel() + options.retention()) {
        metrics.orphan();
        clear();
      }
      return;
    }
    boolean assumes = options.unlabelled() != Unlabelled.DROP;
    if (!labelled && assumes && time >= event.eventTime() + options.horizon()) {
      String source =
          options.unlabelled() == Unlabelled.NEGATIVE
              ? LabelJoinOptions.ASSUMED
              : LabelJoinOptions.ASSUMED_WEAK;
      // Dated by the timer and not by the watermark, which depends on when it was emitted: the
      // next operators are told of the watermark only after its timers.
      Event assumed = relabelled(event, time, NEGATIVE, source, false);
      ordinary.update(assumed);
      metrics.assumed();
      out.collect(assumed);
    }
    if (time >= event.eventTime() + options.retention()) {
      if (ordinary.value() == null && trusted.value() == null) {
        metrics.unlabelled();
      }
      clear();
    }
  }

  private long newestLabel() throws Exception {
    long newest = Long.MIN_VALUE;
    for (Event label : new Event[] {ordinary.value(), trusted.value()}) {
      newest = label == null ? newest : Math.max(newest, label.eventTime());
    }
    return newest;
  }

  private void clear() {
    transaction.clear();
    ordinary.clear();
    trusted.clear();
  }

  /**
   * At the label's time, after the transaction's. One that comes behind the watermark is dated just
   * before it, or the learner would take it for late.
   */
  private static Event joined(Event event, Event label, boolean correction, Context context) {
    long watermark = context.timerService().currentWatermark();
    long time = Math.max(event.eventTime() + 1, label.eventTime());
    if (watermark < Long.MAX_VALUE) {
      time = Math.max(time, watermark + 1);
    }
    return relabelled(event, time, label.label(), label.labelSource(), correction);
  }

  private static Event relabelled(
      Event event, long time, int label, String source, boolean correction) {
    Map<String, String> attributes = event.attributes();
    if (correction) {
      attributes = new HashMap<>(attributes);
      attributes.put(CORRECTION, "true");
    }
    return new Event(
        event.eventId(), event.modelKey(), time, event.features(), label, source, attributes);
  }
}
