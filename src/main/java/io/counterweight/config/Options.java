package io.counterweight.config;

import static io.counterweight.config.ScalarType.choice;
import static io.counterweight.config.ScalarType.duration;
import static io.counterweight.config.ScalarType.flag;
import static io.counterweight.config.ScalarType.integer;
import static io.counterweight.config.ScalarType.number;
import static io.counterweight.config.ScalarType.size;
import static io.counterweight.config.ScalarType.text;

import io.counterweight.compute.StepSettings.LookAhead;
import io.counterweight.drift.DriftSettings;
import io.counterweight.learner.LaneSettings.Balance;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerSettings.Decision;
import io.counterweight.meta.WeightInputs;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.model.BatmSpec.Initialisation;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.operator.Ordering;
import io.counterweight.operator.Unlabelled;
import io.counterweight.serde.EventFormat;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Every configuration key, in the order in which they are documented and printed. The one place
 * that knows keys, defaults and ranges.
 */
final class Options {
  private static final List<Option<?>> ALL = new ArrayList<>();

  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;
  private static final long GIB = 1 << 30;

  private Options() {}

  // Kafka.

  static final Option<List<String>> BOOTSTRAP_SERVERS =
      add(
          Option.required(
              "kafka.bootstrap-servers",
              new ListType<>(
                  text("(\\[[0-9a-fA-F:]+]|[^\\s,:/]+):\\d{1,5}", ""),
                  servers -> !servers.isEmpty() && servers.stream().allMatch(Options::hasPort),
                  "host:port, several separated by commas"),
              "Kafka brokers to ask first."));
  static final Option<String> GROUP_ID =
      add(
          Option.of(
              "kafka.group-id",
              text("\\S{1,249}", "1 to 249 characters without spaces"),
              "counterweight",
              "Consumer group under which offsets are committed."));
  static final Option<Map<String, String>> KAFKA_PROPERTIES =
      add(
          Option.of(
              "kafka.properties",
              new PropertiesType("kafka.properties"),
              Map.of(),
              "Passed to every Kafka client, for security.protocol and the like; secrets come best"
                  + " as references to the environment or to files, and are never shown."));

  // Schema registry.

  static final Option<List<URI>> REGISTRY_URL =
      add(
          Option.optional(
              "schema-registry.url",
              new ListType<>(
                  new ScalarType<>(Options::registryUrl, URI::toString, ""),
                  urls -> !urls.isEmpty(),
                  "addresses that begin with http:// or https://, without a user, several"
                      + " separated by commas"),
              "no registry",
              "Instances of a schema registry with Confluent's interface, for input.format and"
                  + " sinks.format confluent."));
  static final Option<String> REGISTRY_USERNAME =
      add(
          Option.optional(
              "schema-registry.username",
              text("[^\\s:]{1,256}", "1 to 256 characters without spaces and colons"),
              "no user",
              "User of the registry, for basic authentication."));
  static final Option<String> REGISTRY_PASSWORD =
      add(
          Option.optional(
              "schema-registry.password",
              text("\\P{Cntrl}{1,1000}", "1 to 1000 printable characters"),
              "no password",
              "Password of that user, best as a reference to the environment or to a file; it is"
                  + " never shown."));
  static final Option<Boolean> REGISTRY_AUTO_REGISTER =
      add(
          Option.of(
              "schema-registry.auto-register",
              flag(),
              true,
              "The schemas of the output topics are registered under TOPIC-value; otherwise they"
                  + " are looked up there, and the job fails where one is missing."));
  static final Option<Duration> REGISTRY_PATIENCE =
      add(
          Option.of(
              "schema-registry.patience",
              duration(MILLISECOND, DAY),
              MINUTE,
              "How long a registry that does not answer is asked again before the job fails."));

  // Topics.

  static final Option<String> TOPIC_EVENTS =
      add(topic("events", "Events to predict, and to learn from where they carry a label."));
  static final Option<String> TOPIC_TRUSTED =
      add(topic("trusted", "Events whose labels are certain."));
  static final Option<String> TOPIC_LABELS =
      add(
          topic(
              "labels",
              "Labels of events of the events topic, with labels.join: records without features."));
  static final Option<String> TOPIC_PREDICTIONS = add(topic("predictions", "Predictions."));
  static final Option<String> TOPIC_SCORES =
      add(topic("scores", "Predictions of the scoring job (counterweight run --scorer)."));
  static final Option<String> TOPIC_WEIGHTS =
      add(topic("weights", "Weights of labelled events, with suspect labels marked."));
  static final Option<String> TOPIC_DRIFT = add(topic("drift", "Changes of the drift state."));
  static final Option<String> TOPIC_MODELS = add(topic("models", "Model snapshots (compacted)."));
  static final Option<String> TOPIC_REJECTS =
      add(topic("rejects", "Records that could not be read, with their original bytes."));
  static final Option<Integer> TOPIC_PARTITIONS =
      add(
          Option.of(
              "topics.partitions",
              integer(1, 10_000),
              4,
              "Partitions of each topic that topics create makes."));
  static final Option<Integer> TOPIC_REPLICATION =
      add(
          Option.of(
              "topics.replication",
              integer(1, Short.MAX_VALUE),
              1,
              "Replicas of each topic that topics create makes; 3 is usual outside of trials."));

  // Input.

  static final Option<EventFormat> INPUT_FORMAT =
      add(
          Option.of(
              "input.format",
              choice(EventFormat.class),
              EventFormat.AVRO,
              "How records of the input topics are encoded."));
  static final Option<InputSettings.StartingOffsets> STARTING_OFFSETS =
      add(
          Option.of(
              "input.starting-offsets",
              choice(InputSettings.StartingOffsets.class),
              InputSettings.StartingOffsets.COMMITTED,
              "Where a job that starts without a checkpoint begins to read; committed is the"
                  + " group's offsets, and earliest for partitions without."));
  static final Option<Long> MAX_RECORD_BYTES =
      add(
          Option.of(
              "input.max-record-bytes", size(KIB, 64 * MIB), MIB, "Longer records are rejected."));
  static final Option<Integer> MAX_ID_LENGTH =
      add(
          Option.of(
              "input.max-id-length",
              integer(1, 65_536),
              256,
              "Events with an eventId or a modelKey of more characters are rejected."));

  // Labels.

  static final Option<Boolean> LABEL_JOIN =
      add(
          Option.of(
              "labels.join",
              flag(),
              false,
              "Labels come on the topic labels and meet their events by eventId; otherwise events"
                  + " carry them."));
  static final Option<Duration> LABEL_MATURITY =
      add(
          Option.of(
              "labels.horizon",
              duration(SECOND, DAY.multipliedBy(3650)),
              DAY.multipliedBy(30),
              "Event time after which an event without a label counts as unlabelled."));
  static final Option<Duration> LABEL_RETENTION =
      add(
          Option.of(
              "labels.retention",
              duration(SECOND, DAY.multipliedBy(3650)),
              DAY.multipliedBy(60),
              "Event time for which an event waits for labels and corrections, and a label for its"
                  + " event; at least labels.horizon."));
  static final Option<Unlabelled> UNLABELLED =
      add(
          Option.of(
              "labels.unlabelled",
              choice(Unlabelled.class),
              Unlabelled.DROP,
              "What becomes of an event without a label at the horizon: not learned from, or learned"
                  + " as class 0, in full or with learner.weak-weight."));
  static final Option<List<String>> TRUSTED_SOURCES =
      add(
          Option.of(
              "labels.trusted-sources",
              new ListType<>(
                  text("\\S{1,256}", "1 to 256 characters without blanks"),
                  sources -> true,
                  "a list of names"),
              List.of(),
              "Values of labelSource whose labels are trusted, with labels.join."));

  // Scorer.

  static final Option<Float> SCORER_TOLERANCE =
      add(
          Option.of(
              "scorer.tolerance",
              number("at least 0", value -> value >= 0),
              0.05f,
              "How much worse, in nats of class-balanced log-loss, a new model may be on the trusted"
                  + " events it carries than the running one; a worse one is held."));
  static final Option<Duration> SCORER_PATIENCE =
      add(
          Option.of(
              "scorer.patience",
              duration(Duration.ZERO, DAY),
              MINUTE,
              "How long an event waits for the first model of its key before it goes to rejects."));
  static final Option<Integer> SCORER_WAITING =
      add(
          Option.of(
              "scorer.waiting",
              integer(0, 10_000_000),
              100_000,
              "Events of a subtask that wait for models at most; the oldest go to rejects."));

  static final Option<Long> SCORER_CACHE_BYTES =
      add(
          Option.of(
              "scorer.cache-bytes",
              size(MIB, 1024 * GIB),
              128 * MIB,
              "Heap of each subtask for decoded models; the others are decoded again from their"
                  + " bytes when an event asks for them."));
  static final Option<Duration> SCORER_FLUSH_EVERY =
      add(
          Option.of(
              "scorer.flush-every",
              duration(Duration.ZERO, SECOND),
              Duration.ofMillis(5),
              "How long an event may wait for others on its way between two tasks of the scoring"
                  + " job; 0 sends each at once."));

  // Sinks.

  static final Option<SinkSettings.Format> SINK_FORMAT =
      add(
          Option.of(
              "sinks.format",
              choice(SinkSettings.Format.class),
              SinkSettings.Format.AVRO,
              "How records of all output topics are framed: with their schema's fingerprint, or"
                  + " with its id in the schema registry."));

  static final Option<SinkSettings.Guarantee> PREDICTIONS_GUARANTEE =
      add(guarantee("predictions", SinkSettings.Guarantee.AT_LEAST_ONCE));
  static final Option<SinkSettings.Guarantee> WEIGHTS_GUARANTEE =
      add(guarantee("weights", SinkSettings.Guarantee.EXACTLY_ONCE));
  static final Option<SinkSettings.Guarantee> DRIFT_GUARANTEE =
      add(guarantee("drift", SinkSettings.Guarantee.EXACTLY_ONCE));
  static final Option<SinkSettings.Guarantee> MODELS_GUARANTEE =
      add(guarantee("models", SinkSettings.Guarantee.EXACTLY_ONCE));
  static final Option<SinkSettings.Guarantee> REJECTS_GUARANTEE =
      add(guarantee("rejects", SinkSettings.Guarantee.EXACTLY_ONCE));
  static final Option<Duration> TRANSACTION_TIMEOUT =
      add(
          Option.of(
              "sinks.transaction-timeout",
              duration(SECOND, DAY.multipliedBy(7)),
              MINUTE.multipliedBy(15),
              "Age at which the broker aborts an open transaction; at most the broker's"
                  + " transaction.max.timeout.ms, and a longer outage of the job loses records."));
  static final Option<String> TRANSACTIONAL_ID_PREFIX =
      add(
          Option.of(
              "sinks.transactional-id-prefix",
              text("[A-Za-z0-9._-]{1,100}", "1 to 100 letters, digits, dots, _ and -"),
              "counterweight",
              "Begins the transactional ids of exactly-once sinks; each job on a Kafka cluster needs"
                  + " its own."));

  // Model.

  static final Option<List<String>> FEATURES =
      add(
          Option.required(
              "model.features",
              new FeaturesType(),
              "Features of an event, in order; by number alone they are called x0, x1 and so on."));
  static final Option<Integer> CLASSES =
      add(Option.of("model.classes", integer(2, 1000), 2, "Number of classes, labelled from 0."));
  static final Option<Map<String, List<String>>> CONCEPTS =
      add(
          Option.optional(
              "model.concepts",
              new ConceptsType(),
              "each feature is its own concept",
              "Features that are encoded together, by the name that reason codes show; a feature in"
                  + " no group is its own concept."));
  static final Option<List<Integer>> HIDDEN =
      add(
          Option.of(
              "model.hidden",
              new ListType<>(
                  integer(1, 4096),
                  widths -> widths.size() <= 8,
                  "a list of at most 8 integers of 1 to 4096, empty for no encoder"),
              List.of(16, 8),
              "Hidden widths of each concept's encoder."));
  static final Option<InputLayer> INPUT_LAYER =
      add(
          Option.of(
              "model.input-layer",
              choice(InputLayer.class),
              InputLayer.LINEAR,
              "First layer of the encoders; exu makes sharp steps easy, for concepts of one"
                  + " feature."));
  static final Option<Normalisation> NORMALISATION =
      add(
          Option.of(
              "model.normalisation",
              choice(Normalisation.class),
              Normalisation.RUNNING,
              "Statistics inside the encoders: the stream's, the mini-batch's or none."));
  static final Option<Float> NORMALISATION_MOMENTUM =
      add(
          Option.of(
              "model.normalisation-momentum",
              number("above 0 and at most 1", value -> value > 0 && value <= 1),
              0.02f,
              "Weight of the newest mini-batch in the running statistics."));
  static final Option<Float> NORMALISATION_EPSILON =
      add(
          Option.of(
              "model.normalisation-epsilon",
              number("above 0", value -> value > 0),
              1e-5f,
              "Added to variances."));
  static final Option<Float> DROPOUT =
      add(Option.of("model.dropout", fraction(), 0f, "Probability of dropping a hidden unit."));
  static final Option<Float> LEAKY_SLOPE =
      add(Option.of("model.leaky-slope", fraction(), 0.01f, "Slope of LeakyReLU below 0."));
  static final Option<Integer> ORDER =
      add(
          Option.of(
              "model.order",
              integer(1, 3),
              2,
              "Order of the polynomial: 1 adds concepts up, 2 has pairs, 3 triples."));
  static final Option<Integer> RANK =
      add(Option.of("model.rank", integer(1, 64), 8, "Tucker rank of the polynomial's tensors."));
  static final Option<Initialisation> INITIALISATION =
      add(
          Option.of(
              "model.initialisation",
              choice(Initialisation.class),
              Initialisation.TAYLOR,
              "How the polynomial's tensors start."));
  static final Option<Float> EXPANSION_POINT =
      add(
          Option.of(
              "model.expansion-point",
              number("of -1000000 to 1000000", value -> Math.abs(value) <= 1e6f),
              0f,
              "Point that the polynomial is expanded around, the same for every concept."));
  static final Option<Float> OUTPUT_PENALTY =
      add(
          Option.of(
              "model.output-penalty",
              atLeastZero(),
              1e-4f,
              "Coefficient of the mean squared concept in the training objective."));

  // Learner.

  static final Option<List<LaneText>> LANES =
      add(
          Option.of(
              "learner.lanes",
              new ListType<>(
                  new ScalarType<>(LaneText::parse, LaneText::toString, LaneText.RULE),
                  lanes ->
                      !lanes.isEmpty()
                          && ListType.isDistinct(lanes.stream().map(LaneText::name).toList()),
                  "a list with different names, each " + LaneText.RULE),
              Stream.of("uniform", "posterior", "by-concept", "swift")
                  .map(LaneText::parse)
                  .toList(),
              "Models that are trained side by side and mixed: uniform believes every label: the"
                  + " control; posterior by flip rates; by-concept by errors that depend on the"
                  + " concepts; swift is uniform with a short memory of its inputs; bilevel and"
                  + " alignment by gradients of trusted events; trusted, undersampled and oracle"
                  + " serve comparisons."));
  static final Option<String> WEIGHTS_LANE =
      add(
          Option.of(
              "learner.weights-lane",
              ScalarType.text("[a-z][a-z0-9-]{0,31}", "mixture or the name of a lane"),
              LearnerSettings.MIXTURE,
              "Lane whose weights are emitted; mixture is that of all, mixed as their logits are."));
  static final Option<Float> SUSPECT_PRECISION =
      add(
          Option.of(
              "learner.suspect-precision",
              number("above 0 and below 1", value -> value > 0 && value < 1),
              0.5f,
              "Share of the labels marked as suspect that shall be wrong."));
  static final Option<Balance> BALANCE =
      add(
          Option.of(
              "learner.balance",
              choice(Balance.class),
              Balance.LOGIT,
              "What is done about rare classes: their share goes to the logits in training, or each"
                  + " event counts by the inverse share of its class, or nothing."));
  static final Option<Decision> DECISION =
      add(
          Option.of(
              "learner.decision",
              choice(Decision.class),
              Decision.BALANCED,
              "Which class is predicted: the one whose probability has risen most over its share, or"
                  + " the most probable one."));
  static final Option<Float> AVERAGING =
      add(
          Option.of(
              "learner.averaging",
              number("of at least 0 and below 1", value -> value >= 0 && value < 1),
              0.9f,
              "Share of the running average of the parameters, which predicts, that stays at a"
                  + " training step; 0: the newest parameters predict."));
  static final Option<Float> WEAK_WEIGHT =
      add(
          Option.of(
              "learner.weak-weight",
              number("above 0 and at most 1", value -> value > 0 && value <= 1),
              0.3f,
              "Weight of labels that were only assumed (labelSource assumed-weak)."));
  static final Option<Integer> MUBO_BUFFER =
      add(
          Option.of(
              "learner.mubo.buffer",
              integer(1, 100_000),
              64,
              "Rows of each class that a lane of kind mubo keeps: of the rare class the newest, of"
                  + " the frequent one the newest that were accepted."));
  static final Option<Integer> TOP_REASONS =
      add(
          Option.of(
              "learner.top-reasons",
              integer(0, 1_000_000),
              0,
              "Contributions that a prediction names, the largest ones; the others are added up as"
                  + " (others); 0 names all."));
  static final Option<Integer> TOP_PAIRS =
      add(
          Option.of(
              "learner.top-pairs",
              integer(0, 28),
              3,
              "Pairs of concepts that a prediction names as interactions, the strongest ones among"
                  + " the eight concepts that contribute most; 0 names none."));
  static final Option<Float> SET_LEVEL =
      add(
          Option.of(
              "learner.prediction-sets.level",
              number("above 0 and below 1", value -> value > 0 && value < 1),
              0.9f,
              "Share of the events of each class whose prediction set shall hold their class."));
  static final Option<Float> SET_GAMMA =
      add(
          Option.of(
              "learner.prediction-sets.gamma",
              number("above 0 and below 1", value -> value > 0 && value < 1),
              0.05f,
              "Step by which a trusted event moves the level of its class."));
  static final Option<Integer> SET_WINDOW =
      add(
          Option.of(
              "learner.prediction-sets.window",
              integer(20, 100_000),
              500,
              "Newest trusted events of each class that prediction sets compare with."));
  static final Option<String> DRIFT_DETECTOR =
      add(
          Option.of(
              "learner.drift.detector",
              new ScalarType<>(
                  text -> new DriftSettings(text.strip(), 250, 6, true, true, true).detector(),
                  text -> text,
                  "one of " + String.join(", ", DriftSettings.names())),
              DriftSettings.CUSUM,
              "Detector of the trusted side; cusum adds up standardised losses; with none nothing is"
                  + " watched."));
  static final Option<Integer> DRIFT_BLOCK =
      add(
          Option.of(
              "learner.drift.block",
              integer(50, 1_000_000),
              250,
              "Labelled events of a block, by which labels, inputs and class shares are watched."));
  static final Option<Float> DRIFT_BLOCK_ALARM =
      add(
          Option.of(
              "learner.drift.block-alarm",
              number("above 0", value -> value > 0),
              6f,
              "Standard deviations, added up over blocks and above one for each, by which blocks must"
                  + " differ from those before."));
  static final Option<Boolean> DRIFT_CHALLENGE =
      add(
          Option.of(
              "learner.drift.challenge",
              flag(),
              true,
              "Whether fresh lanes begin at a warning; the mixture decides when they take over."));
  static final Option<Boolean> DRIFT_PURGE =
      add(
          Option.of(
              "learner.drift.purge",
              flag(),
              true,
              "Whether a drift of the concept purges what was trusted before it."));
  static final Option<Boolean> DRIFT_RESET =
      add(
          Option.of(
              "learner.drift.reset",
              flag(),
              true,
              "Whether a drift of the noise resets flip rates and weight nets, one of the inputs their"
                  + " statistics, and one of the prior the class shares."));
  static final Option<Integer> LABEL_HORIZON =
      add(
          Option.of(
              "learner.labels.horizon",
              integer(2, Integer.MAX_VALUE),
              5000,
              "Labels that the shares of the classes remember."));
  static final Option<Integer> LABEL_PAIRING =
      add(
          Option.of(
              "learner.labels.pairing",
              integer(1, 10_000_000),
              4096,
              "Newest labels of a key that wait for their trusted label, 10 bytes each."));
  static final Option<Integer> PAIR_HORIZON =
      add(
          Option.of(
              "learner.labels.pair-horizon",
              integer(2, 1_000_000),
              400,
              "Pairs of an ordinary and a trusted label, for each true class, that the flip rates"
                  + " remember."));
  static final Option<Integer> UPPER_EVERY =
      add(
          Option.of(
              "learner.weight-net.every",
              integer(1, 1_000_000),
              4,
              "Training steps from one step of a MetaWeightNet to the next."));
  static final Option<Integer> UPPER_POOL =
      add(
          Option.of(
              "learner.weight-net.pool",
              integer(1, 65_536),
              96,
              "Newest labelled events of a key that a step of a MetaWeightNet looks at."));
  static final Option<Integer> MINI_BATCH =
      add(
          Option.of(
              "learner.mini-batch",
              integer(1, 65_536),
              12,
              "Labelled events of a key in one training step."));
  static final Option<Duration> MAX_LATENCY =
      add(
          Option.of(
              "learner.max-latency",
              duration(MILLISECOND, DAY),
              SECOND,
              "Age at which a mini-batch is trained on although it is not full."));
  static final Option<Ordering> ORDERING =
      add(
          Option.of(
              "learner.ordering",
              choice(Ordering.class),
              Ordering.ARRIVAL,
              "Order in which events are learned; event-time waits for the watermark and gives the"
                  + " same weights for the same topics and seed."));
  static final Option<Float> LEARNING_RATE =
      add(
          Option.of(
              "learner.optimizer.learning-rate",
              learningRate(),
              0.005f,
              "Learning rate of AdamW on the model."));
  static final Option<Float> BETA1 =
      add(Option.of("learner.optimizer.beta1", fraction(), 0.9f, "Decay of the first moment."));
  static final Option<Float> BETA2 =
      add(Option.of("learner.optimizer.beta2", fraction(), 0.999f, "Decay of the second moment."));
  static final Option<Float> EPSILON =
      add(
          Option.of(
              "learner.optimizer.epsilon",
              number("above 0", value -> value > 0),
              1e-8f,
              "Added to the root of the second moment."));
  static final Option<Float> WEIGHT_DECAY =
      add(
          Option.of(
              "learner.optimizer.weight-decay", fraction(), 0.01f, "Decoupled weight decay."));
  static final Option<Float> GROUP_LASSO =
      add(
          Option.of(
              "learner.group-lasso",
              atLeastZero(),
              0f,
              "Coefficient of the concept-wise group lasso; about 0.006 removes idle concepts."));
  static final Option<Integer> STANDARDISER_HORIZON =
      add(
          Option.of(
              "learner.standardiser.horizon",
              integer(2, Integer.MAX_VALUE),
              5000,
              "Events that the means and variances of the inputs remember."));
  static final Option<Float> STANDARDISER_CLIP =
      add(
          Option.of(
              "learner.standardiser.clip",
              number("above 0", value -> value > 0),
              10f,
              "Standard deviations at which inputs are clipped."));
  static final Option<Integer> TRUSTED_PER_CLASS =
      add(
          Option.of(
              "learner.trusted.per-class",
              integer(1, 100_000),
              300,
              "Newest trusted events of each class that a key keeps."));
  static final Option<Integer> TRUSTED_BATCH =
      add(
          Option.of(
              "learner.trusted.batch",
              integer(1, 65_536),
              16,
              "Trusted events drawn for a training step."));
  static final Option<Integer> TRUSTED_MINIMUM_PER_CLASS =
      add(
          Option.of(
              "learner.trusted.minimum-per-class",
              integer(1, 100_000),
              8,
              "A class steers once it has so many trusted events; below two such classes weights"
                  + " are the control's."));
  static final Option<Duration> TRUSTED_MAXIMUM_AGE =
      add(
          Option.of(
              "learner.trusted.maximum-age",
              duration(MILLISECOND, DAY.multipliedBy(36_500)),
              DAY.multipliedBy(30),
              "Trusted events further behind the stream's time are not used."));
  static final Option<Float> ANCHOR =
      add(
          Option.of(
              "learner.trusted.anchor",
              atLeastZero(),
              0.3f,
              "Coefficient of the trusted batch's loss in the training objective."));
  static final Option<Integer> WEIGHT_NET_HIDDEN =
      add(
          Option.of(
              "learner.weight-net.hidden",
              integer(1, 4096),
              100,
              "Hidden units of the MetaWeightNet."));
  static final Option<WeightInputs> WEIGHT_NET_INPUTS =
      add(
          Option.of(
              "learner.weight-net.inputs",
              new ScalarType<>(
                  text -> WeightInputs.parse(text.strip()),
                  WeightInputs::toString,
                  "loss or z-loss, then +label, +concepts and +posterior as wanted"),
              new WeightInputs(false, true, true, true),
              "What the MetaWeightNet sees of an event."));
  static final Option<WeightNormalisation> WEIGHT_NET_NORMALISATION =
      add(
          Option.of(
              "learner.weight-net.normalisation",
              choice(WeightNormalisation.class),
              WeightNormalisation.MEAN,
              "What is fixed in a mini-batch: the weights' sum, the divisor of the mean, or mean 1"
                  + " inside each label."));
  static final Option<Float> WEIGHT_NET_LEARNING_RATE =
      add(
          Option.of(
              "learner.weight-net.learning-rate",
              learningRate(),
              0.001f,
              "Learning rate of Adam on the MetaWeightNet."));
  static final Option<LookAhead> LOOK_AHEAD =
      add(
          Option.of(
              "learner.weight-net.look-ahead",
              choice(LookAhead.class),
              LookAhead.SGD,
              "Metric of the virtual step by which the MetaWeightNet is judged."));
  static final Option<Float> METRIC_CAP =
      add(
          Option.of(
              "learner.weight-net.metric-cap",
              number("above 0", value -> value > 0),
              1000f,
              "Upper bound of an entry of Adam's metric."));
  static final Option<Float> HYPERGRADIENT_CLIP =
      add(
          Option.of(
              "learner.weight-net.hypergradient-clip",
              number("above 0", value -> value > 0),
              1f,
              "Upper bound of the norm of the MetaWeightNet's gradient."));
  static final Option<Float> ALIGNMENT_WINSOR =
      add(
          Option.of(
              "learner.weight-net.alignment-winsor",
              number("above 0", value -> value > 0),
              5f,
              "How many times its root mean square an event's alignment may be."));
  static final Option<Float> MIXTURE_RATE =
      add(
          Option.of(
              "learner.mixture.rate",
              atLeastZero(),
              0.1f,
              "Learning rate of the lanes' weights; 0 keeps them as they start."));
  static final Option<Float> MIXTURE_SHARE =
      add(
          Option.of(
              "learner.mixture.share",
              fraction(),
              0.01f,
              "Part of the lanes' weight that returns to the start after each trusted event."));
  static final Option<Float> MIXTURE_LOSS_CAP =
      add(
          Option.of(
              "learner.mixture.loss-cap",
              number("above 0", value -> value > 0),
              4f,
              "Largest log-loss, in nats, that one trusted event counts."));
  static final Option<Float> SUCCESSION_RATE =
      add(
          Option.of(
              "learner.mixture.succession-rate",
              atLeastZero(),
              0.3f,
              "Learning rate of the share of lanes that began at a suspected drift."));
  static final Option<Integer> SNAPSHOT_EVERY =
      add(
          Option.of(
              "learner.snapshot-every",
              integer(0, Integer.MAX_VALUE),
              1000,
              "Mini-batches of a key between model snapshots on the models topic; 0 is never."));
  static final Option<String> PARENT =
      add(
          Option.optional(
              "learner.parent",
              text("[^\\p{Cntrl}\\s]([^\\p{Cntrl}]{0,198}\\S)?", "1 to 200 printable characters"),
              "new keys begin from nothing",
              "Model key at whose newest published model new keys begin; needs snapshots"
                  + " (learner.snapshot-every)."));
  static final Option<Float> PARENT_SHARE =
      add(
          Option.of(
              "learner.parent-share",
              fraction(),
              0.05f,
              "Part of all events, by their ids, that is copied under the parent's key and only"
                  + " trains it; 0: producers send events of that key themselves."));
  static final Option<Long> SEED =
      add(Option.of("learner.seed", ScalarType.anyLong(), 1L, "Seed of every random number."));

  // State.

  static final Option<Long> CACHE_BYTES =
      add(
          Option.of(
              "state.cache-bytes",
              size(MIB, 1024 * GIB),
              64 * MIB,
              "Heap of each subtask for live learners; the rest stays in the state backend."));
  static final Option<Integer> MAX_KEYS =
      add(
          Option.of(
              "state.max-keys",
              integer(0, Integer.MAX_VALUE),
              1_000_000,
              "Model keys of each subtask; events of further keys are rejected as KEY_LIMIT, and 0"
                  + " sets no limit."));
  static final Option<String> CHECKPOINT_DIRECTORY =
      add(
          Option.of(
              "state.checkpoint-directory",
              new ScalarType<>(
                  Options::location,
                  Function.identity(),
                  "a path or a URI such as s3://bucket/path"),
              "run/checkpoints",
              "Where checkpoints are kept; a path is relative to the working directory."));
  static final Option<Duration> CHECKPOINT_INTERVAL =
      add(
          Option.of(
              "state.checkpoint-interval",
              duration(Duration.ofMillis(10), DAY),
              SECOND.multipliedBy(10),
              "Time between checkpoints, and so until exactly-once outputs become visible."));
  static final Option<Duration> CHECKPOINT_TIMEOUT =
      add(
          Option.of(
              "state.checkpoint-timeout",
              duration(Duration.ofMillis(10), DAY),
              MINUTE.multipliedBy(10),
              "A checkpoint that takes longer is given up."));
  static final Option<Integer> RETAIN =
      add(Option.of("state.retain", integer(1, 1000), 3, "Completed checkpoints that are kept."));

  // Watermarks.

  static final Option<Duration> OUT_OF_ORDERNESS =
      add(
          Option.of(
              "watermarks.out-of-orderness",
              duration(Duration.ZERO, DAY.multipliedBy(365)),
              SECOND.multipliedBy(5),
              "How far an event may lie behind the newest one before it counts as late."));
  static final Option<Duration> IDLENESS =
      add(
          Option.of(
              "watermarks.idleness",
              duration(MILLISECOND, DAY.multipliedBy(365)),
              SECOND.multipliedBy(30),
              "A partition that is silent for so long, also right after a start, no longer holds event time back."));

  // Job.

  static final Option<String> JOB_NAME =
      add(
          Option.of(
              "job.name",
              text("[^\\p{Cntrl}\\s]([^\\p{Cntrl}]{0,198}\\S)?", "1 to 200 printable characters"),
              "counterweight",
              "Shown in Flink's dashboard and in metrics."));
  static final Option<Integer> PARALLELISM =
      add(Option.of("job.parallelism", integer(1, 32_768), 1, "Subtasks of each operator."));
  static final Option<Integer> MAX_PARALLELISM =
      add(
          Option.of(
              "job.max-parallelism",
              integer(1, 32_768),
              128,
              "Number of key groups: the most that parallelism can become; fixed once there is"
                  + " state."));
  static final Option<ComputeSettings.Backend> BACKEND =
      add(
          Option.of(
              "compute.backend",
              choice(ComputeSettings.Backend.class),
              ComputeSettings.Backend.AUTO,
              "What computes: auto takes the fastest that works on the machine, never nd4j (the"
                  + " cross-check, slow on a CPU, on GPUs with the Maven profile nd4j-cuda) or cuda"
                  + " (experimental, with the Maven profile cuda)."));
  static final Option<OptionalInt> DASHBOARD_PORT =
      add(
          Option.of(
              "dashboard.port",
              new ScalarType<>(
                  Options::port,
                  port -> port.isPresent() ? String.valueOf(port.getAsInt()) : "none",
                  "a port of 0 to 65535 (0 takes a free one), or none"),
              OptionalInt.empty(),
              "Port of Flink's web dashboard where the job runs locally."));

  // Console.

  static final Option<Boolean> CONSOLE_ENABLED =
      add(
          Option.of(
              "console.enabled",
              flag(),
              true,
              "Whether run and demo serve the live console, a read-only page of what the job does;"
                  + " run then also opens Flink's dashboard on a free loopback port where"
                  + " dashboard.port is none, for the job's metrics."));
  static final Option<String> CONSOLE_ADDRESS =
      add(
          Option.of(
              "console.address",
              text("[A-Za-z0-9.:_%-]{1,255}", "a host name or an address"),
              "127.0.0.1",
              "Address that the console listens on; it asks for no password, so whoever reaches it"
                  + " reads keys, event ids and labels."));
  static final Option<Integer> CONSOLE_PORT =
      add(
          Option.of(
              "console.port",
              integer(0, 65_535),
              7007,
              "Port of the console; 0 takes a free one, and so does a port that is taken, with a"
                  + " message."));

  /** All of them, in order. */
  static List<Option<?>> all() {
    return Collections.unmodifiableList(ALL);
  }

  private static <T> Option<T> add(Option<T> option) {
    ALL.add(option);
    return option;
  }

  private static Option<String> topic(String name, String description) {
    return Option.of(
        "topics." + name,
        text(
            "(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}",
            "a Kafka topic name (1 to 249 letters, digits, dots, _ and -; not . or ..)"),
        name,
        description);
  }

  private static Option<SinkSettings.Guarantee> guarantee(
      String sink, SinkSettings.Guarantee standard) {
    return Option.of(
        "sinks." + sink + ".guarantee",
        choice(SinkSettings.Guarantee.class),
        standard,
        "What a failure may do to records on the "
            + sink
            + " topic: lose or repeat them, repeat them, or nothing.");
  }

  private static ScalarType<Float> fraction() {
    return number("of at least 0 and below 1", value -> value >= 0 && value < 1);
  }

  private static ScalarType<Float> atLeastZero() {
    return number("of at least 0", value -> value >= 0);
  }

  private static ScalarType<Float> learningRate() {
    return number("above 0 and at most 1", value -> value > 0 && value <= 1);
  }

  private static String location(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("'" + text + "' is blank");
    }
    StateSettings.toUri(text);
    return text;
  }

  private static URI registryUrl(String text) {
    URI url = URI.create(text.strip());
    boolean isOne =
        url.getHost() != null
            && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
            && url.getUserInfo() == null
            && url.getQuery() == null
            && url.getFragment() == null;
    if (!isOne) {
      throw new IllegalArgumentException("not the address of a registry");
    }
    return url;
  }

  private static boolean hasPort(String server) {
    int port = Integer.parseInt(server.substring(server.lastIndexOf(':') + 1));
    return port >= 1 && port <= 65_535;
  }

  private static OptionalInt port(String text) {
    if (text.strip().equals("none") || text.strip().equals("-1")) {
      return OptionalInt.empty();
    }
    int port = Integer.parseInt(text.strip());
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("'" + text + "' is not a port");
    }
    return OptionalInt.of(port);
  }
}
