package io.counterweight.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.counterweight.config.EngineConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The compose file against the files that it mounts and builds from, and the job that it runs. */
class ComposeFileTest {
  private static final String HEALTHY = "service_healthy";
  private static final String COMPLETED = "service_completed_successfully";

  private final JsonNode compose = DeployFiles.yaml(DeployFiles.COMPOSE);
  private final Map<String, JsonNode> services = services();
  private final EngineConfig job =
      EngineConfig.load(DeployFiles.FOLDER.resolve("docker/job.yaml"), List.of());

  private Map<String, JsonNode> services() {
    Map<String, JsonNode> services = new TreeMap<>();
    compose.path("services").fields().forEachRemaining(s -> services.put(s.getKey(), s.getValue()));
    return services;
  }

  @Test
  void theClusterIsComplete() {
    assertThat(services)
        .containsOnlyKeys(
            "kafka",
            "topics",
            "jobmanager",
            "taskmanager",
            "submit",
            "prometheus",
            "grafana",
            "schema-registry");
    assertThat(services.get("taskmanager").path("deploy").path("replicas").asInt()).isEqualTo(2);
    assertThat(DeployFiles.texts(services.get("schema-registry").path("profiles")))
        .containsExactly("registry");
  }

  @Test
  void whatAServiceWaitsForExistsAndSaysWhenItIsReady() {
    services.forEach(
        (name, service) -> {
          JsonNode waits = service.path("depends_on");
          assertThat(services.keySet()).as(name).containsAll(names(waits));
          waits
              .fields()
              .forEachRemaining(
                  wait -> {
                    JsonNode other = services.get(wait.getKey());
                    String condition = wait.getValue().path("condition").asText();
                    assertThat(condition).isIn(HEALTHY, COMPLETED);
                    assertThat(other.has("healthcheck")).isEqualTo(condition.equals(HEALTHY));
                    assertThat(other.path("restart").asText().equals("no"))
                        .isEqualTo(condition.equals(COMPLETED));
                  });
        });
  }

  private static List<String> names(JsonNode waits) {
    List<String> names = new ArrayList<>(DeployFiles.texts(waits));
    if (waits.isObject()) {
      names.clear();
      waits.fieldNames().forEachRemaining(names::add);
    }
    return names;
  }

  @Test
  void volumesAreDeclaredOrFilesOfTheRepository() {
    services.forEach(
        (name, service) -> {
          for (String volume : DeployFiles.texts(service.path("volumes"))) {
            String source = volume.split(":")[0];
            if (source.startsWith(".")) {
              assertThat(Path.of(source)).as(name).exists();
              assertThat(volume)
                  .as("files of the repository are mounted read-only")
                  .endsWith(":ro");
            } else {
              assertThat(compose.path("volumes").has(source)).as(source).isTrue();
            }
          }
        });
  }

  @Test
  void portsAreOpenToThisMachineOnlyAndTakenOnce() {
    List<String> taken = new ArrayList<>();
    services
        .values()
        .forEach(
            service -> {
              for (String port : DeployFiles.texts(service.path("ports"))) {
                assertThat(port).matches("127\\.0\\.0\\.1:\\d+:\\d+");
                taken.add(port.split(":")[1]);
              }
            });

    assertThat(taken).doesNotHaveDuplicates().contains("9092", "8081", "9090", "3000");
  }

  @Test
  void theImageIsBuiltFromWhatIsHere() throws Exception {
    JsonNode build = services.get("jobmanager").path("build");
    Path dockerfile = Path.of(build.path("context").asText(), build.path("dockerfile").asText());
    Matcher copied =
        Pattern.compile("(?m)^COPY (?:--\\S+ )*(\\S+) ").matcher(Files.readString(dockerfile));
    List<String> sources = new ArrayList<>();
    while (copied.find()) {
      sources.add(copied.group(1));
    }

    assertThat(sources).contains("deploy/flink/config.yaml", "target/counterweight-*-job.jar");
    sources.remove("target/counterweight-*-job.jar");
    assertThat(sources).allSatisfy(source -> assertThat(Path.of(source)).exists());
    assertThat(Files.readAllLines(Path.of(dockerfile + ".dockerignore")))
        .containsExactly("*", "!deploy/flink", "!target/counterweight-*-job.jar");
  }

  @Test
  void theJobFitsTheClusterThatRunsIt() {
    JsonNode kafka = services.get("kafka").path("environment");
    JsonNode topics = services.get("topics").path("environment");
    int slots = services.get("taskmanager").path("deploy").path("replicas").asInt();

    assertThat(job.job().parallelism()).isEqualTo(slots);
    assertThat(job.topics().partitions()).isEqualTo(topics.path("PARTITIONS").asInt());
    assertThat(job.topics().replication()).isEqualTo(topics.path("REPLICATION").asInt());
    assertThat(kafka.path("KAFKA_ADVERTISED_LISTENERS").asText())
        .contains("INSIDE://" + job.kafka().bootstrapServers());
    assertThat(topics.path("BOOTSTRAP_SERVERS").asText()).isEqualTo(job.kafka().bootstrapServers());
  }

  @Test
  void allOfFlinkSeesTheCheckpoints() {
    assertThat(job.checkpoints().toString()).startsWith("file:///data/");
    for (String name : List.of("jobmanager", "taskmanager", "submit")) {
      assertThat(DeployFiles.texts(services.get(name).path("volumes")))
          .as(name)
          .contains("flink-data:/data");
    }
  }

  @Test
  void prometheusAsksEveryFlinkProcessAndGrafanaAsksPrometheus() {
    JsonNode prometheus = DeployFiles.yaml(DeployFiles.FOLDER.resolve("prometheus/prometheus.yml"));
    JsonNode scraped = prometheus.path("scrape_configs").path(0).path("dns_sd_configs").path(0);
    JsonNode source =
        DeployFiles.yaml(
                DeployFiles.FOLDER.resolve("grafana/provisioning/datasources/prometheus.yml"))
            .path("datasources")
            .path(0);

    assertThat(DeployFiles.texts(scraped.path("names")))
        .containsExactlyInAnyOrder("jobmanager", "taskmanager");
    assertThat(scraped.path("port").asText())
        .isEqualTo(
            DeployFiles.yaml(DeployFiles.FOLDER.resolve("flink/config.yaml"))
                .path("metrics.reporter.prom.port")
                .asText());
    assertThat(source.path("url").asText()).isEqualTo("http://prometheus:9090");
    for (String file : DeployFiles.texts(prometheus.path("rule_files"))) {
      assertThat(DeployFiles.texts(services.get("prometheus").path("volumes")))
          .contains("./deploy/prometheus/" + file + ":/etc/prometheus/" + file + ":ro");
    }
  }
}
