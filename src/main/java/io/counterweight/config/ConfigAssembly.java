package io.counterweight.config;

import io.counterweight.compute.StepSettings;
import io.counterweight.config.LaneText.Key;
import io.counterweight.conformal.AdaptivePredictionSets;
import io.counterweight.drift.DriftSettings;
import io.counterweight.learner.BeliefSettings;
import io.counterweight.learner.LaneSettings;
import io.counterweight.learner.LaneSettings.Balance;
import io.counterweight.learner.LaneSettings.Policy;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.MixtureSettings;
import io.counterweight.learner.TrustedSettings;
import io.counterweight.learner.UpperSettings;
import io.counterweight.meta.ConceptErrors;
import io.counterweight.meta.FlipRates;
import io.counterweight.meta.WeightInputs;
import io.counterweight.model.BatmSpec;
import io.counterweight.optim.Adam;
import java.util.ArrayList;
import java.util.List;

/** Makes the records out of option values. Rules that span several keys of the core are here. */
final class ConfigAssembly {
  /** Of the lane for streams whose neighbours resemble each other: about 60 events. */
  private static final float SWIFT_MOMENTUM = 0.2f;

  /** It must earn its place. */
  private static final float SWIFT_SHARE = 0.3f;

  private static final double PRIOR_PAIRS = 10;
  private static final double PRIOR_ERROR = 0.1;
  private static final double ERROR_RATE = 0.05;
  private static final double ERROR_DECAY = 1e-3;

  private final OptionValues values;

  ConfigAssembly(OptionValues values) {
    this.values = values;
  }

  EngineConfig engineConfig() {
    return new EngineConfig(
        kafka(),
        registry(),
        topics(),
        new InputSettings(
            get(Options.INPUT_FORMAT),
            get(Options.STARTING_OFFSETS),
            Math.toIntExact(get(Options.MAX_RECORD_BYTES)),
            get(Options.MAX_ID_LENGTH)),
        new LabelSettings(
            get(Options.LABEL_JOIN),
            get(Options.LABEL_MATURITY),
            get(Options.LABEL_RETENTION),
            get(Options.UNLABELLED),
            get(Options.TRUSTED_SOURCES)),
        new ScorerSettings(
            get(Options.SCORER_TOLERANCE),
            get(Options.SCORER_PATIENCE),
            get(Options.SCORER_WAITING),
            get(Options.SCORER_CACHE_BYTES),
            get(Options.SCORER_FLUSH_EVERY)),
        sinks(),
        get(Options.FEATURES),
        learner(),
        new TrainingSettings(
            get(Options.MAX_LATENCY),
            get(Options.ORDERING),
            get(Options.SNAPSHOT_EVERY),
            values.find(Options.PARENT),
            get(Options.PARENT_SHARE)),
        new StateSettings(
            get(Options.CACHE_BYTES),
            get(Options.MAX_KEYS),
            get(Options.CHECKPOINT_DIRECTORY),
            get(Options.CHECKPOINT_INTERVAL),
            get(Options.CHECKPOINT_TIMEOUT),
            get(Options.RETAIN)),
        new WatermarkSettings(get(Options.OUT_OF_ORDERNESS), get(Options.IDLENESS)),
        new JobSettings(
            get(Options.JOB_NAME),
            get(Options.PARALLELISM),
            get(Options.MAX_PARALLELISM),
            get(Options.DASHBOARD_PORT)),
        new ComputeSettings(get(Options.BACKEND)),
        new ConsoleSettings(
            get(Options.CONSOLE_ENABLED), get(Options.CONSOLE_ADDRESS), get(Options.CONSOLE_PORT)));
  }

  private <T> T get(Option<T> option) {
    return values.get(option);
  }

  private KafkaSettings kafka() {
    return new KafkaSettings(
        String.join(",", get(Options.BOOTSTRAP_SERVERS)),
        get(Options.GROUP_ID),
        get(Options.KAFKA_PROPERTIES),
        values.secrets());
  }

  private SchemaRegistrySettings registry() {
    return new SchemaRegistrySettings(
        values.find(Options.REGISTRY_URL).orElse(List.of()),
        values.find(Options.REGISTRY_USERNAME).orElse(null),
        values.find(Options.REGISTRY_PASSWORD).orElse(null),
        get(Options.REGISTRY_AUTO_REGISTER),
        get(Options.REGISTRY_PATIENCE));
  }

  private TopicSettings topics() {
    return new TopicSettings(
        get(Options.TOPIC_EVENTS),
        get(Options.TOPIC_TRUSTED),
        get(Options.TOPIC_LABELS),
        get(Options.TOPIC_PREDICTIONS),
        get(Options.TOPIC_SCORES),
        get(Options.TOPIC_WEIGHTS),
        get(Options.TOPIC_DRIFT),
        get(Options.TOPIC_MODELS),
        get(Options.TOPIC_REJECTS),
        get(Options.TOPIC_PARTITIONS),
        get(Options.TOPIC_REPLICATION));
  }

  private SinkSettings sinks() {
    return new SinkSettings(
        get(Options.SINK_FORMAT),
        get(Options.PREDICTIONS_GUARANTEE),
        get(Options.WEIGHTS_GUARANTEE),
        get(Options.DRIFT_GUARANTEE),
        get(Options.MODELS_GUARANTEE),
        get(Options.REJECTS_GUARANTEE),
        get(Options.TRANSACTION_TIMEOUT),
        get(Options.TRANSACTIONAL_ID_PREFIX));
  }

  LearnerSettings learner() {
    List<LaneText> texts = get(Options.LANES);
    List<LaneSettings> lanes = new ArrayList<>();
    BatmSpec spec = new ModelAssembly(values).spec();
    for (LaneText text : texts) {
      if (text.kind() == LaneText.Kind.MUBO && spec.outputs() != 2) {
        throw Options.LANES.violation(
            texts, "no lane of kind mubo, which is for two classes; there are " + spec.outputs());
      }
      if (text.kind() == LaneText.Kind.MUBO && text.find(Key.BALANCE).isPresent()) {
        throw Options.LANES.violation(
            texts, "no balance of a lane of kind mubo, which draws balanced batches");
      }
      lanes.add(lane(text, lanes.size()));
    }
    return new LearnerSettings(
        spec,
        lanes,
        weightsLane(texts),
        get(Options.SUSPECT_PRECISION),
        get(Options.MINI_BATCH),
        get(Options.STANDARDISER_HORIZON),
        get(Options.STANDARDISER_CLIP),
        trusted(),
        new BeliefSettings(
            new FlipRates(PRIOR_PAIRS, PRIOR_ERROR, get(Options.PAIR_HORIZON)),
            new ConceptErrors(ERROR_RATE, ERROR_DECAY),
            get(Options.LABEL_PAIRING),
            get(Options.LABEL_HORIZON)),
        get(Options.WEAK_WEIGHT),
        get(Options.MUBO_BUFFER),
        new UpperSettings(get(Options.UPPER_EVERY), get(Options.UPPER_POOL)),
        new MixtureSettings(
            get(Options.MIXTURE_RATE),
            get(Options.MIXTURE_SHARE),
            get(Options.MIXTURE_LOSS_CAP),
            get(Options.SUCCESSION_RATE)),
        new DriftSettings(
            get(Options.DRIFT_DETECTOR),
            get(Options.DRIFT_BLOCK),
            get(Options.DRIFT_BLOCK_ALARM),
            get(Options.DRIFT_CHALLENGE),
            get(Options.DRIFT_PURGE),
            get(Options.DRIFT_RESET)),
        new AdaptivePredictionSets(
            get(Options.SET_LEVEL), get(Options.SET_GAMMA), get(Options.SET_WINDOW)),
        get(Options.TOP_REASONS),
        get(Options.TOP_PAIRS),
        get(Options.DECISION),
        get(Options.SEED));
  }

  private String weightsLane(List<LaneText> lanes) {
    String lane = get(Options.WEIGHTS_LANE);
    List<String> names = lanes.stream().map(LaneText::name).toList();
    if (!lane.equals(LearnerSettings.MIXTURE) && !names.contains(lane)) {
      throw Options.WEIGHTS_LANE.violation(
          lane,
          LearnerSettings.MIXTURE
              + " or one of "
              + Options.LANES.key()
              + " ("
              + String.join(", ", names)
              + ")");
    }
    return lane;
  }

  private LaneSettings lane(LaneText text, int number) {
    boolean swift = text.kind() == LaneText.Kind.SWIFT;
    boolean byConcept = text.kind() == LaneText.Kind.BY_CONCEPT;
    return new LaneSettings(
        text.name(),
        text.kind().policy,
        text.kind() == LaneText.Kind.MUBO
            ? Balance.LOGIT
            : text.<Balance>find(Key.BALANCE).orElse(get(Options.BALANCE)),
        text.<Boolean>find(Key.TARGET).orElse(!byConcept),
        text.<Boolean>find(Key.ERRORS).orElse(byConcept),
        text.<Float>find(Key.MOMENTUM)
            .orElse(swift ? SWIFT_MOMENTUM : get(Options.NORMALISATION_MOMENTUM)),
        text.<Integer>find(Key.START).orElse(number),
        text.<Float>find(Key.SHARE).orElse(swift ? SWIFT_SHARE : 1f),
        step(text, swift));
  }

  private StepSettings step(LaneText text, boolean swift) {
    Adam adam =
        new Adam(
            text.<Float>find(Key.LEARNING_RATE).orElse(get(Options.LEARNING_RATE)),
            get(Options.BETA1),
            get(Options.BETA2),
            get(Options.EPSILON),
            get(Options.WEIGHT_DECAY));
    return new StepSettings(
        text.kind().policy == Policy.BILEVEL,
        adam,
        text.<Float>find(Key.AVERAGING).orElse(swift ? 0f : get(Options.AVERAGING)),
        get(Options.GROUP_LASSO),
        text.<Float>find(Key.ANCHOR).orElse(get(Options.ANCHOR)),
        get(Options.WEIGHT_NET_HIDDEN),
        text.<WeightInputs>find(Key.INPUTS).orElse(get(Options.WEIGHT_NET_INPUTS)),
        Adam.withRate(get(Options.WEIGHT_NET_LEARNING_RATE)),
        get(Options.WEIGHT_NET_NORMALISATION),
        get(Options.LOOK_AHEAD),
        get(Options.METRIC_CAP),
        get(Options.HYPERGRADIENT_CLIP),
        get(Options.ALIGNMENT_WINSOR));
  }

  private TrustedSettings trusted() {
    int perClass = get(Options.TRUSTED_PER_CLASS);
    int minimum = get(Options.TRUSTED_MINIMUM_PER_CLASS);
    if (minimum > perClass) {
      throw Options.TRUSTED_MINIMUM_PER_CLASS.violation(
          minimum, "at most " + Options.TRUSTED_PER_CLASS.key() + " (" + perClass + ")");
    }
    return new TrustedSettings(
        perClass, get(Options.TRUSTED_BATCH), minimum, get(Options.TRUSTED_MAXIMUM_AGE).toMillis());
  }
}
