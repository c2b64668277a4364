package io.counterweight.operator;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.codec.ScoringModelCodec;
import io.counterweight.codec.StateFormatException;
import io.counterweight.compute.Backends;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.learner.ScoringModel;
import io.counterweight.serde.RecordType;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets out the published versions of a key that may predict, and of each only what predicts. A
 * version must be newer than the running one, of these settings, and on the trusted events that it
 * carries its loss may not be above that of the running version by more than a tolerance. Otherwise
 * it is held, counted and logged, and the running one stays. A running version that these settings
 * cannot use is as none.
 *
 * <p>Judging takes as long as hundreds of predictions, so it is not done where events wait.
 */
public final class ModelGate extends KeyedProcessFunction<String, ModelSnapshot, ModelSnapshot> {
  private static final Logger LOGGER = LoggerFactory.getLogger(ModelGate.class);
  private static final long serialVersionUID = 1L;

  private final LearnerSettings settings;
  private final ScorerOptions options;

  private transient ValueState<ModelSnapshot> passed;
  private transient OnlineLearner learner;
  private transient Counter held;
  private transient Counter outdated;
  private transient Counter refused;

  public ModelGate(LearnerSettings settings, ScorerOptions options) {
    this.settings = settings;
    this.options = options;
  }

  @Override
  public void open(OpenContext context) {
    passed =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("passed", RecordType.MODEL_SNAPSHOT.typeInfo()));
    learner = new OnlineLearner(settings, Backends.choose(options.backend()).backend());
    MetricGroup group = getRuntimeContext().getMetricGroup().addGroup("scorer");
    held = group.counter("modelsHeld");
    outdated = group.counter("modelsOutdated");
    refused = group.counter("modelsRefused");
  }

  @Override
  public void processElement(ModelSnapshot snapshot, Context context, Collector<ModelSnapshot> out)
      throws Exception {
    ModelSnapshot running = passed.value();
    ScoringModel present = running == null ? null : adopted(running);
    try {
      judge(snapshot, present == null ? null : running, present, out);
    } finally {
      if (present != null) {
        learner.release(present);
      }
    }
  }

  /** The running version's model; null, counted and logged, where these settings cannot use it. */
  private ScoringModel adopted(ModelSnapshot running) {
    try {
      return learner.adopt(ScoringModelCodec.decode(running.learner()));
    } catch (StateFormatException | IllegalStateException e) {
      refused(running, e);
      return null;
    }
  }

  private void refused(ModelSnapshot snapshot, RuntimeException reason) {
    refused.inc();
    LOGGER.warn(
        "Model of key '{}', version {}, cannot be used: {}",
        snapshot.modelKey(),
        snapshot.modelVersion(),
        reason.getMessage());
  }

  private void judge(
      ModelSnapshot snapshot,
      ModelSnapshot running,
      ScoringModel present,
      Collector<ModelSnapshot> out)
      throws Exception {
    if (running != null && !snapshot.isNewerThan(running)) {
      outdated.inc();
      return;
    }
    LearnerState candidate;
    try {
      candidate = LearnerStateCodec.decode(snapshot.learner());
      learner.adopt(candidate);
    } catch (StateFormatException | IllegalStateException e) {
      refused(snapshot, e);
      return;
    }
    ScoringModel model = ScoringModel.of(candidate);
    if (running == null || !isWorse(model, candidate, present, running)) {
      ModelSnapshot stored = scoring(snapshot, model);
      passed.update(stored);
      out.collect(stored);
    }
    learner.release(model);
  }

  private boolean isWorse(
      ScoringModel model, LearnerState candidate, ScoringModel present, ModelSnapshot running) {
    double loss = learner.trustedLoss(model, candidate);
    double presentLoss = learner.trustedLoss(present, candidate);
    // Without trusted events of two classes both are NaN, and nothing can be said against it.
    boolean worse = !Double.isNaN(presentLoss) && !(loss <= presentLoss + options.tolerance());
    if (worse) {
      held.inc();
      LOGGER.warn(
          "Model of key '{}' is held at version {}: version {} has a log-loss of {} on its trusted"
              + " events, the running one {}",
          candidate.modelKey,
          running.modelVersion(),
          candidate.version,
          loss,
          presentLoss);
    }
    return worse;
  }

  /** The same version with nothing but what predicts. */
  static ModelSnapshot scoring(ModelSnapshot snapshot, ScoringModel model) {
    return new ModelSnapshot(
        snapshot.modelKey(),
        snapshot.modelVersion(),
        snapshot.trainedUntil(),
        "",
        ScoringModelCodec.encode(model),
        Map.of());
  }

  @Override
  public void close() {
    if (learner != null) {
      learner.close();
    }
  }
}
