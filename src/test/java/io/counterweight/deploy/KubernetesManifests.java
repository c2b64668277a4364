package io.counterweight.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterweight.config.EngineConfig;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.configuration.Configuration;

/** The manifests of a variant, as {@code kubectl apply -k} would merge them. */
final class KubernetesManifests {
  private static final Path FOLDER = DeployFiles.FOLDER.resolve("k8s");

  private KubernetesManifests() {}

  /** The FlinkDeployment of {@code cpu}, or with the patch of {@code gpu} merged into it. */
  static JsonNode deployment(String variant) {
    return manifest(variant, "flink-deployment.yaml");
  }

  /** What the ConfigMap holds, loaded by the engine. */
  static EngineConfig job(String variant) {
    return EngineConfig.parse(
        manifest(variant, "job-config.yaml").path("data").path("job.yaml").asText());
  }

  static Configuration flinkConfiguration(String variant) {
    return Configuration.fromMap(
        DeployFiles.flat(deployment(variant).path("spec").path("flinkConfiguration")));
  }

  /** A manifest by its kind among the resources of {@code cpu}. */
  static JsonNode resource(String kind) {
    JsonNode files = DeployFiles.yaml(FOLDER.resolve("cpu/kustomization.yaml")).path("resources");
    for (String file : DeployFiles.texts(files)) {
      JsonNode manifest = DeployFiles.yaml(FOLDER.resolve("cpu").resolve(file));
      if (manifest.path("kind").asText().equals(kind)) {
        return manifest;
      }
    }
    throw new AssertionError("There is no " + kind + " in " + files);
  }

  private static JsonNode manifest(String variant, String file) {
    JsonNode base = DeployFiles.yaml(FOLDER.resolve("cpu").resolve(file));
    if (!variant.equals("cpu")) {
      merge((ObjectNode) base, DeployFiles.yaml(FOLDER.resolve(variant).resolve(file)));
    }
    return base;
  }

  /** A merge patch: objects are merged, everything else is replaced. */
  private static void merge(ObjectNode target, JsonNode patch) {
    Iterator<Map.Entry<String, JsonNode>> fields = patch.fields();
    while (fields.hasNext()) {
      Map.Entry<String, JsonNode> field = fields.next();
      JsonNode old = target.get(field.getKey());
      if (old instanceof ObjectNode object && field.getValue().isObject()) {
        merge(object, field.getValue());
      } else {
        target.set(field.getKey(), field.getValue());
      }
    }
  }
}
