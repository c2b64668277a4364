package io.counterweight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.config.EngineConfig;
import io.counterweight.job.KafkaTopics;
import io.counterweight.job.LocalJob;
import io.counterweight.job.RetainedCheckpoints;
import io.counterweight.support.TestBroker;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.flink.core.execution.SavepointFormatType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command on what a job on a broker leaves: savepoints, a checkpoint, the models topic. */
class InspectITCase {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int EVENTS = 42;
  private static final List<String> KEYS = List.of("a", "b", "c");

  @TempDir private static Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private JsonNode inspect(Object... arguments) throws Exception {
    Path json = folder.resolve("out.json");
    Object[] all = Arrays.copyOf(arguments, arguments.length + 3);
    all[arguments.length] = "--json";
    all[arguments.length + 1] = json;
    all[arguments.length + 2] = "--sort=key";
    CommandLine command = Counterweight.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    assertThat(command.execute(Arrays.stream(all).map(String::valueOf).toArray(String[]::new)))
        .as(() -> err.toString())
        .isZero();
    return new ObjectMapper().readTree(json.toFile());
  }

  @Test
  void savepointsCheckpointsAndModelsShowWhatTheJobLearned() throws Exception {
    List<String> yaml =
        SmallJob.yaml("inspect", TestBroker.shared().bootstrapServers(), folder.resolve("chk"));
    Path file = Files.write(folder.resolve("job.yaml"), yaml);
    EngineConfig config = EngineConfig.parse(String.join("\n", yaml));
    KafkaTopics.create(config, PATIENCE);
    for (String key : KEYS) {
      SmallJob.send(config, key, 0, EVENTS);
    }

    String native1;
    try (LocalJob job = LocalJob.start(config, Optional.empty(), false)) {
      SmallJob.awaitConsumed(config);
      native1 = stop(job, SavepointFormatType.NATIVE);
    }
    JsonNode stored = inspect("inspect", native1);
    assertThat(stored.get("totals").get("keys").asInt()).isEqualTo(KEYS.size());
    for (int i = 0; i < KEYS.size(); i++) {
      JsonNode learner = stored.get("learners").get(i);
      assertThat(learner.get("key").asText()).isEqualTo(KEYS.get(i));
      assertThat(learner.get("predicted").asInt()).isEqualTo(EVENTS);
      assertThat(learner.get("version").asInt()).isEqualTo(EVENTS / 4);
      assertThat(learner.get("pending").asInt()).isEqualTo(EVENTS % 4);
      assertThat(learner.get("trusted").get(0).asInt() + learner.get("trusted").get(1).asInt())
          .isEqualTo(EVENTS / 2);
    }
    assertThat(out.toString()).contains("| a   |", "3 keys, 126 events predicted");

    String canonical;
    try (LocalJob job = LocalJob.start(config, Optional.of(native1), false)) {
      canonical = stop(job, SavepointFormatType.CANONICAL);
    }
    assertThat(inspect("inspect", canonical)).isEqualTo(stored);
    // The same by a path.
    assertThat(inspect("inspect", canonical.replaceFirst("^file:(//)?", ""))).isEqualTo(stored);

    try (LocalJob job = LocalJob.start(config, Optional.of(canonical), false)) {
      assertThat(job.client()).isNotNull();
      awaitCheckpoint(config);
    }
    assertThat(inspect("inspect", Path.of(config.checkpoints()))).isEqualTo(stored);

    JsonNode published = inspect("inspect", "--config", file);
    assertThat(published.get("totals").get("keys").asInt()).isEqualTo(KEYS.size());
    assertThat(published.get("learners").get(1).get("version").asInt()).isEqualTo(10);
    JsonNode one = inspect("inspect", "--config", file, "--key", "b").get("learner");
    assertThat(one.get("key").asText()).isEqualTo("b");
    assertThat(one.get("lanes").get(0).get("name").asText()).isEqualTo("uniform");
  }

  private static String stop(LocalJob job, SavepointFormatType format) throws Exception {
    // As soon as all tasks run.
    for (int attempt = 0; ; attempt++) {
      try {
        return job.client()
            .stopWithSavepoint(false, folder.resolve("savepoints").toUri().toString(), format)
            .get();
      } catch (ExecutionException e) {
        if (attempt == 100) {
          throw e;
        }
        Thread.sleep(100);
      }
    }
  }

  private static void awaitCheckpoint(EngineConfig config) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (RetainedCheckpoints.newest(config.checkpoints()).isEmpty()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(100);
    }
  }
}
