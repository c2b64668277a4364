package io.counterweight.deploy;

import io.counterweight.config.EngineConfig;
import io.counterweight.event.Event;
import io.counterweight.job.JobEnvironment;
import io.counterweight.job.KafkaTopics;
import io.counterweight.job.ReweightJob;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TestBroker;
import io.counterweight.support.TopicReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DashboardScrapeITCase {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  @TempDir Path directory;

  @Test
  void dump() throws Exception {
    String bootstrap = TestBroker.shared().bootstrapServers();
    EngineConfig config =
        EngineConfig.parse(
            String.join(
                "\n",
                "kafka.bootstrap-servers: " + bootstrap,
                "kafka.group-id: scrape",
                "topics: {events: scrape-events, trusted: scrape-trusted, predictions: scrape-predictions,"
                    + " weights: scrape-weights, drift: scrape-drift, models: scrape-models, rejects: scrape-rejects}",
                "sinks.transactional-id-prefix: scrape",
                "model.features: 3",
                "state.checkpoint-interval: 500 ms",
                "state.checkpoint-directory: " + directory.resolve("checkpoints")));
    KafkaTopics.create(config, PATIENCE);
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Configuration flink = JobEnvironment.local(config, Optional.empty());
    flink.setString(
        "metrics.reporter.prom.factory.class",
        "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
    flink.setString("metrics.reporter.prom.port", "" + port);
    flink.setString("metrics.latency.interval", "100 ms");
    flink.setString("metrics.latency.granularity", "operator");
    flink.setString("state.backend.rocksdb.metrics.total-sst-files-size", "true");
    flink.setString("state.backend.rocksdb.metrics.estimate-num-keys", "true");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, flink);
    ReweightJob.addTo(env, config);
    JobClient client = env.executeAsync("scrape");
    RecordCodec<Event> codec = RecordType.EVENT.newCodec();
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        TopicReader<io.counterweight.event.SampleWeight> weights =
            new TopicReader<>(bootstrap, config.topics().weights(), RecordType.SAMPLE_WEIGHT)) {
      for (int i = 0; i < 200; i++) {
        Event event =
            new Event(
                "event-" + i,
                "key",
                System.currentTimeMillis(),
                new float[] {i % 7, i % 5, i % 3},
                i % 2,
                null,
                null);
        byte[] key = RecordType.EVENT.key(event);
        producer.send(new ProducerRecord<>(config.topics().events(), key, codec.encode(event)));
        if (i % 4 < 2) {
          producer.send(new ProducerRecord<>(config.topics().trusted(), key, codec.encode(event)));
        }
      }
      producer.flush();
      weights.await(PATIENCE, all -> all.size() >= 100);
      HttpResponse<String> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/metrics"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      Files.writeString(Path.of("/tmp/h-scrape.txt"), response.body());
    } finally {
      client.cancel().get();
      env.close();
    }
  }
}
