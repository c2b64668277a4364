package io.counterweight.config;

import io.counterweight.compute.StepSettings;
import io.counterweight.learner.LaneSettings;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.MixtureSettings;
import io.counterweight.learner.TrustedSettings;
import io.counterweight.optim.Adam;
import java.util.List;

/** Makes the records out of option values. Rules that span several keys of the core are here. */
final class ConfigAssembly {
  private final OptionValues values;

  ConfigAssembly(OptionValues values) {
    this.values = values;
  }

  EngineConfig engineConfig() {
    return new EngineConfig(
        kafka(),
        topics(),
        new InputSettings(
            get(Options.INPUT_FORMAT),
            get(Options.STARTING_OFFSETS),
            Math.toIntExact(get(Options.MAX_RECORD_BYTES)),
            get(Options.MAX_ID_LENGTH)),
        sinks(),
        get(Options.FEATURES),
        learner(),
        new TrainingSettings(
            get(Options.MAX_LATENCY), get(Options.ORDERING), get(Options.SNAPSHOT_EVERY)),
        new StateSettings(
            get(Options.CACHE_BYTES),
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
        new ComputeSettings(get(Options.BACKEND)));
  }

  private <T> T get(Option<T> option) {
    return values.get(option);
  }

  private KafkaSettings kafka() {
    return new KafkaSettings(
        String.join(",", get(Options.BOOTSTRAP_SERVERS)),
        get(Options.GROUP_ID),
        get(Options.KAFKA_PROPERTIES));
  }

  private TopicSettings topics() {
    return new TopicSettings(
        get(Options.TOPIC_EVENTS),
        get(Options.TOPIC_TRUSTED),
        get(Options.TOPIC_PREDICTIONS),
        get(Options.TOPIC_WEIGHTS),
        get(Options.TOPIC_DRIFT),
        get(Options.TOPIC_MODELS),
        get(Options.TOPIC_REJECTS),
        get(Options.TOPIC_PARTITIONS),
        get(Options.TOPIC_REPLICATION));
  }

  private SinkSettings sinks() {
    return new SinkSettings(
        get(Options.PREDICTIONS_GUARANTEE),
        get(Options.WEIGHTS_GUARANTEE),
        get(Options.DRIFT_GUARANTEE),
        get(Options.MODELS_GUARANTEE),
        get(Options.REJECTS_GUARANTEE),
        get(Options.TRANSACTION_TIMEOUT),
        get(Options.TRANSACTIONAL_ID_PREFIX));
  }

  private LearnerSettings learner() {
    List<LanePolicy> lanes = get(Options.LANES);
    return new LearnerSettings(
        new ModelAssembly(values).spec(),
        lanes.stream().map(this::lane).toList(),
        ScalarType.word(weightsLane(lanes)),
        get(Options.SUSPECT_BELOW),
        get(Options.MINI_BATCH),
        get(Options.STANDARDISER_HORIZON),
        get(Options.STANDARDISER_CLIP),
        trusted(),
        new MixtureSettings(
            get(Options.MIXTURE_RATE), get(Options.MIXTURE_SHARE), get(Options.MIXTURE_LOSS_CAP)),
        get(Options.SEED));
  }

  private LanePolicy weightsLane(List<LanePolicy> lanes) {
    LanePolicy standard = lanes.contains(LanePolicy.BILEVEL) ? LanePolicy.BILEVEL : lanes.get(0);
    LanePolicy lane = values.find(Options.WEIGHTS_LANE).orElse(standard);
    if (!lanes.contains(lane)) {
      throw Options.WEIGHTS_LANE.violation(
          lane,
          "one of "
              + Options.LANES.key()
              + " ("
              + String.join(", ", lanes.stream().map(ScalarType::word).toList())
              + ")");
    }
    return lane;
  }

  private LaneSettings lane(LanePolicy policy) {
    Adam adam =
        new Adam(
            get(Options.LEARNING_RATE),
            get(Options.BETA1),
            get(Options.BETA2),
            get(Options.EPSILON),
            get(Options.WEIGHT_DECAY));
    return new LaneSettings(
        ScalarType.word(policy),
        new StepSettings(
            policy.steers(),
            adam,
            get(Options.GROUP_LASSO),
            get(Options.ANCHOR),
            get(Options.WEIGHT_NET_HIDDEN),
            get(Options.WEIGHT_NET_INPUTS),
            Adam.withRate(get(Options.WEIGHT_NET_LEARNING_RATE)),
            get(Options.WEIGHT_NET_NORMALISATION),
            get(Options.LOOK_AHEAD),
            get(Options.METRIC_CAP),
            get(Options.HYPERGRADIENT_CLIP),
            get(Options.ALIGNMENT_WINSOR)));
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
