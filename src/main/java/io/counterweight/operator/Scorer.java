package io.counterweight.operator;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.codec.ScoringModelCodec;
import io.counterweight.codec.StateFormatException;
import io.counterweight.compute.Backends;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.learner.ScoringModel;
import io.counterweight.serde.RecordType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
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
 * Predicts events with the models that {@link ModelGate} lets out, on any number of subtasks, and
 * learns nothing. Models come as broadcast state; a newer version of a key takes over between two
 * events. They are kept as bytes, and decoded in a cache of bounded size.
 *
 * <p>An event whose key has no model yet waits for one; after a while it leaves by {@link
 * #WITHOUT_MODEL}. When there are as many keys as may be, models of further keys are refused and
 * their events leave by {@link #BEYOND_KEY_LIMIT} at once. A restored model that these settings
 * cannot use is logged once and is as none until the next version comes.
 */
public final class Scorer extends BroadcastProcessFunction<Event, ModelSnapshot, Prediction>
    implements CheckpointedFunction {
  private static final Logger LOGGER = LoggerFactory.getLogger(Scorer.class);
  private static final long serialVersionUID = 1L;
  private static final long NANOS_PER_MICRO = 1000;

  /**
   * The running version of each key; its learner's bytes are those of {@link ScoringModelCodec}, or
   * in state of earlier builds of {@link LearnerStateCodec}.
   */
  public static final MapStateDescriptor<String, ModelSnapshot> MODELS =
      new MapStateDescriptor<>("models", Types.STRING, RecordType.MODEL_SNAPSHOT.typeInfo());

  /** Events whose key had no model for too long. */
  public static final OutputTag<Event> WITHOUT_MODEL =
      new OutputTag<>("without-model", RecordType.EVENT.typeInfo());

  /** Events whose key can have no model, because there are as many as may be. */
  public static final OutputTag<Event> BEYOND_KEY_LIMIT =
      new OutputTag<>("beyond-key-limit", RecordType.EVENT.typeInfo());

  private final LearnerSettings settings;
  private final ScorerOptions options;

  /** Decoded models of the broadcast state, made when they are needed. */
  private transient ModelCache cache;

  private transient BroadcastState<String, ModelSnapshot> restored;

  /** Keys whose model of the broadcast state was found to be of no use. */
  private transient Set<String> unusable;

  /** Keys in the broadcast state; also read by the thread that reports metrics. */
  private transient volatile int keys;

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
    restored = context.getOperatorStateStore().getBroadcastState(MODELS);
    waiting = new ArrayDeque<>();
    for (Event event : stored.get()) {
      waiting.add(new Waiting(event, System.currentTimeMillis()));
    }
  }

  @Override
  public void open(OpenContext context) throws Exception {
    learner = new OnlineLearner(settings, Backends.choose(options.backend()).backend());
    cache = new ModelCache(options.cacheBytes(), learner::release);
    unusable = new HashSet<>();
    takeOver();
    metrics =
        new ScorerMetrics(getRuntimeContext().getMetricGroup(), waiting::size, () -> keys, cache);
  }

  /** Counts the restored keys, and leaves of whole learners what predicts. */
  private void takeOver() throws Exception {
    Map<String, ModelSnapshot> smaller = new HashMap<>();
    for (Map.Entry<String, ModelSnapshot> entry : restored.entries()) {
      keys++;
      ModelSnapshot snapshot = entry.getValue();
      if (!ScoringModelCodec.isScoringModel(snapshot.learner())) {
        ScoringModel model = usable(snapshot);
        if (model != null) {
          smaller.put(entry.getKey(), ModelGate.scoring(snapshot, model));
        }
      }
    }
    restored.putAll(smaller);
    restored = null;
  }

  @Override
  public void processElement(Event event, ReadOnlyContext context, Collector<Prediction> out)
      throws Exception {
    ScoringModel model = model(event.modelKey(), context.getBroadcastState(MODELS));
    if (model != null) {
      score(model, event, out);
    } else if (isFull() && !context.getBroadcastState(MODELS).contains(event.modelKey())) {
      metrics.refusedEvent();
      context.output(BEYOND_KEY_LIMIT, event);
    } else {
      waiting.add(new Waiting(event, context.currentProcessingTime()));
    }
    giveUp(context);
  }

  private boolean isFull() {
    return options.maxKeys() > 0 && keys >= options.maxKeys();
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

  private ScoringModel model(String key, ReadOnlyBroadcastState<String, ModelSnapshot> models)
      throws Exception {
    ScoringModel model = cache.find(key);
    if (model == null && !unusable.contains(key) && models.contains(key)) {
      model = usable(models.get(key));
      if (model != null) {
        cache.missed();
        cache.put(key, model);
      }
    }
    return model;
  }

  /** The decoded model; null, remembered and logged, where these settings cannot use it. */
  private ScoringModel usable(ModelSnapshot snapshot) {
    try {
      return decode(snapshot);
    } catch (StateFormatException | IllegalStateException e) {
      unusable.add(snapshot.modelKey());
      LOGGER.warn(
          "Model of key '{}', version {}, cannot be used, its events wait for the next one: {}",
          snapshot.modelKey(),
          snapshot.modelVersion(),
          e.getMessage());
      return null;
    }
  }

  private void score(ScoringModel model, Event event, Collector<Prediction> out) {
    long began = System.nanoTime();
    Prediction prediction = learner.score(model, event);
    metrics.scored(
        (System.nanoTime() - began) / NANOS_PER_MICRO,
        System.currentTimeMillis() - event.eventTime());
    out.collect(prediction);
  }

  /**
   * Decodes a model of the broadcast state.
   *
   * @throws StateFormatException if this build cannot read it
   * @throws IllegalStateException if it is of other settings
   */
  private ScoringModel decode(ModelSnapshot snapshot) {
    if (ScoringModelCodec.isScoringModel(snapshot.learner())) {
      return learner.adopt(ScoringModelCodec.decode(snapshot.learner()));
    }
    LearnerState state = LearnerStateCodec.decode(snapshot.learner());
    learner.adopt(state);
    return ScoringModel.of(state);
  }

  @Override
  public void processBroadcastElement(
      ModelSnapshot snapshot, Context context, Collector<Prediction> out) throws Exception {
    BroadcastState<String, ModelSnapshot> models = context.getBroadcastState(MODELS);
    String key = snapshot.modelKey();
    boolean isNew = !models.contains(key);
    if (isNew && isFull()) {
      metrics.beyondKeyLimit();
      return;
    }
    // The gate knows nothing of versions that were taken over by builds without it.
    if (!isNew && !snapshot.isNewerThan(models.get(key)) && model(key, models) != null) {
      return;
    }
    ScoringModel model = decode(snapshot);
    models.put(key, snapshot);
    cache.put(key, model);
    unusable.remove(key);
    metrics.swapped();
    release(key, model, out);
    if (isNew) {
      keys++;
      if (isFull()) {
        refuseWaiting(models, context);
      }
    }
  }

  /** Events that waited for the first usable model of their key. */
  private void release(String key, ScoringModel model, Collector<Prediction> out) {
    for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
      Event event = all.next().event;
      if (event.modelKey().equals(key)) {
        all.remove();
        score(model, event, out);
      }
    }
  }

  /** No more models can come for those that wait, but for keys that have one of no use. */
  private void refuseWaiting(BroadcastState<String, ModelSnapshot> models, Context context)
      throws Exception {
    for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
      Event event = all.next().event;
      if (!models.contains(event.modelKey())) {
        all.remove();
        metrics.refusedEvent();
        context.output(BEYOND_KEY_LIMIT, event);
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
