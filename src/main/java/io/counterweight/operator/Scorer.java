package io.counterweight.operator;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.codec.StateFormatException;
import io.counterweight.compute.Backends;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.serde.RecordType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.BroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Predicts events with published models, on any number of subtasks, and learns nothing. Models come
 * as broadcast state; a newer version of a key takes over between two events. It must pass a gate:
 * on the trusted events that it carries, its loss may not be above that of the running version by
 * more than a tolerance. Otherwise it is held, counted and logged, and the running one stays.
 *
 * <p>An event whose key has no model yet waits for one; after a while it leaves by {@link
 * #WITHOUT_MODEL}.
 */
public final class Scorer extends BroadcastProcessFunction<Event, ModelSnapshot, Prediction>
    implements CheckpointedFunction {
  private static final Logger LOGGER = LoggerFactory.getLogger(Scorer.class);
  private static final long serialVersionUID = 1L;
  private static final long NANOS_PER_MICRO = 1000;

  /** The running version of each key. */
  public static final MapStateDescriptor<String, ModelSnapshot> MODELS =
      new MapStateDescriptor<>("models", Types.STRING, RecordType.MODEL_SNAPSHOT.typeInfo());

  /** Events whose key had no model for too long. */
  public static final OutputTag<Event> WITHOUT_MODEL =
      new OutputTag<>("without-model", RecordType.EVENT.typeInfo());

  private final LearnerSettings settings;
  private final ScorerOptions options;

  /** Decoded models of the broadcast state, made when they are first needed. */
  private transient Map<String, LearnerState> live;

  private transient Deque<Waiting> waiting;
  private transient ListState<Event> stored;
  private transient OnlineLearner learner;
  private transient ScorerMetrics metrics;

  /**
   * An event without a model.
   *
   * @param since processing time at which it came
   */
  private record Waiting(Event event, long since) {}

  public Scorer(LearnerSettings settings, ScorerOptions options) {
    this.settings = settings;
    this.options = options;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    stored =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("waiting", RecordType.EVENT.typeInfo()));
    waiting = new ArrayDeque<>();
    for (Event event : stored.get()) {
      waiting.add(new Waiting(event, System.currentTimeMillis()));
    }
  }

  @Override
  public void open(OpenContext context) {
    live = new HashMap<>();
    learner = new OnlineLearner(settings, Backends.choose(options.backend()).backend());
    metrics = new ScorerMetrics(getRuntimeContext().getMetricGroup(), waiting::size);
  }

  @Override
  public void processElement(Event event, ReadOnlyContext context, Collector<Prediction> out)
      throws Exception {
    LearnerState model = model(event.modelKey(), context.getBroadcastState(MODELS));
    if (model != null) {
      score(model, event, out);
    } else {
      waiting.add(new Waiting(event, context.currentProcessingTime()));
    }
    giveUp(context);
  }

  /** Of events that have waited too long, or of which there are too many, the oldest. */
  private void giveUp(ReadOnlyContext context) {
    long now = waiting.isEmpty() ? 0 : context.currentProcessingTime();
    while (!waiting.isEmpty()
        && (waiting.size() > options.mostWaiting()
            || now - waiting.peek().since > options.patience())) {
      metrics.withoutModel();
      context.output(WITHOUT_MODEL, waiting.remove().event);
    }
  }

  private LearnerState model(String key, ReadOnlyBroadcastState<String, ModelSnapshot> models)
      throws Exception {
    LearnerState model = live.get(key);
    if (model == null && models.contains(key)) {
      model = decode(models.get(key));
      live.put(key, model);
    }
    return model;
  }

  private void score(LearnerState model, Event event, Collector<Prediction> out) {
    long began = System.nanoTime();
    Prediction prediction = learner.score(model, event);
    metrics.scored(
        (System.nanoTime() - began) / NANOS_PER_MICRO,
        System.currentTimeMillis() - event.eventTime());
    out.collect(prediction);
  }

  /**
   * Decodes a snapshot of these settings.
   *
   * @throws IllegalStateException if it is of other settings, or no learner at all
   */
  private LearnerState decode(ModelSnapshot snapshot) {
    LearnerState state = LearnerStateCodec.decode(snapshot.learner());
    learner.adopt(state);
    return state;
  }

  @Override
  public void processBroadcastElement(
      ModelSnapshot snapshot, Context context, Collector<Prediction> out) throws Exception {
    BroadcastState<String, ModelSnapshot> models = context.getBroadcastState(MODELS);
    String key = snapshot.modelKey();
    if (models.contains(key) && !snapshot.isNewerThan(models.get(key))) {
      metrics.outdated();
      return;
    }
    LearnerState candidate;
    try {
      candidate = decode(snapshot);
    } catch (StateFormatException | IllegalStateException e) {
      metrics.refused();
      LOGGER.warn(
          "Model of key '{}', version {}, cannot be used: {}",
          key,
          snapshot.modelVersion(),
          e.getMessage());
      return;
    }
    LearnerState running = model(key, models);
    if (running != null && isWorse(candidate, running, snapshot)) {
      return;
    }
    models.put(key, snapshot);
    live.put(key, candidate);
    metrics.swapped();
    if (running == null) {
      release(key, candidate, out);
    }
  }

  private boolean isWorse(LearnerState candidate, LearnerState running, ModelSnapshot snapshot) {
    double loss = learner.trustedLoss(candidate, candidate.reservoir);
    double present = learner.trustedLoss(running, candidate.reservoir);
    // Without trusted events of two classes both are NaN, and nothing can be said against it.
    boolean worse = !Double.isNaN(present) && !(loss <= present + options.tolerance());
    if (worse) {
      metrics.held();
      LOGGER.warn(
          "Model of key '{}' is held at version {}: version {} has a log-loss of {} on its trusted"
              + " events, the running one {}",
          snapshot.modelKey(),
          running.version,
          snapshot.modelVersion(),
          loss,
          present);
    }
    return worse;
  }

  /** Events that waited for the first model of their key. */
  private void release(String key, LearnerState model, Collector<Prediction> out) {
    for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
      Event event = all.next().event;
      if (event.modelKey().equals(key)) {
        all.remove();
        score(model, event, out);
      }
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    stored.update(waiting.stream().map(Waiting::event).toList());
  }

  @Override
  public void close() {
    if (learner != null) {
      learner.close();
    }
  }
}
