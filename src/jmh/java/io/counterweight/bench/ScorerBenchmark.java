package io.counterweight.bench;

import static io.counterweight.bench.MarkdownTable.number;

import io.counterweight.config.EngineConfig;
import io.counterweight.config.OptionValues;
import io.counterweight.embedded.EmbeddedKafka;
import io.counterweight.job.JobEnvironment;
import io.counterweight.job.KafkaTopics;
import io.counterweight.job.ScoringJob;
import io.counterweight.model.BatmSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code scorer}: how long the scoring job takes for an event at steady rates, while new versions
 * of all models come. Broker, job, sender, publisher and reader are one process and share its
 * cores.
 */
@Command(
    name = "scorer",
    description = {
      "Runs the scoring job on a broker in this process, sends events at steady rates while every model has a new"
          + " version each second, and prints quantiles of the decision's time, of the event's age at the decision and"
          + " of the time from the event to its score at a reader."
    },
    sortOptions = false)
final class ScorerBenchmark implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String METRIC = "flink_taskmanager_job_task_operator_scorer_";
  private static final List<String> QUANTILES = List.of("0.5", "0.99", "0.999");
  private static final double KEEPS_UP_SECONDS = 1;
  private static final double STEP_DOWN = 0.85;
  private static final int FLAT_OUT_EVENTS = 150_000;

  @Option(
      names = "--rates",
      split = ",",
      paramLabel = "N",
      defaultValue = "1000,5000,10000",
      description = "Events a second. Default: ${DEFAULT-VALUE}")
  private List<Integer> rates;

  @Option(
      names = "--highest",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Whether to look for the highest rate too. Default: ${DEFAULT-VALUE}")
  private boolean highest;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "60",
      description =
          "Measured time of each rate; metrics are of the last minute. Default: ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "15",
      description = "Seconds before that do not count. Default: ${DEFAULT-VALUE}")
  private int warmUp;

  @Option(
      names = "--keys",
      paramLabel = "N",
      defaultValue = "8",
      description = "Models. Default: ${DEFAULT-VALUE}")
  private int keys;

  @Option(
      names = "--publish-every",
      paramLabel = "MS",
      defaultValue = "1000",
      description = "Milliseconds between two versions of all models. Default: ${DEFAULT-VALUE}")
  private long publishEvery;

  @Option(
      names = "--shape",
      paramLabel = "SHAPE",
      defaultValue = "SMALL",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Shape shape;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Configuration of the job, such as scorer.flush-every=100ms.")
  private List<String> overrides = new ArrayList<>();

  @Spec private CommandSpec spec;

  private EmbeddedKafka kafka;
  private Path directory;
  private int runs;

  ScorerBenchmark() {}

  /** Of one rate. */
  private record Run(
      int sent,
      int scored,
      int repeated,
      double perSecond,
      double secondsBehind,
      List<Double> decisionMicros,
      List<Double> ageMillis,
      List<Double> readMillis,
      double swaps,
      double held) {
    boolean keptUp() {
      return scored == sent && secondsBehind < KEEPS_UP_SECONDS;
    }
  }

  @Override
  public Integer call() throws Exception {
    directory = Files.createTempDirectory("counterweight-scorer");
    try (EmbeddedKafka started = EmbeddedKafka.start(directory.resolve("kafka"))) {
      kafka = started;
      measure();
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
    return 0;
  }

  private void measure() throws Exception {
    MarkdownTable table =
        new MarkdownTable(
            "events/s",
            "decision, µs: p50 / p99 / p99.9",
            "age at the decision, ms",
            "event to reader, ms",
            "swaps",
            "held",
            "sent",
            "scored",
            "repeated");
    for (int rate : rates) {
      add(table, whole(rate), run((warmUp + seconds) * rate, rate));
    }
    Run flatOut = null;
    if (highest) {
      flatOut = run(FLAT_OUT_EVENTS, Double.POSITIVE_INFINITY);
      double rate = flatOut.perSecond;
      Run steady = null;
      while (steady == null || !steady.keptUp()) {
        rate = Math.floor(STEP_DOWN * rate / 100) * 100;
        steady = run((int) ((warmUp + seconds) * rate), rate);
      }
      add(table, whole(rate) + ", the highest", steady);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(Benchmarks.about());
    out.printf(
        Locale.ROOT,
        "%d models of %s, each with a new version every %d ms; broker, sender, publisher and reader"
            + " in the process%s.%n%n%s",
        keys,
        shape.description(),
        publishEvery,
        overrides.isEmpty() ? "" : ", " + overrides,
        table);
    if (flatOut != null) {
      out.printf(
          "%nWithout a pause between events: %s scored a second.%n", number(flatOut.perSecond, 3));
    }
    out.flush();
  }

  private static void add(MarkdownTable table, String rate, Run run) {
    table.row(
        rate,
        joined(run.decisionMicros),
        joined(run.ageMillis),
        joined(run.readMillis),
        whole(run.swaps),
        whole(run.held),
        whole(run.sent),
        whole(run.scored),
        whole(run.repeated));
  }

  private static String whole(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String joined(List<Double> values) {
    return String.join(" / ", values.stream().map(value -> number(value, 3)).toList());
  }

  private EngineConfig config(String run) {
    BatmSpec model = shape.spec(BatmSpec.Normalisation.RUNNING);
    StringBuilder concepts = new StringBuilder("{");
    for (BatmSpec.Concept concept : model.concepts()) {
      concepts.append(concept.name()).append(": ").append(concept.features()).append(", ");
    }
    List<String> all = new ArrayList<>();
    for (String topic : List.of("events", "trusted", "predictions", "scores", "weights")) {
      all.add("topics." + topic + "=" + run + "-" + topic);
    }
    for (String topic : List.of("drift", "models", "rejects")) {
      all.add("topics." + topic + "=" + run + "-" + topic);
    }
    all.add("kafka.group-id=" + run);
    all.add("sinks.transactional-id-prefix=" + run);
    all.add("state.checkpoint-directory=" + directory.resolve("checkpoints-" + run));
    all.addAll(overrides);
    String yaml =
        "kafka: {bootstrap-servers: '"
            + kafka.bootstrapServers()
            + "'}\nmodel: {features: "
            + model.features()
            + ", hidden: "
            + model.hidden()
            + ", concepts: "
            + concepts
            + "}}";
    return OptionValues.parse(yaml, "shape", all).toEngineConfig();
  }

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            kafka.bootstrapServers(),
            ProducerConfig.LINGER_MS_CONFIG,
            "0",
            ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
            Integer.toString(16 << 20)),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private Run run(int count, double rate) throws Exception {
    spec.commandLine().getErr().printf("%,d events, %.0f a second%n", count, rate);
    EngineConfig config = config("run" + runs++);
    KafkaTopics.create(config, PATIENCE);
    EngineConfig scoring = config.asScorer();
    int port = freePort();
    Configuration flink = JobEnvironment.local(scoring, Optional.empty());
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    flink.setString(
        "metrics.reporter.prom.factory.class",
        "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
    flink.setString("metrics.reporter.prom.port", Integer.toString(port));
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(scoring.job().parallelism(), flink);
    ScoringJob.addTo(env, scoring);
    PacedEvents events = new PacedEvents(config.learner(), count, rate, keys);
    boolean paced = !Double.isInfinite(rate);
    int uncounted = paced ? (int) (warmUp * rate) : count / 5;
    ScheduledExecutorService publishing = Executors.newSingleThreadScheduledExecutor();
    try (KafkaProducer<byte[], byte[]> models = producer();
        KafkaProducer<byte[], byte[]> producer = producer();
        ModelPublisher publisher = new ModelPublisher(config.learner(), models, keys);
        ScoreReader reader =
            new ScoreReader(
                kafka.bootstrapServers(),
                config.topics().scores(),
                config.topics().partitions(),
                events,
                uncounted)) {
      publisher.publish(config.topics().models());
      JobClient job = env.executeAsync(scoring.job().name());
      awaitModels(job, port);
      publishing.scheduleAtFixedRate(
          () -> publisher.publish(config.topics().models()),
          publishEvery,
          publishEvery,
          TimeUnit.MILLISECONDS);
      CompletableFuture<Void> sent =
          CompletableFuture.runAsync(() -> events.send(producer, config.topics().events()));
      CompletableFuture<Void> read = CompletableFuture.runAsync(reader::readAll);
      if (paced) {
        TimeUnit.SECONDS.sleep(warmUp);
        scrape(port); // ends an interval of the histograms
      }
      CompletableFuture.allOf(sent, read).get();
      String scrape = scrape(port);
      publishing.shutdown();
      publishing.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      job.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      job.getJobExecutionResult()
          .handle((result, failure) -> null)
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      Run run =
          new Run(
              count,
              reader.scored(),
              reader.repeated(),
              reader.perSecond(),
              reader.secondsBehind(),
              quantiles(scrape, "decisionMicros"),
              quantiles(scrape, "eventAgeMillis"),
              Stream.of(0.5, 0.99, 0.999).map(reader::millis).toList(),
              sum(scrape, "modelsSwapped") / scoring.job().parallelism() - keys,
              sum(scrape, "modelsHeld") / scoring.job().parallelism());
      spec.commandLine().getErr().println(run);
      return run;
    } finally {
      publishing.shutdownNow();
      env.close();
    }
  }

  private void awaitModels(JobClient job, int port) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      if (job.getJobExecutionResult().isDone()) {
        job.getJobExecutionResult().get();
      }
      if (values(scrape(port), "keys").stream().anyMatch(value -> value == keys)) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new IllegalStateException("The scorer did not take over the models");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String scrape(int port) throws InterruptedException {
    URI metrics = URI.create("http://localhost:" + port + "/metrics");
    try {
      return HttpClient.newHttpClient()
          .send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return ""; // not yet there
    }
  }

  private static List<Double> values(String scrape, String metric) {
    return scrape
        .lines()
        .filter(line -> line.startsWith(METRIC + metric + "{"))
        .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
        .toList();
  }

  private static double sum(String scrape, String metric) {
    return values(scrape, metric).stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Of the subtask where each is largest. */
  private static List<Double> quantiles(String scrape, String metric) {
    return QUANTILES.stream()
        .map(
            quantile ->
                scrape
                    .lines()
                    .filter(line -> line.startsWith(METRIC + metric + "{"))
                    .filter(line -> line.contains("quantile=\"" + quantile + "\""))
                    .mapToDouble(
                        line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .max()
                    .orElse(Double.NaN))
        .toList();
  }
}
