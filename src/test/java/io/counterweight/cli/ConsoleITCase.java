package io.counterweight.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.config.EngineConfig;
import io.counterweight.console.LiveConsole;
import io.counterweight.embedded.EmbeddedKafka;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.job.KafkaTopics;
import io.counterweight.job.LocalJob;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TopicReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console beside a real job: it says what the topics hold, and goes on without its broker. */
class ConsoleITCase {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int EVENTS = 42;
  private static final int LEARNED = EVENTS / 4 * 4;
  private static final List<String> KEYS = List.of("a", "b/ü?&", "c");

  @TempDir private static Path folder;

  private final HttpClient client = HttpClient.newHttpClient();

  private static EngineConfig config(EmbeddedKafka broker, String port) {
    return EngineConfig.parse(
        String.join(
            "\n",
            SmallJob.yaml("console", broker.bootstrapServers(), folder.resolve("checkpoints"))),
        "sinks.weights.guarantee=exactly-once",
        "sinks.models.guarantee=exactly-once",
        "sinks.transactional-id-prefix=console",
        "dashboard.port=0",
        port);
  }

  private JsonNode get(LiveConsole console, String path) throws Exception {
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(URI.create(console.address() + path)).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).as(path).isEqualTo(200);
    return new ObjectMapper().readTree(response.body());
  }

  private JsonNode await(LiveConsole console, String path, Predicate<JsonNode> condition)
      throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    JsonNode answer = get(console, path);
    while (!condition.test(answer)) {
      assertThat(System.nanoTime()).as(() -> path).isLessThan(deadline);
      Thread.sleep(50);
      answer = get(console, path);
    }
    return answer;
  }

  private JsonNode awaitTotals(LiveConsole console, int events, int weights) throws Exception {
    return await(
        console,
        "api/overview",
        overview ->
            overview.path("totals").path("events").asInt() >= events
                && overview.path("totals").path("weights").asInt() >= weights);
  }

  @Test
  void itShowsWhatTheTopicsHoldAndOutlivesItsBroker() throws Exception {
    EmbeddedKafka broker = EmbeddedKafka.start(folder.resolve("broker"));
    try {
      EngineConfig config = config(broker, "console.port=0");
      KafkaTopics.create(config, PATIENCE);
      try (LocalJob job = LocalJob.start(config, Optional.empty(), true);
          LiveConsole console = LiveConsole.start(config, job.dashboard())) {
        for (String key : KEYS) {
          SmallJob.send(config, key, 0, EVENTS);
        }
        JsonNode overview = awaitTotals(console, KEYS.size() * EVENTS, KEYS.size() * LEARNED);
        assertThat(overview.path("totals").path("keys").asInt()).isEqualTo(KEYS.size());
        equalsTheTopics(config, console);
        showsTheModelOf(KEYS.get(1), console);
        JsonNode measured =
            await(
                console,
                "api/overview",
                answer ->
                    answer.path("job").path("keys").asInt() == KEYS.size()
                        && answer.path("job").path("checkpoints").path("completed").asInt() > 0
                        && answer
                            .path("samples")
                            .path("gMean")
                            .path("mixture")
                            .toString()
                            .contains("0."));
        assertThat(measured.path("job").path("state").asText()).isEqualTo("RUNNING");
        assertThat(measured.path("job").path("dashboard").asText())
            .startsWith(job.dashboard().orElseThrow().toString());
        assertThat(measured.path("rates").path("lag").asLong()).isZero();

        broker.close();
        assertThat(get(console, "api/keys").path("total").asInt()).isEqualTo(KEYS.size());
        broker = EmbeddedKafka.start(folder.resolve("broker"), port(config), 0);
        SmallJob.send(config, "d", 0, EVENTS);
        await(
            console,
            "api/keys?search=d",
            keys ->
                keys.path("matching").asInt() == 1
                    && keys.path("rows").get(0).path("labelled").asInt() == LEARNED);

        // One that comes late reads what is there, at another port where its own is taken.
        EngineConfig taken = config(broker, "console.port=" + console.address().getPort());
        try (LiveConsole second = LiveConsole.start(taken, Optional.empty())) {
          assertThat(second.remark().orElseThrow()).contains("is taken");
          assertThat(second.address()).isNotEqualTo(console.address());
          JsonNode late =
              awaitTotals(second, (KEYS.size() + 1) * EVENTS, (KEYS.size() + 1) * LEARNED);
          assertThat(late.path("job").path("state").asText()).isEqualTo("UNKNOWN");
          showsTheModelOf("d", second);
        }
      }
    } finally {
      broker.close();
    }
  }

  private static int port(EngineConfig config) {
    return URI.create("kafka://" + config.kafka().bootstrapServers()).getPort();
  }

  private void equalsTheTopics(EngineConfig config, LiveConsole console) throws Exception {
    try (TopicReader<Prediction> predictions =
            new TopicReader<>(
                config.kafka().bootstrapServers(),
                config.topics().predictions(),
                RecordType.PREDICTION);
        TopicReader<SampleWeight> weights =
            new TopicReader<>(
                config.kafka().bootstrapServers(),
                config.topics().weights(),
                RecordType.SAMPLE_WEIGHT)) {
      predictions.drain();
      weights.drain();
      JsonNode rows = get(console, "api/keys?sort=key").path("rows");
      for (int k = 0; k < KEYS.size(); k++) {
        JsonNode row = rows.get(k);
        String key = KEYS.get(k);
        assertThat(row.path("key").asText()).isEqualTo(key);
        List<SampleWeight> own =
            weights.records().stream().filter(w -> w.modelKey().equals(key)).toList();
        assertThat(row.path("events").asLong())
            .isEqualTo(
                predictions.records().stream().filter(p -> p.modelKey().equals(key)).count());
        assertThat(row.path("labelled").asLong()).isEqualTo(own.size());
        assertThat(row.path("suspects").asLong())
            .isEqualTo(own.stream().filter(SampleWeight::suspect).count());
        assertThat(row.path("meanWeight").asDouble())
            .isCloseTo(
                own.stream().mapToDouble(SampleWeight::rawWeight).average().orElseThrow(),
                within(1e-6));
      }
      JsonNode events = get(console, "api/events?limit=500").path("events");
      assertThat(events).hasSize(KEYS.size() * EVENTS);
      for (Prediction prediction : predictions.records()) {
        JsonNode event = event(events, prediction.eventId());
        assertThat(event.path("predicted").asInt()).isEqualTo(prediction.predictedClass());
        assertThat(event.path("modelKey").asText()).isEqualTo(prediction.modelKey());
        double reasons = 0;
        for (JsonNode reason : event.path("reasons")) {
          reasons += reason.get(1).asDouble();
        }
        double contributions =
            prediction.contributions().values().stream().mapToDouble(Float::doubleValue).sum();
        assertThat(reasons).isCloseTo(contributions, within(1e-4));
      }
      for (SampleWeight weight : weights.records()) {
        JsonNode event = event(events, weight.eventId());
        assertThat((float) event.path("weight").asDouble()).isEqualTo(weight.weight());
        assertThat(event.path("label").asInt()).isEqualTo(weight.label());
      }
    }
  }

  private static JsonNode event(JsonNode events, String id) {
    for (JsonNode event : events) {
      if (event.path("eventId").asText().equals(id)) {
        return event;
      }
    }
    throw new AssertionError("The feed does not hold " + id);
  }

  private void showsTheModelOf(String key, LiveConsole console) throws Exception {
    String path =
        "api/key?key=" + java.net.URLEncoder.encode(key, java.nio.charset.StandardCharsets.UTF_8);
    JsonNode report =
        await(
            console,
            path,
            answer ->
                answer.path("models").path(0).path("version").asInt() == EVENTS / 4
                    && answer.path("keys").path("rows").get(0).path("labelled").asInt() == LEARNED);
    JsonNode model = report.path("models").get(0);
    assertThat(model.path("key").asText()).isEqualTo(key);
    assertThat(model.path("lanes")).hasSize(2);
    JsonNode lane = model.path("lanes").get(0);
    assertThat(lane.path("name").asText()).isEqualTo("uniform");
    assertThat(lane.path("concepts")).hasSize(2);
    JsonNode concept = lane.path("concepts").get(0);
    assertThat(concept.path("features")).hasSize(2);
    assertThat(concept.path("effect").get(0)).hasSameSizeAs(concept.path("z"));
    long events = 0;
    for (JsonNode window : report.path("timeline").path("windows")) {
      events += window.path("events").asLong();
    }
    assertThat(events).isEqualTo(EVENTS);
    assertThat(report.path("concepts").path("names").toString()).contains("amount", "place");
  }
}
