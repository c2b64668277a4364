package io.counterweight.operator;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.codec.StateFormatException;
import io.counterweight.compute.Backends;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.learner.LearnReport;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.serde.RecordType;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@link LearnerOperator} whose new keys begin at the newest model of a parent. Events and
 * trusted events share its keyed input, marked by {@link ParentCopies}; published models come to
 * every subtask by the second one, and the parent's newest is kept in broadcast state. Which
 * version a new key gets depends on what had arrived by then; a key that began before the first one
 * began from nothing.
 */
public final class InheritingLearnerOperator extends LearnerOperator
    implements TwoInputStreamOperator<Tuple3<Event, Boolean, Boolean>, ModelSnapshot, Prediction> {
  private static final Logger LOGGER = LoggerFactory.getLogger(InheritingLearnerOperator.class);
  private static final long serialVersionUID = 1L;

  private static final MapStateDescriptor<String, ModelSnapshot> PARENT =
      new MapStateDescriptor<>("parent-model", Types.STRING, RecordType.MODEL_SNAPSHOT.typeInfo());

  private final Parent parent;

  private transient BroadcastState<String, ModelSnapshot> stored;

  /** Decoded from the broadcast state; null without one that fits. */
  private transient LearnerState live;

  private transient Counter copies;
  private transient Counter inherited;
  private transient Counter refused;
  private transient Counter skippedSteps;
  private transient volatile long version;

  public InheritingLearnerOperator(
      LearnerSettings settings, LearnerOptions options, Parent parent) {
    super(settings, options, Backends::choose);
    this.parent = parent;
  }

  @Override
  public void open() throws Exception {
    super.open();
    MetricGroup group = getMetricGroup().addGroup("learner").addGroup("parent");
    copies = group.counter("events");
    inherited = group.counter("inherited");
    refused = group.counter("refused");
    skippedSteps = group.counter("skippedSteps");
    group.gauge("version", () -> version);
    stored = getOperatorStateBackend().getBroadcastState(PARENT);
    ModelSnapshot snapshot = stored.get(parent.key());
    if (snapshot != null) {
      live = decoded(snapshot);
    } else if (stored.immutableEntries().iterator().hasNext()) {
      LOGGER.warn(
          "The parent was '{}' and is '{}' now. Unless a savepoint without learner.parent lies"
              + " between, the new one's models of before are not read again, and new keys begin"
              + " from nothing until its next one (docs/operations.md, A parent for new keys)",
          stored.immutableEntries().iterator().next().getKey(),
          parent.key());
    }
  }

  @Override
  public void processElement1(StreamRecord<Tuple3<Event, Boolean, Boolean>> element)
      throws Exception {
    Event event = element.getValue().f0;
    boolean copy = element.getValue().f2;
    if (element.getValue().f1) {
      takeTrusted(event, copy);
    } else {
      if (isSilent(event.modelKey())) {
        copies.inc();
      }
      take(event, copy);
    }
  }

  @Override
  public void processElement2(StreamRecord<ModelSnapshot> element) throws Exception {
    ModelSnapshot snapshot = element.getValue();
    if (!snapshot.modelKey().equals(parent.key())) {
      return;
    }
    ModelSnapshot before = stored.get(parent.key());
    if (live == null || before == null || snapshot.isNewerThan(before)) {
      LearnerState decoded = decoded(snapshot);
      if (decoded != null) {
        stored.put(parent.key(), snapshot);
        live = decoded;
      }
    }
  }

  /** The snapshot as a learner of these settings, or null, counted and told, if it is none. */
  private LearnerState decoded(ModelSnapshot snapshot) {
    try {
      LearnerState state = LearnerStateCodec.decode(snapshot.learner());
      learner().adopt(state);
      version = snapshot.modelVersion();
      return state;
    } catch (StateFormatException | IllegalStateException e) {
      refused.inc();
      LOGGER.warn(
          "Version {} of the parent '{}' cannot be inherited, new keys begin {}: {}",
          snapshot.modelVersion(),
          parent.key(),
          live == null ? "from nothing" : "at version " + live.version,
          e.getMessage());
      return null;
    }
  }

  @Override
  LearnerState begin(String key) {
    if (live == null || key.equals(parent.key())) {
      return super.begin(key);
    }
    inherited.inc();
    return learner().create(key, live);
  }

  @Override
  boolean isSilent(String key) {
    return parent.isFedByCopies() && key.equals(parent.key());
  }

  @Override
  void learnedSilently(LearnReport report) {
    skippedSteps.inc(report.skippedSteps());
  }

  /** Models have no time of their own: the second input is always as far as the first. */
  @Override
  public void processWatermark1(Watermark mark) throws Exception {
    super.processWatermark1(mark);
    super.processWatermark2(mark);
  }

  @Override
  public void processWatermark2(Watermark mark) {}

  @Override
  protected void processWatermarkStatus(WatermarkStatus status, int index) throws Exception {
    if (index == 0) {
      super.processWatermarkStatus(status, 0);
      super.processWatermarkStatus(status, 1);
    }
  }
}
