package io.counterweight.console;

import io.counterweight.bench.Learners;
import io.counterweight.bench.Machine;
import io.counterweight.bench.MarkdownTable;
import io.counterweight.bench.Shape;
import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.config.EngineConfig;
import io.counterweight.embedded.EmbeddedKafka;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.job.KafkaTopics;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code console}: the live console under load, for as long as one likes. */
@Command(
    name = "console",
    description = {
      "A broker in this process, on whose output topics predictions are written at a fixed rate, weights in"
          + " transactions of ten seconds, a drift event and a model snapshot a second; the console follows them and two"
          + " pages ask what an open browser asks. One row each half minute."
    })
public final class ConsoleSoak implements Callable<Integer> {
  private static final double SECOND = 1e9;
  private static final double MILLI = 1e6;
  private static final double MIB = 1 << 20;
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long CHECKPOINT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long POLL_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long ROW_NANOS = TimeUnit.SECONDS.toNanos(30);

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long. Default: ${DEFAULT-VALUE}")
  private double minutes;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Events a second. Default: ${DEFAULT-VALUE}")
  private int rate;

  @Option(
      names = "--keys",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Model keys; shares of 1/rank (Zipf). Default: ${DEFAULT-VALUE}")
  private int keys;

  @Spec private CommandSpec spec;

  private volatile boolean over;
  private volatile long sent;

  /** Answers of one kind of question since the last row, in nanoseconds. */
  private final Map<String, List<Long>> latencies = new LinkedHashMap<>();

  private long failures;

  @Override
  public Integer call() throws Exception {
    Path folder = Files.createTempDirectory("console-soak");
    ExecutorService threads = Executors.newCachedThreadPool();
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder.resolve("broker"))) {
      EngineConfig config = config(broker.bootstrapServers());
      KafkaTopics.create(config, Duration.ofSeconds(30));
      try (LiveConsole console = LiveConsole.start(config, Optional.empty())) {
        List<Future<?>> running = new ArrayList<>();
        running.add(threads.submit(new Writer(config)));
        running.add(threads.submit(new Page(console.address(), 1)));
        running.add(threads.submit(new Page(console.address(), 2)));
        MarkdownTable table = watch(console, running);
        over = true;
        for (Future<?> one : running) {
          one.get();
        }
        say(table);
      }
    } finally {
      threads.shutdownNow();
      delete(folder);
    }
    return failures == 0 ? 0 : 1;
  }

  private EngineConfig config(String brokers) {
    LearnerSettings settings = Learners.settings(Shape.SMALL);
    StringBuilder concepts = new StringBuilder();
    for (Concept concept : settings.spec().concepts()) {
      concepts.append(concept.name()).append(": ").append(concept.features()).append(", ");
    }
    return EngineConfig.parse(
        "kafka.bootstrap-servers: "
            + brokers
            + "\nmodel: {features: "
            + settings.spec().features()
            + ", hidden: "
            + settings.spec().hidden()
            + ", concepts: {"
            + concepts
            + "}}\nconsole.port: 0\ntopics.partitions: 4\n");
  }

  private MarkdownTable watch(LiveConsole console, List<Future<?>> running)
      throws InterruptedException {
    MarkdownTable table =
        new MarkdownTable(
            "s",
            "written/s",
            "followed/s",
            "records behind",
            "live heap, MiB",
            "console's own, MiB",
            "answers",
            "overview p50/p99, ms",
            "keys p50/p99, ms",
            "key p50/p99, ms",
            "events p50/p99, ms");
    long began = System.nanoTime();
    long end = began + (long) (minutes * 60 * SECOND);
    long sentBefore = 0;
    long followedBefore = 0;
    long before = began;
    PrintWriter err = spec.commandLine().getErr();
    for (long next = began + ROW_NANOS; next <= end; next += ROW_NANOS) {
      while (System.nanoTime() < next && running.stream().noneMatch(Future::isDone)) {
        TimeUnit.NANOSECONDS.sleep(Math.max(1, Math.min(next - System.nanoTime(), POLL_NANOS)));
      }
      long now = System.nanoTime();
      long sentNow = sent;
      long followed = console.events();
      double seconds = (now - before) / SECOND;
      System.gc();
      String[] row = {
        number((now - began) / SECOND),
        number((sentNow - sentBefore) / seconds),
        number((followed - followedBefore) / seconds),
        number(console.behind()),
        number(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MIB),
        number(console.bytes() / MIB),
        "",
        "",
        "",
        "",
        ""
      };
      addLatencies(row);
      table.row(row);
      err.println(String.join(" | ", row));
      err.flush();
      if (running.stream().anyMatch(Future::isDone)) {
        break;
      }
      before = now;
      sentBefore = sentNow;
      followedBefore = followed;
    }
    return table;
  }

  private synchronized void addLatencies(String[] row) {
    int answers = 0;
    int column = 7;
    for (String question : List.of("overview", "keys", "key", "events")) {
      List<Long> nanos = latencies.getOrDefault(question, List.of());
      List<Long> sorted = nanos.stream().sorted().toList();
      answers += sorted.size();
      row[column++] =
          sorted.isEmpty()
              ? ""
              : ms(sorted.get(sorted.size() / 2))
                  + " / "
                  + ms(sorted.get((int) Math.min(sorted.size() - 1, sorted.size() * 99L / 100)));
    }
    row[6] = number(answers);
    latencies.clear();
  }

  private static String ms(long nanos) {
    return String.format(Locale.ROOT, "%.1f", nanos / MILLI);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private void say(MarkdownTable table) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "Measured on %s. %,d events a second over %,d keys, %s, two pages open; %,d answers failed.%n%n%s",
        Machine.here().description(),
        rate,
        keys,
        Shape.SMALL.description(),
        failures,
        table);
    out.flush();
  }

  /** Writes the output topics as the job does. */
  private final class Writer implements Callable<Void> {
    private final EngineConfig config;
    private final Random random = new Random(7);
    private final String[] names = new String[keys];
    private final double[] cumulated = new double[keys];
    private final RecordCodec<Prediction> predictions = RecordType.PREDICTION.newCodec();
    private final RecordCodec<SampleWeight> weights = RecordType.SAMPLE_WEIGHT.newCodec();
    private final RecordCodec<DriftEvent> drifts = RecordType.DRIFT_EVENT.newCodec();
    private final RecordCodec<ModelSnapshot> models = RecordType.MODEL_SNAPSHOT.newCodec();
    private final List<String> lanes;
    private final List<String> concepts;
    private final LearnerState learner;
    private volatile Exception refused;

    Writer(EngineConfig config) {
      this.config = config;
      lanes = config.learner().lanes().stream().map(lane -> lane.name()).toList();
      concepts = config.learner().spec().concepts().stream().map(Concept::name).toList();
      learner = Learners.trained(config.learner(), 50);
      double sum = 0;
      for (int k = 0; k < keys; k++) {
        names[k] = String.format(Locale.ROOT, "shop-%05d", k);
        sum += 1.0 / (k + 1);
        cumulated[k] = sum;
      }
    }

    private String key() {
      double at = random.nextDouble() * cumulated[keys - 1];
      int low = java.util.Arrays.binarySearch(cumulated, at);
      return names[Math.min(keys - 1, low < 0 ? -low - 1 : low)];
    }

    @Override
    public Void call() throws Exception {
      try (KafkaProducer<byte[], byte[]> plain = producer(null);
          KafkaProducer<byte[], byte[]> transactional = producer("console-soak")) {
        transactional.initTransactions();
        transactional.beginTransaction();
        Deque<Prediction> unlabelled = new ArrayDeque<>();
        long began = System.nanoTime();
        long nextSecond = began;
        long nextCheckpoint = began + CHECKPOINT_NANOS;
        for (long step = 0; !over; step++) {
          long due = (long) ((step + 1) * STEP_NANOS / SECOND * rate);
          while (sent < due) {
            Prediction prediction = prediction(sent);
            write(
                plain,
                config.topics().predictions(),
                RecordType.PREDICTION,
                predictions,
                prediction);
            unlabelled.add(prediction);
            sent++;
          }
          while (unlabelled.size() > 16) {
            write(
                transactional,
                config.topics().weights(),
                RecordType.SAMPLE_WEIGHT,
                weights,
                weight(unlabelled.remove()));
          }
          long now = System.nanoTime();
          if (now >= nextSecond) {
            nextSecond += (long) SECOND;
            write(transactional, config.topics().drift(), RecordType.DRIFT_EVENT, drifts, drift());
            write(
                transactional,
                config.topics().models(),
                RecordType.MODEL_SNAPSHOT,
                models,
                model());
          }
          if (now >= nextCheckpoint) {
            nextCheckpoint += CHECKPOINT_NANOS;
            transactional.commitTransaction();
            transactional.beginTransaction();
          }
          if (refused != null) {
            throw refused;
          }
          TimeUnit.NANOSECONDS.sleep(Math.max(0, began + step * STEP_NANOS - now));
        }
        transactional.commitTransaction();
      }
      return null;
    }

    private <T> void write(
        KafkaProducer<byte[], byte[]> producer,
        String topic,
        RecordType<T> type,
        RecordCodec<T> codec,
        T record) {
      producer.send(
          new ProducerRecord<>(topic, type.key(record), codec.encode(record)),
          (metadata, exception) -> {
            if (exception != null) {
              refused = exception;
            }
          });
    }

    private KafkaProducer<byte[], byte[]> producer(String transactionalId) {
      Map<String, Object> properties = new HashMap<>();
      properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
      properties.put(ProducerConfig.LINGER_MS_CONFIG, "20");
      properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
      properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(16 << 20));
      if (transactionalId != null) {
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
      }
      return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private Prediction prediction(long number) {
      float p = random.nextFloat();
      Map<String, Float> contributions = new LinkedHashMap<>();
      for (String concept : concepts) {
        contributions.put(concept, (float) random.nextGaussian());
      }
      Map<String, float[]> probabilities = new LinkedHashMap<>();
      Map<String, Float> shares = new LinkedHashMap<>();
      for (String lane : lanes) {
        probabilities.put(lane, new float[] {1 - p, p});
        shares.put(lane, 1f / lanes.size());
      }
      long now = System.currentTimeMillis();
      return new Prediction(
          "event-" + number,
          key(),
          now,
          new float[] {1 - p, p},
          p > 0.5f ? 1 : 0,
          new int[] {p > 0.5f ? 1 : 0},
          0.9f,
          DriftState.STABLE,
          DriftKind.NONE,
          0.5f,
          0,
          contributions,
          probabilities,
          shares,
          number / 12,
          now,
          0,
          0,
          new float[] {0.95f, 0.05f},
          new float[] {0.9f, 0.9f},
          Map.of());
    }

    private SampleWeight weight(Prediction prediction) {
      int label = random.nextDouble() < 0.05 ? 1 : 0;
      float belief = prediction.probabilities()[label];
      return new SampleWeight(
          prediction.eventId(),
          prediction.modelKey(),
          prediction.eventTime(),
          label,
          (float) -Math.log(Math.max(1e-6, belief)),
          1,
          belief,
          null,
          belief < 0.1f,
          prediction.modelVersion() + 1,
          LearnerSettings.MIXTURE,
          belief);
    }

    private DriftEvent drift() {
      long now = System.currentTimeMillis();
      return new DriftEvent(
          key(),
          now,
          now - 1000,
          DriftState.values()[random.nextInt(4)],
          DriftKind.CONCEPT,
          "trusted.recall.1",
          "page-hinkley",
          12,
          10,
          100,
          List.of("class 1"));
    }

    private ModelSnapshot model() {
      return new ModelSnapshot(
          key(),
          learner.version,
          learner.trainedUntil,
          config.learner().spec().toString(),
          LearnerStateCodec.encode(learner),
          Map.of());
    }
  }

  /** What an open page asks, every two seconds. */
  private final class Page implements Callable<Void> {
    private final URI address;
    private final Random random;
    private final HttpClient client = HttpClient.newHttpClient();

    Page(URI address, long seed) {
      this.address = address;
      random = new Random(seed);
    }

    @Override
    public Void call() throws Exception {
      long after = 0;
      for (long next = System.nanoTime(); !over; next += POLL_NANOS) {
        ask("overview", "");
        ask("keys", "?sort=suspects&size=50&search=shop-0" + random.nextInt(10));
        ask(
            "key",
            String.format(Locale.ROOT, "?key=shop-%05d", random.nextInt(Math.min(keys, 300))));
        byte[] events = ask("events", "?limit=50&after=" + after);
        String text = new String(events, java.nio.charset.StandardCharsets.UTF_8);
        if (text.startsWith("{\"next\":")) {
          after = Long.parseLong(text.substring(8, text.indexOf(',')));
        }
        TimeUnit.NANOSECONDS.sleep(Math.max(0, next + POLL_NANOS - System.nanoTime()));
      }
      return null;
    }

    private byte[] ask(String question, String query) throws IOException, InterruptedException {
      long began = System.nanoTime();
      HttpResponse<byte[]> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(address + "api/" + question + query)).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      long nanos = System.nanoTime() - began;
      synchronized (ConsoleSoak.this) {
        // A key that has no record yet, in the first seconds, is answered by 404.
        failures += answer.statusCode() == 200 || answer.statusCode() == 404 ? 0 : 1;
        latencies.computeIfAbsent(question, name -> new ArrayList<>()).add(nanos);
      }
      return answer.body();
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
