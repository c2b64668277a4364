package io.counterweight.operator;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.learner.LaneSettings;
import io.counterweight.learner.LearnReport;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.learner.TrustedReport;
import io.counterweight.serde.LearnerStateSerializer;
import io.counterweight.serde.RecordType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.internal.InternalListState;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.apache.flink.util.function.SerializableFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One learner for each key, over events and trusted events, however they come in. An event is
 * predicted at once; a labelled one joins its key's pending mini-batch, which is trained on when it
 * is full or old enough. Live learners sit in a {@link LearnerCache} and are written to keyed state
 * when a snapshot is taken, pending mini-batch included: nothing is flushed at a barrier, because
 * training must not depend on when checkpoints happen.
 */
abstract class LearnerOperator extends AbstractStreamOperator<Prediction>
    implements Triggerable<String, VoidNamespace> {
  /** Not the one inherited from Flink, whose level is another. */
  private static final Logger LOGGER = LoggerFactory.getLogger(LearnerOperator.class);

  private static final long serialVersionUID = 1L;
  private static final String LEARNERS = "learners";

  /** The keyed state that holds each key's learner. */
  static ValueStateDescriptor<LearnerState> learnersOfKeys() {
    return new ValueStateDescriptor<>(LEARNERS, new LearnerStateSerializer());
  }

  private final LearnerSettings settings;
  private final LearnerOptions options;
  private final SerializableFunction<String, Backends.Choice> backends;

  private transient OnlineLearner learner;
  private transient LearnerCache cache;
  private transient LearnerMetrics metrics;
  private transient KeyCount keys;
  private transient EventTimeOrder waitingEvents;
  private transient EventTimeOrder waitingTrusted;
  private transient InternalTimerService<VoidNamespace> timers;

  /**
   * An operator with backends of its own.
   *
   * @param backends by the name in the options
   */
  LearnerOperator(
      LearnerSettings settings,
      LearnerOptions options,
      SerializableFunction<String, Backends.Choice> backends) {
    if (settings.lanes().stream().anyMatch(lane -> lane.policy() == LaneSettings.Policy.ORACLE)) {
      throw new IllegalArgumentException(
          "learner.lanes holds an oracle, which knows the truth; it runs in experiments only");
    }
    this.settings = settings;
    this.options = options;
    this.backends = backends;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    TaskInfo task = getRuntimeContext().getTaskInfo();
    keys =
        new KeyCount(
            context.getOperatorStateStore(),
            KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(
                task.getMaxNumberOfParallelSubtasks(),
                task.getNumberOfParallelSubtasks(),
                task.getIndexOfThisSubtask()),
            task.getMaxNumberOfParallelSubtasks(),
            options.maxKeys());
    if (context.isRestored() && !keys.restore()) {
      try (Stream<String> stored = storedKeys()) {
        keys.recount(stored);
      }
    }
  }

  /** Keys in keyed state; what the cache has not yet written is not among them. */
  private Stream<String> storedKeys() {
    return this.<String>getKeyedStateBackend().getKeys(LEARNERS, VoidNamespace.INSTANCE);
  }

  @Override
  public void open() throws Exception {
    super.open();
    Backends.Choice choice = backends.apply(options.backend());
    LOGGER.info("{} on {}", getOperatorName(), choice.reason());
    learner = new OnlineLearner(settings, choice.backend());
    cache = new LearnerCache(new KeyedStore(), options.cacheBytes(), this::begin, learner::release);
    metrics =
        new LearnerMetrics(
            getMetricGroup(),
            settings.lanes().stream().map(LaneSettings::name).toList(),
            settings.spec().outputs(),
            cache,
            keys::total);
    waitingEvents = waiting("waiting-events");
    waitingTrusted = waiting("waiting-trusted");
    timers = getInternalTimerService("mini-batches", VoidNamespaceSerializer.INSTANCE, this);
  }

  @SuppressWarnings("unchecked") // Every keyed backend's list state is an internal one.
  private EventTimeOrder waiting(String name) throws Exception {
    ListStateDescriptor<Event> lists =
        new ListStateDescriptor<>(name + "-by-time", RecordType.EVENT.typeInfo());
    MapStateDescriptor<Long, List<Event>> earlier =
        new MapStateDescriptor<>(name, Types.LONG, Types.LIST(RecordType.EVENT.typeInfo()));
    ListState<Event> byTime = getOrCreateKeyedState(LongSerializer.INSTANCE, lists);
    return new EventTimeOrder(
        (InternalListState<?, Long, Event>) byTime, getKeyedStateStore().getMapState(earlier));
  }

  /** The learner of a key that has none. */
  LearnerState begin(String key) {
    return learner.create(key);
  }

  /**
   * Whether a key is only there to be learned from: neither predicted, nor counted, nor refused.
   */
  boolean isSilent(String key) {
    return false;
  }

  OnlineLearner learner() {
    return learner;
  }

  /** What a mini-batch of a silent key has come to. */
  void learnedSilently(LearnReport report) {}

  /**
   * An event of the current key.
   *
   * @param copy whether it is one of an event that comes under its own key too; without a trace if
   *     it is late
   */
  void take(Event event, boolean copy) throws Exception {
    boolean late = options.ordering() == Ordering.EVENT_TIME && isLate(event);
    if (!isSilent(event.modelKey()) || late && !copy) {
      metrics.received();
    }
    if (options.ordering() == Ordering.ARRIVAL) {
      observe(event);
    } else if (late) {
      if (!copy) {
        metrics.lateEvent();
        emit(OutputTags.LATE_EVENTS, event);
      }
    } else {
      waitingEvents.add(event);
      timers.registerEventTimeTimer(VoidNamespace.INSTANCE, event.eventTime());
    }
  }

  /** A trusted event of the current key, as {@link #take} takes an event. */
  void takeTrusted(Event event, boolean copy) throws Exception {
    if (options.ordering() == Ordering.ARRIVAL) {
      observeTrusted(event);
    } else if (isLate(event)) {
      if (!copy) {
        metrics.lateTrusted();
        emit(OutputTags.LATE_TRUSTED, event);
      }
    } else {
      waitingTrusted.add(event);
      timers.registerEventTimeTimer(VoidNamespace.INSTANCE, event.eventTime());
    }
  }

  private boolean isLate(Event event) {
    return event.eventTime() <= timers.currentWatermark();
  }

  /** Predict, then perhaps train: the next prediction already uses the new model. */
  private void observe(Event event) throws Exception {
    boolean silent = isSilent(event.modelKey());
    LearnerCache.Entry entry = admit(event.modelKey());
    if (entry == null) {
      metrics.refusedEvent();
      emit(OutputTags.REFUSED_EVENTS, event);
      return;
    }
    if (options.labelsLater() && event.isLabelled()) {
      learner.observeLabelled(entry.state, event);
      if (!silent) {
        metrics.labelledLater();
      }
    } else {
      Prediction prediction = learner.observe(entry.state, event);
      if (!silent) {
        metrics.predicted(event, prediction);
        output.collect(new StreamRecord<>(prediction, event.eventTime()));
      }
    }
    emitDrift();
    if (learner.isBatchFull(entry.state)) {
      learn(entry);
    } else if (event.isLabelled() && entry.state.pending.size() == 1) {
      startAging(entry);
    }
    cache.changed(event.modelKey(), entry);
  }

  private void observeTrusted(Event event) throws Exception {
    boolean silent = isSilent(event.modelKey());
    LearnerCache.Entry entry = admit(event.modelKey());
    if (entry == null) {
      metrics.refusedTrusted();
      emit(OutputTags.REFUSED_TRUSTED, event);
      return;
    }
    TrustedReport report = learner.observeTrusted(entry.state, event);
    if (!silent) {
      metrics.trusted(report);
    }
    emitDrift();
    cache.changed(event.modelKey(), entry);
  }

  /**
   * The key's learner, new if need be; null if the key has none and there is no room for more. For
   * a silent key there always is.
   */
  private LearnerCache.Entry admit(String key) throws Exception {
    LearnerCache.Entry entry = cache.find(key);
    if (entry == null && (keys.hasRoom() || isSilent(key))) {
      entry = cache.create(key);
      keys.added(key);
    }
    return entry;
  }

  /**
   * A timer for the mini-batch that has just begun. Processing-time ones are shared by neighbouring
   * mini-batches.
   */
  private void startAging(LearnerCache.Entry entry) {
    if (options.ordering() == Ordering.EVENT_TIME) {
      awaitDeadline(entry);
      return;
    }
    long now = timers.currentProcessingTime();
    long grain = Math.max(1, options.maxLatency() / 4);
    long due = (now + options.maxLatency() + grain - 1) / grain * grain;
    entry.pendingSince = now;
    if (entry.timer != due) {
      timers.registerProcessingTimeTimer(VoidNamespace.INSTANCE, due);
      entry.timer = due;
    }
  }

  /**
   * One timer a key: mini-batches begin in order of time, so the oldest one's deadline is asked for
   * when the last has passed.
   */
  private void awaitDeadline(LearnerCache.Entry entry) {
    if (entry.timer == 0 && !entry.state.pending.isEmpty()) {
      entry.timer = eventTimeDeadline(entry.state);
      timers.registerEventTimeTimer(VoidNamespace.INSTANCE, entry.timer);
    }
  }

  private long eventTimeDeadline(LearnerState state) {
    return state.pending.get(0).eventTime() + options.maxLatency();
  }

  @Override
  public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    LearnerCache.Entry entry = cache.find(timer.getKey());
    boolean due = timer.getTimestamp() >= entry.pendingSince + options.maxLatency();
    if (!entry.state.pending.isEmpty() && due) {
      learn(entry);
      cache.changed(timer.getKey(), entry);
    }
  }

  /**
   * Gives out what waited for this time; a mini-batch that has become too old is trained on before.
   */
  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    LearnerCache.Entry entry = admit(timer.getKey());
    if (entry != null) {
      trainIfTooOld(timer, entry);
    }
    for (Event event : waitingEvents.take(timer.getTimestamp())) {
      observe(event);
    }
    for (Event event : waitingTrusted.take(timer.getTimestamp())) {
      observeTrusted(event);
    }
    if (entry != null && options.ordering() == Ordering.EVENT_TIME) {
      awaitDeadline(entry);
    }
  }

  private void trainIfTooOld(InternalTimer<String, VoidNamespace> timer, LearnerCache.Entry entry)
      throws Exception {
    if (timer.getTimestamp() >= entry.timer) {
      entry.timer = 0;
    }
    if (!entry.state.pending.isEmpty() && timer.getTimestamp() >= eventTimeDeadline(entry.state)) {
      learn(entry);
      cache.changed(timer.getKey(), entry);
    }
  }

  private void learn(LearnerCache.Entry entry) {
    LearnerState state = entry.state;
    LearnReport report = learner.learn(state);
    if (isSilent(state.modelKey)) {
      learnedSilently(report);
    } else {
      metrics.learned(report);
      for (SampleWeight weight : report.weights()) {
        emit(OutputTags.WEIGHTS, weight);
      }
    }
    if (options.snapshotEvery() > 0 && state.version % options.snapshotEvery() == 0) {
      emit(OutputTags.MODELS, snapshotOf(state));
    }
  }

  private ModelSnapshot snapshotOf(LearnerState state) {
    learner.sync(state);
    return new ModelSnapshot(
        state.modelKey,
        state.version,
        state.trainedUntil,
        settings.spec().toString(),
        LearnerStateCodec.encode(state),
        Map.of("predicted", (double) state.predicted));
  }

  private void emitDrift() {
    for (DriftEvent drift : learner.takeDriftEvents()) {
      if (!isSilent(drift.modelKey())) {
        metrics.drifted(drift);
        emit(OutputTags.DRIFT, drift);
      }
    }
  }

  /** For what measures it. */
  LearnerCache cache() {
    return cache;
  }

  private <T> void emit(OutputTag<T> tag, T value) {
    output.collect(tag, new StreamRecord<>(value));
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    cache.writeBack();
    keys.store();
    super.snapshotState(context);
  }

  /**
   * At the end of a bounded input no timer will come any more, so what is pending is trained on
   * now, and models are published that are asked for.
   */
  @Override
  public void finish() throws Exception {
    cache.writeBack();
    Set<String> all = new LinkedHashSet<>();
    try (Stream<String> stored = storedKeys()) {
      stored.sorted().forEach(all::add);
    }
    TreeMap<Long, List<String>> busiest = new TreeMap<>();
    for (String key : all) {
      setCurrentKey(key);
      LearnerCache.Entry entry = cache.find(key);
      if (!entry.state.pending.isEmpty()) {
        learn(entry);
        cache.changed(key, entry);
      }
      busiest.computeIfAbsent(-entry.state.predicted, n -> new ArrayList<>()).add(key);
    }
    emitModels(busiest.values().stream().flatMap(List::stream).limit(options.modelsAtEnd()));
    super.finish();
  }

  private void emitModels(Stream<String> modelKeys) throws Exception {
    for (String key : modelKeys.toList()) {
      setCurrentKey(key);
      emit(OutputTags.MODELS, snapshotOf(cache.find(key).state));
    }
  }

  @Override
  public void close() throws Exception {
    if (learner != null) {
      learner.close();
    }
    super.close();
  }

  /**
   * Learners in keyed state. Reads and writes other keys than the current one, which it puts back.
   */
  private final class KeyedStore implements LearnerStore {
    private final ValueState<LearnerState> state = getKeyedStateStore().getState(learnersOfKeys());

    /** The heap backend keeps references, and a live learner goes on changing. */
    private final boolean copies = !getKeyedStateBackend().isSafeToReuseKVState();

    private final LearnerStateSerializer serializer = new LearnerStateSerializer();

    @Override
    public LearnerState read(String key) throws Exception {
      LearnerState stored = withKey(key, state::value);
      if (stored == null) {
        return null;
      }
      LearnerState own = copies ? serializer.copy(stored) : stored;
      try {
        learner.adopt(own);
      } catch (IllegalStateException e) {
        // A restart would find the same state and the same configuration.
        throw new SuppressRestartsException(e);
      }
      return own;
    }

    @Override
    public void write(String key, LearnerState learnerState) throws Exception {
      learner.sync(learnerState);
      withKey(
          key,
          () -> {
            state.update(copies ? serializer.copy(learnerState) : learnerState);
            return null;
          });
    }

    private <T> T withKey(String key, Callable<T> action) throws Exception {
      Object current = getCurrentKey();
      setCurrentKey(key);
      T result = action.call();
      if (current != null) {
        setCurrentKey(current);
      }
      return result;
    }
  }
}
