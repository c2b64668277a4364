package io.counterweight.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.Event;
import io.counterweight.event.SampleWeight;
import io.counterweight.job.JobEnvironment;
import io.counterweight.job.KafkaTopics;
import io.counterweight.job.ReweightJob;
import io.counterweight.job.ScoringJob;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TestBroker;
import io.counterweight.support.TopicReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small jobs on a real broker, with the reporter and the metrics options of the image: all that
 * alerts and dashboard ask for is there, those of Kafka and of checkpoints included.
 */
class DashboardScrapeITCase {
  private static final int EVENTS = 200;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Whose values alerts and panels select or group by, with one value each. */
  private static final List<String> LABELLED =
      List.of(
          "learner_lane_prAuc{lane=\"by_concept\"",
          "learner_lane_weight{lane=\"uniform\"",
          "learner_drift_drifts{drift=\"concept\"",
          "reason_recordsRejectedFor{reason=\"malformed\"",
          "recordsRead{operator_name=\"decode_events\"",
          "pendingRecords{operator_name=\"Source:_trusted\"",
          "latency_source_id_operator_id_operator_subtask_index_latency{quantile=\"0.99\"",
          "busyTimeMsPerSecond{task_name=\"Source:_events____decode_events\"",
          "lastCheckpointSize{job_name=\"scrape\"",
          "numRestarts{job_name=\"scrape\"",
          "scorer_decisionMicros{quantile=\"0.999\"",
          "scorer_eventAgeMillis{job_name=\"scrape_scorer\"");

  @TempDir Path directory;

  @Test
  void aScrapeHasEveryMetricAndLabelOfAlertsAndDashboard() throws Exception {
    String bootstrap = TestBroker.shared().bootstrapServers();
    EngineConfig config = config(bootstrap);
    KafkaTopics.create(config, PATIENCE);
    int port = freePort();
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(1, flink(config, port));
    ReweightJob.addTo(env, config);
    JobClient job = env.executeAsync(config.job().name());
    try {
      scrapeWithScorer(bootstrap, config, port);
    } finally {
      end(job, env);
    }
  }

  private static void scrapeWithScorer(String bootstrap, EngineConfig config, int port)
      throws Exception {
    int scorerPort = freePort();
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(1, flink(config.asScorer(), scorerPort));
    ScoringJob.addTo(env, config.asScorer());
    JobClient job = env.executeAsync(config.asScorer().job().name());
    try (TopicReader<SampleWeight> weights =
        new TopicReader<>(bootstrap, config.topics().weights(), RecordType.SAMPLE_WEIGHT)) {
      send(bootstrap, config);
      weights.await(PATIENCE, all -> all.size() >= EVENTS / 2);

      Instant deadline = Instant.now().plus(PATIENCE);
      String scrape = scrape(port, scorerPort);
      while (!names(scrape).containsAll(Monitoring.names()) && Instant.now().isBefore(deadline)) {
        weights.poll();
        scrape = scrape(port, scorerPort);
      }

      assertThat(names(scrape)).containsAll(Monitoring.names());
      for (String labelled : LABELLED) {
        assertThat(scrape).as(labelled).containsPattern(pattern(labelled));
      }
    } finally {
      end(job, env);
    }
  }

  /** The job's files are written until its result is there. */
  private static void end(JobClient job, StreamExecutionEnvironment env) throws Exception {
    job.cancel().get();
    job.getJobExecutionResult().handle((result, failure) -> null).get();
    env.close();
  }

  /** A line with that metric and that label, wherever it stands among the others. */
  private static String pattern(String labelled) {
    return labelled.replace("{", "\\{(?:[^\\n]*,)?");
  }

  private static Set<String> names(String scrape) {
    Set<String> names = new TreeSet<>();
    scrape
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> names.add(line.split("[{ ]", 2)[0]));
    return names;
  }

  /** Of both jobs. */
  private static String scrape(int learner, int scorer) throws IOException, InterruptedException {
    return scrape(learner) + "\n" + scrape(scorer);
  }

  private static String scrape(int port) throws IOException, InterruptedException {
    URI metrics = URI.create("http://localhost:" + port + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
        .body();
  }

  private static void send(String bootstrap, EngineConfig config) {
    RecordCodec<Event> codec = RecordType.EVENT.newCodec();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < EVENTS; i++) {
        Event event =
            new Event(
                "event-" + i,
                "key",
                1_700_000_000_000L + i,
                new float[] {i % 7, i % 5, i % 3},
                i % 2,
                null,
                null);
        byte[] key = RecordType.EVENT.key(event);
        byte[] value = codec.encode(event);
        producer.send(new ProducerRecord<>(config.topics().events(), key, value));
        producer.send(new ProducerRecord<>(config.topics().trusted(), key, value));
      }
    }
  }

  private static Configuration flink(EngineConfig config, int port) {
    Configuration flink = JobEnvironment.local(config, Optional.empty());
    GlobalConfiguration.loadConfiguration(DeployFiles.FOLDER.resolve("flink").toString())
        .toMap()
        .forEach(
            (key, value) -> {
              if (key.startsWith("metrics.") || key.contains(".rocksdb.metrics.")) {
                flink.setString(key, value);
              }
            });
    flink.setString("metrics.reporter.prom.port", Integer.toString(port));
    return flink;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private EngineConfig config(String bootstrap) {
    return EngineConfig.parse(
        String.join(
            "\n",
            "kafka.bootstrap-servers: " + bootstrap,
            "kafka.group-id: scrape",
            "topics: {events: scrape-events, trusted: scrape-trusted,"
                + " predictions: scrape-predictions, scores: scrape-scores,"
                + " weights: scrape-weights,"
                + " drift: scrape-drift, models: scrape-models, rejects: scrape-rejects}",
            "sinks.transactional-id-prefix: scrape",
            "job.name: scrape",
            "model.features: 3",
            "state.checkpoint-interval: 500 ms",
            "state.checkpoint-directory: " + directory.resolve("checkpoints")));
  }
}
