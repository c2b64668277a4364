package io.counterweight.operator;

import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.serde.RecordType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.CheckpointStorage;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.runtime.state.storage.JobManagerCheckpointStorage;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** The operator on one subtask, with keyed state, timers and outputs, and without a cluster. */
final class LearnerHarness implements AutoCloseable {
  static final int MAX_PARALLELISM = 16;
  private static final CheckpointStorage IN_MEMORY = new JobManagerCheckpointStorage(1 << 30);

  /** Where keyed state lives. With the heap a cache could share its objects with the state. */
  enum Backend {
    ROCKSDB,
    HEAP;

    StateBackend create() {
      if (this == HEAP) {
        return new HashMapStateBackend();
      }
      EmbeddedRocksDBStateBackend rocks = new EmbeddedRocksDBStateBackend();
      // The harness's task has 3 MiB of managed memory, which would be a flush for every few puts.
      rocks.getMemoryConfiguration().setFixedMemoryPerSlot(MemorySize.ofMebiBytes(256));
      return rocks;
    }
  }

  private final KeyedTwoInputStreamOperatorTestHarness<String, Event, Event, Prediction> harness;

  /** One subtask of one, from nothing. */
  static LearnerHarness start(LearnerSettings settings, LearnerOptions options, Backend backend)
      throws Exception {
    return run(new BilevelLearnerOperator(settings, options), backend, null);
  }

  /** The same with snapshots in a folder, which may be larger than memory. */
  static LearnerHarness start(
      LearnerSettings settings, LearnerOptions options, Backend backend, Path snapshots)
      throws Exception {
    return new LearnerHarness(
        new BilevelLearnerOperator(settings, options),
        backend,
        1,
        0,
        null,
        new FileSystemCheckpointStorage(snapshots.toUri()));
  }

  /** One subtask of one. */
  static LearnerHarness restore(
      LearnerSettings settings,
      LearnerOptions options,
      Backend backend,
      OperatorSubtaskState restored)
      throws Exception {
    return run(new BilevelLearnerOperator(settings, options), backend, restored);
  }

  /**
   * An operator as one subtask of one.
   *
   * @param restored null to start from nothing
   */
  static LearnerHarness run(
      BilevelLearnerOperator operator, Backend backend, OperatorSubtaskState restored)
      throws Exception {
    return new LearnerHarness(operator, backend, 1, 0, restored, IN_MEMORY);
  }

  /** One subtask of several, with its part of the state of {@code oldParallelism} subtasks. */
  static LearnerHarness rescale(
      LearnerSettings settings,
      LearnerOptions options,
      Backend backend,
      OperatorSubtaskState state,
      int oldParallelism,
      int parallelism,
      int subtask)
      throws Exception {
    OperatorSubtaskState part =
        AbstractStreamOperatorTestHarness.repartitionOperatorState(
            state, MAX_PARALLELISM, oldParallelism, parallelism, subtask);
    return new LearnerHarness(
        new BilevelLearnerOperator(settings, options),
        backend,
        parallelism,
        subtask,
        part,
        IN_MEMORY);
  }

  private LearnerHarness(
      BilevelLearnerOperator operator,
      Backend backend,
      int parallelism,
      int subtask,
      OperatorSubtaskState restored,
      CheckpointStorage storage)
      throws Exception {
    harness =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            operator,
            Event::modelKey,
            Event::modelKey,
            Types.STRING,
            MAX_PARALLELISM,
            parallelism,
            subtask);
    harness.setStateBackend(backend.create());
    harness.setCheckpointStorage(storage);
    harness.getExecutionConfig().enableObjectReuse();
    harness.setup(
        RecordType.PREDICTION
            .typeInfo()
            .createSerializer(harness.getExecutionConfig().getSerializerConfig()));
    if (restored == null) {
      harness.initializeEmptyState();
    } else {
      harness.initializeState(restored);
    }
    harness.open();
  }

  void event(Event event) throws Exception {
    harness.processElement1(new StreamRecord<>(event, event.eventTime()));
  }

  void events(List<Event> events) throws Exception {
    for (Event event : events) {
      event(event);
    }
  }

  void trusted(Event event) throws Exception {
    harness.processElement2(new StreamRecord<>(event, event.eventTime()));
  }

  /** On both inputs. */
  void watermark(long time) throws Exception {
    harness.processWatermark1(new Watermark(time));
    harness.processWatermark2(new Watermark(time));
  }

  void processingTime(long time) throws Exception {
    harness.setProcessingTime(time);
  }

  OperatorSubtaskState snapshot() throws Exception {
    return harness.snapshot(1, 1);
  }

  /** The end of a bounded input. */
  void finish() throws Exception {
    watermark(Long.MAX_VALUE);
    harness.getOperator().finish();
  }

  List<Prediction> predictions() {
    return harness.extractOutputValues();
  }

  List<SampleWeight> weights() {
    return side(OutputTags.WEIGHTS);
  }

  List<ModelSnapshot> models() {
    return side(OutputTags.MODELS);
  }

  <T> List<T> side(OutputTag<T> tag) {
    Queue<StreamRecord<T>> records = harness.getSideOutput(tag);
    return records == null ? List.of() : records.stream().map(StreamRecord::getValue).toList();
  }

  /** Lets go of what came out so far, which a long run would not have room for. */
  void forgetOutputs() {
    harness.getOutput().clear();
    for (OutputTag<?> tag : List.of(OutputTags.WEIGHTS, OutputTags.MODELS)) {
      Queue<?> side = harness.getSideOutput(tag);
      if (side != null) {
        side.clear();
      }
    }
  }

  LearnerCache cache() {
    return ((LearnerOperator) harness.getOperator()).cache();
  }

  int timers() {
    return harness.numEventTimeTimers() + harness.numProcessingTimeTimers();
  }

  /** All that came out so far, as text, by kind and key, in order. */
  Map<String, List<String>> outputs() {
    Map<String, List<String>> outputs = new TreeMap<>();
    for (Prediction prediction : predictions()) {
      add(outputs, "prediction " + prediction.modelKey(), RecordType.PREDICTION.toJson(prediction));
    }
    for (SampleWeight weight : weights()) {
      add(outputs, "weight " + weight.modelKey(), RecordType.SAMPLE_WEIGHT.toJson(weight));
    }
    for (ModelSnapshot model : models()) {
      add(
          outputs,
          "model " + model.modelKey(),
          Base64.getEncoder().encodeToString(model.learner()));
    }
    return outputs;
  }

  private static void add(Map<String, List<String>> outputs, String kind, String text) {
    outputs.computeIfAbsent(kind, absent -> new ArrayList<>()).add(text);
  }

  /** Outputs of two runs one after the other. */
  static Map<String, List<String>> joined(
      Map<String, List<String>> first, Map<String, List<String>> second) {
    Map<String, List<String>> joined = new TreeMap<>();
    for (Map<String, List<String>> outputs : List.of(first, second)) {
      outputs.forEach(
          (kind, texts) -> joined.computeIfAbsent(kind, absent -> new ArrayList<>()).addAll(texts));
    }
    return joined;
  }

  /** Ends without training on what is pending in each key, as a job that is stopped does. */
  void abandon() throws Exception {
    harness.getOperator().close();
  }

  @Override
  public void close() {
    try {
      harness.close();
    } catch (Exception e) {
      throw new IllegalStateException("The operator could not be closed", e);
    }
  }
}
