package io.counterweight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.model.ParameterLayout;
import io.counterweight.support.SyntheticStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command on states made here; on savepoints of a job see {@link InspectITCase}. */
class InspectTest {
  private static final SyntheticStream STREAM = new SyntheticStream(4, 2, 0.2, 7);

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int run(Object... arguments) {
    CommandLine command = Counterweight.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
  }

  private static LearnerState learned(String key, String lanes) {
    LearnerSettings settings =
        EngineConfig.parse(
                """
                kafka.bootstrap-servers: localhost:9092
                model.features: 4
                model.concepts: {amount: [0, 1], place: [2, 3]}
                model.hidden: [6, 4]
                learner.mini-batch: 4
                """,
                "learner.lanes=" + lanes)
            .learner();
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"))) {
      LearnerState state = learner.create(key);
      for (int n = 0; n < 42; n++) {
        if (n % 3 == 0) {
          learner.observeTrusted(state, STREAM.trusted(key, n));
        }
        learner.observe(state, STREAM.labelled(key, n));
        if (learner.isBatchFull(state)) {
          learner.learn(state);
        }
        if (n == 30) {
          learner.tellOfConceptDrift(state, state.latestEventTime, state.latestEventTime - 1);
        }
      }
      return state;
    }
  }

  private Path file(LearnerState state) throws IOException {
    return Files.write(folder.resolve("learner.bin"), LearnerStateCodec.encode(state));
  }

  @Test
  void aFileOfOneLearnerIsALineOfTheTable() throws IOException {
    Path file = file(learned("shop", "[uniform, posterior]"));

    assertThat(run("inspect", file)).as(err.toString()).isZero();

    assertThat(out.toString())
        .contains("| key  | predicted | version |")
        .contains("| shop |        42 |      10 |")
        .contains("uniform ", "posterior ", "uniform (fresh) ", "1970-01-01T00:16:4")
        .contains("1 keys, 42 events predicted, 10 mini-batches")
        .contains("14 trusted events, 2 events pending");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aKeyIsShownInDetail() throws IOException {
    LearnerState state = learned("shop", "[uniform, mubo]");
    // The group of the first concept in every order: what the group lasso removes.
    removeFirstConcept(state);
    Path json = folder.resolve("out.json");

    assertThat(run("inspect", file(state), "--key", "shop", "--json", json)).isZero();

    assertThat(out.toString())
        .contains("events predicted  42")
        .contains("2 concepts, hidden widths [6, 4], order 2")
        .contains("challenger ", "concepts removed", " amount |", "MUBO lane 1: ")
        .contains("labelled as 0, 1, …");
    JsonNode learner = new ObjectMapper().readTree(json.toFile()).get("learner");
    assertThat(learner.get("key").asText()).isEqualTo("shop");
    assertThat(learner.get("lanes")).hasSize(4);
    assertThat(learner.get("lanes").get(0).get("conceptsRemoved").get(0).asText())
        .isEqualTo("amount");
    assertThat(learner.get("lanes").get(1).get("conceptsRemoved")).isEmpty();
    assertThat(learner.get("lanes").get(0).get("adamSteps").asLong()).isEqualTo(10);
    assertThat(learner.get("classes")).hasSize(2);
    assertThat(learner.get("mubo").get(0).get("accepted").asLong()).isPositive();
    assertThat(learner.get("challenger").get("share").asDouble()).isBetween(0.0, 1.0);
  }

  private static void removeFirstConcept(LearnerState state) {
    ParameterLayout layout =
        ParameterLayout.parameters(
            EngineConfig.parse(
                    """
                    kafka.bootstrap-servers: localhost:9092
                    model.features: 4
                    model.concepts: {amount: [0, 1], place: [2, 3]}
                    model.hidden: [6, 4]
                    """)
                .learner()
                .spec());
    for (int k = 1; k <= 2; k++) {
      for (int i = 0; i < layout.block("I" + k).size(); i += 2) {
        state.lanes.get(0).parameters[layout.offset("I" + k) + i] = 0;
      }
    }
  }

  @Test
  void learnersOfEveryOldVersionAreShown() {
    List<String> forms = new ArrayList<>(List.of("4-drawn"));
    for (int version = 1; version <= LearnerStateCodec.VERSION; version++) {
      forms.add(String.valueOf(version));
    }
    for (String form : forms) {
      Path kept = Path.of("src/test/resources/state/learner-v" + form + ".bin");
      assertThat(run("inspect", kept)).isZero();
      assertThat(run("inspect", kept, "--key", "kept/for ever é")).isZero();
    }
    assertThat(out.toString())
        .contains("lane 1 ", "lane 2 ", "uniform ", "mubo ", "not trained yet");
  }

  @Test
  void tablesAreSortedCutAndTotalled() {
    LearnerSummary small = summary("a", 10);
    LearnerSummary large = summary("b\u001b|", 20);
    String bySize = new LearnerTable(List.of(small, large), LearnerTable.Order.SIZE).text(1);
    String byKey = new LearnerTable(List.of(large, small), LearnerTable.Order.KEY).text(1);

    assertThat(bySize).contains("| b?? |").doesNotContain("| a ").contains("2 keys (1 shown)");
    assertThat(byKey).contains("| a   |").doesNotContain("| b?").contains("30 bytes");
  }

  private static LearnerSummary summary(String key, long bytes) {
    return new LearnerSummary(
        key,
        1,
        1,
        Long.MIN_VALUE,
        bytes,
        Map.of("x", 1.0),
        List.of(1L),
        "stable",
        0,
        DriftState.STABLE,
        DriftKind.NONE);
  }

  @Test
  void whatIsNoStateIsSaid() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "hello, hello");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path broken = Files.createDirectory(folder.resolve("broken"));
    Files.writeString(broken.resolve("_metadata"), "nothing of the kind");
    Path foreign = Files.createDirectory(folder.resolve("foreign"));
    try (DataOutputStream metadata =
        new DataOutputStream(Files.newOutputStream(foreign.resolve("_metadata")))) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(1, List.of(), List.of()), metadata);
    }

    assertFails("holds no learner: expected a savepoint", "inspect", text);
    assertFails(
        "There is no file or folder " + folder.resolve("none"), "inspect", folder.resolve("none"));
    assertFails("is no savepoint: it has no file _metadata", "inspect", empty);
    assertFails("is no savepoint: _metadata cannot be read", "inspect", broken);
    assertFails(
        "a savepoint of another job: it has no operator with the uid bilevel-learner",
        "inspect",
        foreign);
    assertFails(
        "There is no learner of key 'b' among 1",
        "inspect",
        file(learned("a", "[uniform]")),
        "--key",
        "b");
  }

  private void assertFails(String message, Object... arguments) {
    err.getBuffer().setLength(0);
    assertThat(run(arguments)).isEqualTo(1);
    assertThat(err.toString()).contains(message).doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inspect",
        "inspect x --config y",
        "inspect x --set learner.mini-batch=2",
        "inspect x --top -1",
        "inspect x --sort age",
        "inspect x --json no/such/folder/out.json"
      })
  void wrongUseIsExplained(String arguments) {
    assertThat(run((Object[]) arguments.split(" "))).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("--help");
  }
}
