package io.counterweight.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.compute.StepSettings;
import io.counterweight.learner.LaneSettings;
import io.counterweight.learner.LaneSettings.Balance;
import io.counterweight.learner.LaneSettings.Policy;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.meta.WeightInputs;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.operator.Ordering;
import io.counterweight.optim.Adam;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineConfigTest {

  @Test
  void aParentNeedsPublishedModels() {
    String yaml = "{kafka.bootstrap-servers: 'a:1', model.features: 2, learner.parent: global}";

    assertThat(EngineConfig.parse(yaml).training().parent()).contains("global");
    assertThat(EngineConfig.parse(yaml).training().parentShare()).isEqualTo(0.05f);
    assertThatThrownBy(() -> EngineConfig.parse(yaml, "learner.snapshot-every=0"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("learner.snapshot-every")
        .hasMessageContaining("learner.parent");
    assertThatThrownBy(() -> EngineConfig.parse(yaml, "learner.parent-share=1"))
        .hasMessageContaining("learner.parent-share");
  }

  @Test
  void theKeyOfEventsThatNameNoneIsNoParentThatIsNotPredicted() {
    String yaml = "{kafka.bootstrap-servers: 'a:1', model.features: 2, learner.parent: default}";

    assertThatThrownBy(() -> EngineConfig.parse(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("learner.parent: is 'default'")
        .hasMessageContaining("events that name none");
    assertThat(EngineConfig.parse(yaml, "learner.parent-share=0").training().parent())
        .contains("default");
  }

  @Test
  void aMinimalConfigurationHasTheDefaultsOfTheLearner() {
    LearnerSettings learner = EngineConfig.parse(Yaml.MINIMAL).learner();

    assertThat(learner.spec())
        .isEqualTo(
            new BatmSpec(
                4,
                2,
                BatmSpec.oneConceptEach(List.of("x0", "x1", "x2", "x3")),
                List.of(16, 8),
                true,
                BatmSpec.InputLayer.LINEAR,
                BatmSpec.Normalisation.RUNNING,
                0.02f,
                1e-5f,
                0,
                0.01f,
                2,
                8,
                BatmSpec.Initialisation.TAYLOR,
                0,
                1e-4f));
    assertThat(learner.lanes())
        .extracting("name")
        .containsExactly("uniform", "posterior", "by-concept", "swift");
    assertThat(learner.weightsLane()).isEqualTo("mixture");
    assertThat(learner.miniBatch()).isEqualTo(12);
    assertThat(learner.standardiserHorizon()).isEqualTo(5000);
    assertThat(learner.trusted().maximumAge()).isEqualTo(Duration.ofDays(30).toMillis());
    assertThat(learner.seed()).isEqualTo(1);
  }

  @Test
  void lanesDifferInPolicyAndStartOnlyButForTheSwiftOne() {
    List<LaneSettings> lanes = EngineConfig.parse(Yaml.MINIMAL).learner().lanes();

    assertThat(lanes.get(0)).isEqualTo(lane("uniform", Policy.UNIFORM, true, false, 0));
    assertThat(lanes.get(1)).isEqualTo(lane("posterior", Policy.POSTERIOR, true, false, 1));
    assertThat(lanes.get(2)).isEqualTo(lane("by-concept", Policy.POSTERIOR, false, true, 2));
    assertThat(lanes.get(3).policy()).isEqualTo(Policy.UNIFORM);
    assertThat(lanes.get(3).normalisationMomentum()).isEqualTo(0.2f);
    assertThat(lanes.get(3).step().averaging()).isZero();
    assertThat(lanes.get(3).share()).isEqualTo(0.3f);
  }

  private static LaneSettings lane(
      String name, Policy policy, boolean soft, boolean conceptErrors, int start) {
    return new LaneSettings(
        name,
        policy,
        Balance.LOGIT,
        soft,
        conceptErrors,
        0.02f,
        start,
        1,
        new StepSettings(
            false,
            new Adam(0.005f, 0.9f, 0.999f, 1e-8f, 0.01f),
            0.9f,
            0,
            0.3f,
            100,
            new WeightInputs(false, true, true, true),
            Adam.withRate(0.001f),
            WeightNormalisation.MEAN,
            StepSettings.LookAhead.SGD,
            1000,
            1,
            5));
  }

  @Test
  void aLaneMayBeWrittenOut() {
    LearnerSettings learner =
        EngineConfig.parse(
                Yaml.MINIMAL
                    + """
                    learner:
                      lanes: ["plain=uniform:anchor=0:balance=none:start=7", bilevel]
                      weights-lane: plain
                    """)
            .learner();

    LaneSettings plain = learner.lanes().get(0);
    assertThat(plain.name()).isEqualTo("plain");
    assertThat(plain.step().anchor()).isZero();
    assertThat(plain.balance()).isEqualTo(Balance.NONE);
    assertThat(plain.start()).isEqualTo(7);
    assertThat(learner.lanes().get(1).policy()).isEqualTo(Policy.BILEVEL);
    assertThat(learner.lanes().get(1).step().steering()).isTrue();
    assertThat(learner.weightsLane()).isEqualTo("plain");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "magic",
        "uniform:anchor",
        "uniform:anchor=-1",
        "uniform:balance=heavy",
        "uniform:anchor=1:anchor=2",
        "uniform:colour=red",
        "posterior:target=hard",
        "bilevel:inputs=luck",
        "Mine=uniform",
        "mixture=uniform",
        "uniform:share=0",
        "uniform:momentum=0",
        "uniform:learning-rate=0"
      })
  void aLaneThatSaysNothingSensibleIsRefusedWithTheRule(String lane) {
    assertThatThrownBy(() -> EngineConfig.parse(Yaml.MINIMAL + "learner.lanes: ['" + lane + "']\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("learner.lanes")
        .hasMessageContaining(lane)
        .hasMessageContaining("[NAME=]KIND");
  }

  @Test
  void aMinimalConfigurationHasTheDefaultsOfTheJob() {
    EngineConfig config = EngineConfig.parse(Yaml.MINIMAL);

    assertThat(config.kafka())
        .isEqualTo(new KafkaSettings("localhost:9092", "counterweight", Map.of()));
    assertThat(config.sinks().predictions()).isEqualTo(SinkSettings.Guarantee.AT_LEAST_ONCE);
    assertThat(config.sinks().models()).isEqualTo(SinkSettings.Guarantee.EXACTLY_ONCE);
    assertThat(config.training())
        .isEqualTo(
            new TrainingSettings(
                Duration.ofSeconds(1), Ordering.ARRIVAL, 1000, Optional.empty(), 0.05f));
    assertThat(config.state().cacheBytes()).isEqualTo(64L << 20);
    assertThat(config.watermarks())
        .isEqualTo(new WatermarkSettings(Duration.ofSeconds(5), Duration.ofSeconds(30)));
    assertThat(config.job())
        .isEqualTo(new JobSettings("counterweight", 1, 128, OptionalInt.empty()));
    assertThat(config.compute().backend()).isEqualTo(ComputeSettings.Backend.AUTO);
  }

  @Test
  void sectionsMayBeNestedOrWrittenWithDots() {
    EngineConfig nested =
        EngineConfig.parse(
            """
            kafka: {bootstrap-servers: "a:1, b:2"}
            model:
              features: [amount, hour]
            learner:
              optimizer:
                learning-rate: 1e-3
            """);
    EngineConfig dotted =
        EngineConfig.parse(
            """
            kafka.bootstrap-servers: [a:1, b:2]
            model.features: [amount, hour]
            learner.optimizer.learning-rate: .001
            """);

    assertThat(nested).isEqualTo(dotted);
    assertThat(nested.kafka().bootstrapServers()).isEqualTo("a:1,b:2");
    assertThat(nested.featureNames()).containsExactly("amount", "hour");
    assertThat(nested.learner().lanes().get(0).step().adam().learningRate()).isEqualTo(0.001f);
  }

  @Test
  void conceptsTakeNamesAndIndicesAndLeaveOtherFeaturesAlone() {
    EngineConfig config =
        EngineConfig.parse(
            """
            kafka.bootstrap-servers: localhost:9092
            model:
              features: [amount, hour, day, distance]
              concepts:
                time: [hour, 2]
                money: amount
            """);

    assertThat(config.learner().spec().concepts())
        .containsExactly(
            new Concept("time", List.of(1, 2)),
            new Concept("money", List.of(0)),
            new Concept("distance", List.of(3)));
  }

  @Test
  void theCommandLineWins() {
    EngineConfig config =
        EngineConfig.parse(
            Yaml.MINIMAL + "learner: {mini-batch: 32, lanes: [bilevel]}\njob.name: ours\n",
            "learner.mini-batch=64",
            "learner.lanes=uniform",
            "model.hidden=[32, 16]",
            "kafka.properties.security.protocol=SSL",
            "job.name=");

    assertThat(config.learner().miniBatch()).isEqualTo(64);
    assertThat(config.learner().lanes()).extracting("name").containsExactly("uniform");
    assertThat(config.learner().spec().hidden()).containsExactly(32, 16);
    assertThat(config.kafka().properties()).containsEntry("security.protocol", "SSL");
    assertThat(config.job().name()).isEqualTo("counterweight");
  }

  @Test
  void kafkaPropertiesMayBeNestedAndOverriddenOneByOne() {
    EngineConfig config =
        EngineConfig.parse(
            Yaml.MINIMAL
                + """
                kafka:
                  properties:
                    security: {protocol: PLAINTEXT}
                    client.id: ours
                """,
            "kafka.properties.security.protocol=SSL");

    assertThat(config.kafka().properties())
        .isEqualTo(Map.of("security.protocol", "SSL", "client.id", "ours"));
  }

  @Test
  void aKeyWithoutAValueKeepsItsDefault() {
    EngineConfig config = EngineConfig.parse(Yaml.MINIMAL + "learner:\nmodel.hidden:\n");

    assertThat(config).isEqualTo(EngineConfig.parse(Yaml.MINIMAL));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "learner.minibatch=3 | learner.minibatch: is not a known key, did you mean"
            + " learner.mini-batch? (command line)",
        "learner.learning-rate=.1 | learner.learning-rate: is not a known key, did you mean"
            + " learner.optimizer.learning-rate? (command line)",
        "learner.frobnicate=.1 | learner.frobnicate: is not a known key, see"
            + " docs/configuration.md (command line)",
        "learner.suspect-precision=1 | learner.suspect-precision: is '1', expected a number above 0"
            + " and below 1 (command line)",
        "learner.drift.detector=luck | learner.drift.detector: is 'luck', expected one of cusum,"
            + " none, adwin, page-hinkley, ddm, eddm, hddm-a, hddm-w, kswin (command line)",
        "learner=5 | learner: is '5', expected a mapping with keys such as learner.lanes (command"
            + " line)",
        "compute.backend=gpu | compute.backend: is 'gpu', expected auto, vector, scalar, nd4j or cuda (command line)",
        "learner.mini-batch=65537 | learner.mini-batch: is '65537', expected an integer of 1 to"
            + " 65536 (command line)",
        "learner.trusted.minimum-per-class=301 | learner.trusted.minimum-per-class: is '301',"
            + " expected at most learner.trusted.per-class (300) (command line)",
        "topics.weights=events | topics.weights: is 'events', expected another topic than that of"
            + " topics.events ('events'; . and _ count as the same) (command line)",
        "job.parallelism=129 | job.parallelism: is '129', expected at most job.max-parallelism"
            + " (128) (command line)",
        "sinks.transaction-timeout=1 min | sinks.transaction-timeout: is '1 min', expected at"
            + " least state.checkpoint-interval and state.checkpoint-timeout together (610 s):"
            + " until then a transaction may have to stay open (command line)",
        "model.concepts.money=[amount] | model.concepts.money: is 'amount', expected names from"
            + " model.features or indices of 0 to 3 (command line)",
        "model.concepts.money=[x1, 1] | model.concepts.money: is 'x1, 1', expected each feature"
            + " once (command line)",
        "model.concepts.x0=[x1] | model.concepts.x0: is 'x0', expected a name that no other concept"
            + " has (command line)",
        "model.features=10001 | model.features: is '10001', expected their number, 1 to 10000, or"
            + " a list of as many different names of 1 to 100 characters that are not integers"
            + " (command line)",
        "kafka.properties.group.id=x | kafka.properties.group.id: cannot be set here: use"
            + " kafka.group-id (command line)",
        "learner.lanes | learner.lanes: is 'learner.lanes', expected key=value (command line)",
      })
  void whatIsWrongIsNamed(String override, String message) {
    assertThatThrownBy(() -> EngineConfig.parse(Yaml.MINIMAL, override))
        .isInstanceOf(ConfigException.class)
        .hasMessage(message);
  }

  @Test
  void theWeightsLaneMustBeConfigured() {
    assertThatThrownBy(
            () ->
                EngineConfig.parse(
                    Yaml.MINIMAL + "learner: {lanes: [uniform],\n weights-lane: bilevel}\n"))
        .hasMessage(
            "learner.weights-lane: is 'bilevel', expected mixture or one of learner.lanes (uniform)"
                + " (configuration, line 4)");
  }

  @Test
  void labelsThatNobodyGaveCannotBeTrusted() {
    assertThatThrownBy(
            () -> EngineConfig.parse(Yaml.MINIMAL, "labels.trusted-sources=[expert, assumed-weak]"))
        .hasMessageStartingWith(
            "labels.trusted-sources: is '[expert, assumed-weak]', expected neither assumed nor"
                + " assumed-weak");
  }

  @Test
  void groupsNeedAnEncoder() {
    assertThatThrownBy(
            () ->
                EngineConfig.parse(Yaml.MINIMAL, "model.hidden=[]", "model.concepts.pair=[x0, x1]"))
        .hasMessageStartingWith("model.hidden: is '[]', expected at least one width");
    assertThat(EngineConfig.parse(Yaml.MINIMAL, "model.hidden=[]").learner().spec().encoder())
        .isFalse();
  }

  @Test
  void anAbsurdModelIsRefusedBeforeItIsAllocated() {
    assertThatThrownBy(
            () -> EngineConfig.parse(Yaml.MINIMAL, "model.features=100", "model.hidden=4096,4096"))
        .hasMessageStartingWith("model.hidden: is '[4096, 4096]', expected a model of at most");
  }

  @Test
  void aShortTransactionTimeoutIsFineWithoutTransactions() {
    EngineConfig.parse(
        Yaml.MINIMAL,
        "sinks.transaction-timeout=1 min",
        "sinks.weights.guarantee=none",
        "sinks.drift.guarantee=at-least-once",
        "sinks.models.guarantee=none",
        "sinks.rejects.guarantee=none");
  }

  @Test
  void aMissingKeyIsNamed() {
    assertThatThrownBy(() -> EngineConfig.parse("model.features: 3"))
        .hasMessage(
            "kafka.bootstrap-servers: is missing, expected host:port, several separated by commas"
                + " (configuration)");
  }

  @Test
  void aFileThatIsNotThereIsNamed(@TempDir Path folder) {
    Path file = folder.resolve("job.yaml");

    assertThatThrownBy(() -> EngineConfig.load(file, List.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage(file + ": is missing: there is no such file");
    assertThatThrownBy(() -> EngineConfig.load(folder, List.of()))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void aFileThatIsNotUtf8IsNamed(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("job.yaml"), new byte[] {(byte) 0xff, 0x20});

    assertThatThrownBy(() -> EngineConfig.load(file, List.of()))
        .hasMessage(file + ": is not text in UTF-8");
  }

  @Test
  void checkpointsMayLieAnywhere() {
    assertThat(checkpointUri("s3://bucket/checkpoints")).hasToString("s3://bucket/checkpoints");
    assertThat(checkpointUri("run/x"))
        .isEqualTo(Path.of("").toAbsolutePath().resolve("run/x").toUri());
    assertThatThrownBy(() -> checkpointUri("s3://bad bucket"))
        .hasMessageStartingWith(
            "state.checkpoint-directory: is 's3://bad bucket', expected a path");
  }

  private static URI checkpointUri(String directory) {
    return EngineConfig.parse(Yaml.MINIMAL, "state.checkpoint-directory=" + directory)
        .state()
        .checkpointUri();
  }

  @Test
  void recordsCheckThemselvesToo() {
    assertThatThrownBy(() -> new JobSettings("x", 0, 1, OptionalInt.empty()))
        .hasMessage("job.parallelism: is '0', expected an integer of 1 to 32768");
  }

  @Test
  void theExampleLoads() {
    EngineConfig config = EngineConfig.load(Path.of("deploy", "example.yaml"), List.of());

    assertThat(config.featureNames()).hasSize(9);
    assertThat(config.learner().spec().concepts())
        .extracting(Concept::name)
        .startsWith("time", "customer", "terminal");
  }

  @Test
  void checkpointsLieBelowTheJobsNameWhetherTheDirectoryExistsOrNot(@TempDir Path directory)
      throws IOException {
    Path checkpoints = directory.resolve("checkpoints");
    EngineConfig config =
        EngineConfig.parse(
            Yaml.MINIMAL, "state.checkpoint-directory=" + checkpoints, "job.name=my job");

    URI before = config.checkpoints();
    Files.createDirectories(checkpoints);

    assertThat(before.toString()).endsWith("/checkpoints/my_job");
    assertThat(config.checkpoints()).isEqualTo(before);
  }
}
