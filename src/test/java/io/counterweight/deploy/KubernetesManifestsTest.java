package io.counterweight.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.counterweight.config.ComputeSettings;
import io.counterweight.config.EngineConfig;
import io.counterweight.job.ReweightJob;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the operator and the job must agree on. */
class KubernetesManifestsTest {
  /** Of the operator's release 1.15, for Flink 2. */
  private static final List<String> FLINK_VERSIONS = List.of("v2_0", "v2_1", "v2_2");

  private final JsonNode spec = KubernetesManifests.deployment("cpu").path("spec");
  private final JsonNode pod = spec.path("podTemplate").path("spec");
  private final JsonNode container =
      DeployFiles.named(pod.path("containers"), "flink-main-container");

  @Test
  void theDeploymentIsOneThatTheOperatorKnows() {
    JsonNode deployment = KubernetesManifests.deployment("cpu");

    assertThat(deployment.path("apiVersion").asText()).isEqualTo("flink.apache.org/v1beta1");
    assertThat(deployment.path("kind").asText()).isEqualTo("FlinkDeployment");
    assertThat(spec.path("flinkVersion").asText()).isIn(FLINK_VERSIONS);
    assertThat(spec.path("job").path("upgradeMode").asText()).isEqualTo("savepoint");
    assertThat(spec.path("job").path("allowNonRestoredState").asBoolean()).isFalse();
  }

  @Test
  void theJobIsTheOneOfTheImage() {
    String jar = spec.path("job").path("jarURI").asText().replaceFirst("^local://", "");

    assertThat(DeployFiles.text(DeployFiles.FOLDER.resolve("docker/Dockerfile"))).contains(jar);
    assertThat(spec.path("job").path("entryClass").asText()).isEqualTo(ReweightJob.class.getName());
  }

  @Test
  void theJobFileIsWhereTheArgumentsSay() {
    List<String> arguments = DeployFiles.texts(spec.path("job").path("args"));
    JsonNode mount = DeployFiles.named(container.path("volumeMounts"), "job-config");
    JsonNode volume = DeployFiles.named(pod.path("volumes"), "job-config");
    JsonNode map = KubernetesManifests.resource("ConfigMap");

    assertThat(arguments).containsExactly("--config", mount.path("mountPath").asText());
    assertThat(volume.path("configMap").path("name")).isEqualTo(map.path("metadata").path("name"));
    assertThat(map.path("data").has(mount.path("subPath").asText())).isTrue();
  }

  @Test
  void everyMountHasItsVolumeAndTheClaimExists() {
    for (JsonNode mount : container.path("volumeMounts")) {
      DeployFiles.named(pod.path("volumes"), mount.path("name").asText());
    }
    JsonNode claim = KubernetesManifests.resource("PersistentVolumeClaim");

    assertThat(
            DeployFiles.named(pod.path("volumes"), "flink-data")
                .path("persistentVolumeClaim")
                .path("claimName"))
        .isEqualTo(claim.path("metadata").path("name"));
    assertThat(DeployFiles.texts(claim.path("spec").path("accessModes")))
        .containsExactly("ReadWriteMany");
  }

  @Test
  void whatMustOutliveAPodIsOnTheClaim() {
    Map<String, String> flink = KubernetesManifests.flinkConfiguration("cpu").toMap();
    String data = "file://" + mountPath("flink-data") + "/";

    assertThat(flink.get("high-availability.type")).isEqualTo("kubernetes");
    for (String key :
        List.of(
            "high-availability.storageDir",
            "execution.checkpointing.dir",
            "execution.checkpointing.savepoint-dir")) {
      assertThat(flink.get(key)).as(key).startsWith(data);
    }
    assertThat(KubernetesManifests.job("cpu").checkpoints().toString()).startsWith(data);
    assertThat(flink.get("state.backend.rocksdb.localdir")).isEqualTo(mountPath("rocksdb"));
  }

  @Test
  void metricsArePublishedOnTheReportersPort() {
    String port =
        KubernetesManifests.flinkConfiguration("cpu").toMap().get("metrics.reporter.prom.port");

    assertThat(DeployFiles.named(container.path("ports"), "metrics").path("containerPort").asText())
        .isEqualTo(port);
    assertThat(
            spec.path("podTemplate")
                .path("metadata")
                .path("annotations")
                .path("prometheus.io/port")
                .asText())
        .isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu"})
  void theJobFileIsValidAndFitsTheDeployment(String variant) {
    EngineConfig job = KubernetesManifests.job(variant);

    assertThat(job.job().parallelism()).isEqualTo(spec.path("job").path("parallelism").asInt());
    assertThat(job.topics().partitions()).isGreaterThanOrEqualTo(job.job().parallelism());
  }

  @Test
  void theGpuVariantAsksForADeviceAndComputesOnIt() {
    JsonNode gpu = KubernetesManifests.deployment("gpu").path("spec");

    assertThat(KubernetesManifests.job("gpu").compute().backend())
        .isEqualTo(ComputeSettings.Backend.CUDA);
    assertThat(KubernetesManifests.flinkConfiguration("gpu").toMap())
        .containsEntry("external-resources", "gpu")
        .containsEntry("external-resource.gpu.kubernetes.config-key", "nvidia.com/gpu");
    assertThat(gpu.path("image").asText()).isNotEqualTo(spec.path("image").asText());
    assertThat(gpu.path("job")).isEqualTo(spec.path("job"));
    assertThat(gpu.path("podTemplate")).isEqualTo(spec.path("podTemplate"));
  }

  private String mountPath(String volume) {
    return DeployFiles.named(container.path("volumeMounts"), volume).path("mountPath").asText();
  }
}
