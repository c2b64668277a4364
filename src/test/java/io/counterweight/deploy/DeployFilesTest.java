package io.counterweight.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.counterweight.config.EngineConfig;
import io.counterweight.config.TopicSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds of every file, and the scripts. */
class DeployFilesTest {
  private static final String NOTHING_RUNS = "No running jobs.\nNo scheduled jobs.\n";
  private static final String A_JOB_RUNS =
      "26.11.2026 14:08:28 : d58966dd527f5c64c6d25703784548e5 : counterweight (RUNNING)\n";

  @TempDir Path directory;

  @Test
  void everyFileCanBeRead() {
    List<Path> yaml = DeployFiles.endingWith(".yaml", ".yml");
    List<Path> json = DeployFiles.endingWith(".json");

    assertThat(yaml)
        .hasSizeGreaterThan(10)
        .allMatch(file -> !DeployFiles.documents(file).isEmpty());
    assertThat(json).isNotEmpty().allMatch(file -> DeployFiles.json(file).isObject());
  }

  @Test
  void exampleAndJobFilesAreValid() {
    for (String file : List.of("example.yaml", "docker/job.yaml")) {
      EngineConfig.load(DeployFiles.FOLDER.resolve(file), List.of());
    }
  }

  @Test
  void scriptsCanBeExecuted() {
    assertThat(DeployFiles.endingWith(".sh")).hasSize(2).allMatch(Files::isExecutable);
  }

  @Test
  void theTopicsScriptMakesTheTopicsOfTheDefaults() throws Exception {
    TopicSettings topics =
        EngineConfig.parse("{kafka.bootstrap-servers: 'b:1', model.features: 2}").topics();
    ShellScript script = new ShellScript("kafka/create-topics.sh", directory);
    script.standIn("kafka-topics.sh", "");

    List<String> calls = script.run(Map.of("BOOTSTRAP_SERVERS", "b:1", "REPLICATION", "3"));

    String all = "--bootstrap-server b:1 --create --if-not-exists --topic %s --partitions 4";
    assertThat(calls)
        .allMatch(call -> call.contains("--replication-factor 3"))
        .extracting(call -> call.replaceFirst(" --replication-factor.*", ""))
        .containsExactlyInAnyOrder(
            all.formatted(topics.events()),
            all.formatted(topics.trusted()),
            all.formatted(topics.labels()),
            all.formatted(topics.predictions()),
            all.formatted(topics.scores()),
            all.formatted(topics.weights()),
            all.formatted(topics.drift()),
            all.formatted(topics.models()),
            all.formatted(topics.rejects()));
    assertThat(calls)
        .filteredOn(call -> call.contains("--config"))
        .singleElement()
        .asString()
        .contains("--topic " + topics.models())
        .contains("--config cleanup.policy=compact")
        .contains("--config max.message.bytes=" + (16 << 20));
  }

  @Test
  void aFirstSubmissionStartsWithEmptyLearners() throws Exception {
    assertThat(submit(NOTHING_RUNS))
        .containsExactly("list", "run --detached job.jar --config /opt/counterweight/job.yaml");
  }

  @Test
  void aLaterSubmissionGoesOnFromTheNewestCompleteCheckpoint() throws Exception {
    checkpoint("a/chk-9/_metadata", 1);
    Path newest = checkpoint("b/chk-2/_metadata", 3);
    checkpoint("b/chk-1/_metadata", 2);
    checkpoint("b/chk-3/unfinished", 4);

    assertThat(submit(NOTHING_RUNS))
        .containsExactly(
            "list",
            "run --detached --fromSavepoint file://%s job.jar --config /opt/counterweight/job.yaml"
                .formatted(newest.getParent()));
  }

  @Test
  void aJobThatRunsIsNotSubmittedAgain() throws Exception {
    assertThat(submit(A_JOB_RUNS)).containsExactly("list");
  }

  private List<String> submit(String jobs) throws Exception {
    ShellScript script = new ShellScript("flink/submit.sh", directory);
    script.standIn("flink", jobs);
    return script.run(Map.of("CHECKPOINTS", directory.toString(), "JOB_JAR", "job.jar"));
  }

  private Path checkpoint(String name, int second) throws Exception {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.setLastModifiedTime(Files.createFile(file), FileTime.fromMillis(second * 1000L));
    return file;
  }

  @Test
  void theImageHasTheFlinkThatTheJobIsBuiltFor() throws Exception {
    String pom = Files.readString(Path.of("pom.xml"));
    String dockerfile = DeployFiles.text(DeployFiles.FOLDER.resolve("docker/Dockerfile"));

    String version = pom.replaceFirst("(?s).*<flink.version>(.*?)</flink.version>.*", "$1");
    assertThat(dockerfile).contains("FROM flink:" + version + "-java17");
  }

  @Test
  void theBrokerIsOfTheClientsVersion() throws Exception {
    String pom = Files.readString(Path.of("pom.xml"));
    JsonNode services = DeployFiles.yaml(DeployFiles.COMPOSE).path("services");

    String version = pom.replaceFirst("(?s).*<kafka.version>(.*?)</kafka.version>.*", "$1");
    for (String service : List.of("kafka", "topics")) {
      assertThat(services.path(service).path("image").asText())
          .isEqualTo("apache/kafka:" + version);
    }
  }
}
