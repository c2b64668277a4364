package io.counterweight.example;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.codec.StateFormatException;
import io.counterweight.config.ConfigException;
import io.counterweight.config.LearnerConfig;
import io.counterweight.event.Event;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The core without Flink: the example of the documentation, in a JVM that has none. */
class PlainJavaTest {
  private static final int EVENTS = 3000;

  /** Run by the test in a JVM of its own. */
  public static void main(String[] arguments) throws StateFormatException {
    List<Event> events = new ArrayList<>();
    Map<String, Event> settled = new HashMap<>();
    Set<String> wrong = new HashSet<>();
    Random random = new Random(1);
    for (int i = 0; i < EVENTS; i++) {
      float[] features = {random.nextFloat(), random.nextFloat(), random.nextFloat()};
      int truth = features[0] + features[1] > 1 ? 1 : 0;
      boolean flipped = random.nextDouble() < 0.2;
      String id = "tx-" + i;
      events.add(new Event(id, "shop-a", i, features, flipped ? 1 - truth : truth, null, Map.of()));
      if (random.nextDouble() < 0.1) {
        settled.put(id, new Event(id, "shop-a", i, features, truth, "desk", Map.of()));
      }
      if (flipped) {
        wrong.add("suspect label " + id);
      }
    }
    byte[] learner = PlainJava.run(events, event -> settled.get(event.eventId()));
    System.out.println("wrong " + String.join(",", wrong));
    System.out.println("version " + LearnerStateCodec.decode(learner).version);
  }

  @Test
  void learnsAndFindsWrongLabelsWithoutFlinkKafkaAndAvroOnTheClassPath() throws Exception {
    List<String> lines = runWithoutStreaming();

    Set<String> suspects = new HashSet<>(lines);
    suspects.removeIf(line -> !line.startsWith("suspect label "));
    String wrong = lines.stream().filter(line -> line.startsWith("wrong ")).findAny().orElseThrow();
    Set<String> right = new HashSet<>(suspects);
    right.removeAll(Arrays.asList(wrong.substring("wrong ".length()).split(",")));
    assertThat(suspects).hasSizeGreaterThan(EVENTS / 20);
    assertThat(right).as("suspects that are right").hasSizeLessThan(suspects.size() / 3);
    assertThat(lines).anyMatch(line -> line.startsWith("alert tx-") && line.contains("amount="));
    assertThat(lines).last().asString().matches("version \\d{2,}");
  }

  private static List<String> runWithoutStreaming() throws IOException, InterruptedException {
    String path =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*/(flink|kafka|avro|rocksdb|frocksdb)[^/]*\\.jar"))
            .collect(joining(File.pathSeparator));
    assertThat(path)
        .doesNotContain("/org/apache/flink/", "/org/apache/kafka/", "/org/apache/avro/");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-XX:+UseSerialGC",
                "-cp",
                path,
                PlainJavaTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  @Test
  void theDocumentationShowsTheCodeThatRuns() throws IOException {
    String source =
        Files.readString(Path.of("src/test/java/io/counterweight/example/PlainJava.java"));
    String example = source.split("// example\n")[1].stripIndent().strip();

    assertThat(Files.readString(Path.of("docs/library.md"))).contains(example);
  }

  @Test
  void optionsOfTheJobAreNotTakenForALearner() {
    String model = "model: {features: 2, classes: 2}";

    assertThat(LearnerConfig.parse(model, "learner.mini-batch=32").miniBatch()).isEqualTo(32);
    assertThatThrownBy(() -> LearnerConfig.parse(model, "learner.ordering=event-time"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("learner.ordering");
    assertThatThrownBy(() -> LearnerConfig.parse(model, "kafka.group-id=a"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("kafka");
    assertThatThrownBy(() -> LearnerConfig.parse("model: {classes: 2}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("model.features");
  }
}
