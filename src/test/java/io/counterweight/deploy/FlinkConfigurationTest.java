package io.counterweight.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.metrics.prometheus.PrometheusReporterFactory;
import org.junit.jupiter.api.Test;

/** The image's {@code config.yaml}, loaded by Flink, and the part that Kubernetes repeats. */
class FlinkConfigurationTest {
  /** What the two ways to deploy may have different. */
  private static final List<String> OF_THE_PLACE =
      List.of("jobmanager.", "taskmanager.", "rest.", "high-availability.", "kubernetes.");

  private static final List<String> DIRECTORIES =
      List.of(
          "execution.checkpointing.dir",
          "execution.checkpointing.savepoint-dir",
          "state.backend.rocksdb.localdir");

  private final Configuration image =
      GlobalConfiguration.loadConfiguration(DeployFiles.FOLDER.resolve("flink").toString());
  private final Configuration kubernetes = KubernetesManifests.flinkConfiguration("cpu");

  @Test
  void everyOptionIsOneOfFlinkAndHasAValueOfItsType() {
    FlinkOptions.check(image);
    FlinkOptions.check(kubernetes);
    FlinkOptions.check(KubernetesManifests.flinkConfiguration("gpu"));
  }

  @Test
  void whatIsNoOptionIsFound() {
    assertThatThrownBy(
            () -> FlinkOptions.check(Configuration.fromMap(Map.of("state.backend.typ", "rocksdb"))))
        .hasMessage("Flink has no option state.backend.typ");
    assertThatThrownBy(
            () ->
                FlinkOptions.check(
                    Configuration.fromMap(Map.of("execution.checkpointing.interval", "soon"))))
        .hasMessage("execution.checkpointing.interval cannot be soon");
  }

  @Test
  void stateIsInRocksDbAndCheckpointsAreIncrementalAndStay() {
    assertThat(image.get(StateBackendOptions.STATE_BACKEND)).isEqualTo("rocksdb");
    assertThat(image.get(CheckpointingOptions.INCREMENTAL_CHECKPOINTS)).isTrue();
    assertThat(image.get(CheckpointingOptions.CHECKPOINTING_INTERVAL)).hasSeconds(10);
    assertThat(image.get(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE))
        .isEqualTo(CheckpointingMode.EXACTLY_ONCE);
    assertThat(image.get(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION))
        .isEqualTo(ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
  }

  @Test
  void theJvmGetsTheVectorModuleAndThePackagesThatSerialisersOpen() {
    assertThat(image.get(CoreOptions.FLINK_JVM_OPTIONS).split(" +"))
        .contains(
            "--add-modules=jdk.incubator.vector",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED")
        .allMatch(flag -> flag.startsWith("--add-"));
  }

  @Test
  void metricsAreReportedToPrometheus() {
    assertThat(image.toMap())
        .containsEntry("metrics.reporters", "prom")
        .containsEntry("metrics.reporter.prom.port", "9249")
        .containsEntry(
            "metrics.reporter.prom.factory.class", PrometheusReporterFactory.class.getName());
  }

  @Test
  void kubernetesHasTheSameOptionsExceptForPlacesAndSizes() {
    assertThat(shared(kubernetes)).isEqualTo(shared(image));
  }

  private static Map<String, String> shared(Configuration configuration) {
    Map<String, String> shared = configuration.toMap();
    shared.keySet().removeIf(key -> OF_THE_PLACE.stream().anyMatch(key::startsWith));
    shared.keySet().removeAll(DIRECTORIES);
    return shared;
  }
}
