package io.counterweight.bench;

import static io.counterweight.bench.MarkdownTable.number;
import static io.counterweight.bench.MarkdownTable.percent;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.config.EngineConfig;
import io.counterweight.config.TopicSettings;
import io.counterweight.embedded.EmbeddedKafka;
import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedTimeline;
import io.counterweight.embedded.FraudSimulator;
import io.counterweight.embedded.LabelNoise;
import io.counterweight.event.Event;
import io.counterweight.job.JobEnvironment;
import io.counterweight.job.KafkaTopics;
import io.counterweight.job.PassThroughJob;
import io.counterweight.job.ReweightJob;
import io.counterweight.replay.FeedConfig;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code pipeline}: events per second of the whole job against the same job without a learner, on
 * one broker in this process, one after the other, several rounds. The topics are filled before;
 * the first part of each run, in which the job starts, is not counted.
 */
@Command(
    name = "pipeline",
    description = {
      "Runs the demo's job with one lane and with the default lanes, and the job without a learner, in turn on the same"
          + " filled topics; prints events per second and ratios, and where the CPU time goes."
    },
    sortOptions = false)
final class PipelineBenchmark implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration STALLED_AFTER = Duration.ofMinutes(2);
  private static final double NOT_COUNTED = 0.2;
  private static final double SECOND = 1e9;
  private static final long POLL_MILLIS = 20;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "300000",
      description = "Events of each run. Default: ${DEFAULT-VALUE}")
  private long events;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Counted rounds, after one to warm up. Default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Configuration of the jobs with a learner, such as compute.backend=scalar.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON too.")
  private Path json;

  @Spec private CommandSpec spec;

  private EmbeddedKafka kafka;
  private Feed feed;
  private Path directory;
  private int runs;

  PipelineBenchmark() {}

  private record Variant(
      String name,
      List<String> overrides,
      BiConsumer<StreamExecutionEnvironment, EngineConfig> topology) {}

  /** Of the counted part: events per second, CPU microseconds an event, CPU by threads. */
  private record Run(double eventsPerSecond, double cpuMicros, Map<String, Double> threadMicros) {}

  private static final Variant CHAINED =
      new Variant("pass-through, events only, no exchange", List.of(), PassThroughJob::addChained);
  private static final Variant KEYED =
      new Variant("pass-through, the job's topology", List.of(), PassThroughJob::addKeyed);
  private static final Variant ONE_LANE =
      new Variant("one lane (bilevel)", List.of("learner.lanes=bilevel"), ReweightJob::addTo);
  private static final Variant DEFAULT_LANES =
      new Variant("default lanes", List.of(), ReweightJob::addTo);
  private static final List<Variant> VARIANTS = List.of(CHAINED, KEYED, ONE_LANE, DEFAULT_LANES);

  @Override
  public Integer call() throws Exception {
    directory = Files.createTempDirectory("counterweight-pipeline");
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
    feed =
        new FraudSimulator(
            FraudSimulator.Options.of(events, 1)
                .withNoise(LabelNoise.parse("miss:0.4,false:0.01")));
    EngineConfig first = config("fill", List.of());
    KafkaTopics.create(first, PATIENCE);
    fill(first.topics());
    Map<String, List<Run>> results = new LinkedHashMap<>();
    for (int round = 0; round <= rounds; round++) {
      for (Variant variant : VARIANTS) {
        spec.commandLine()
            .getErr()
            .println((round == 0 ? "warming up: " : "round " + round + ": ") + variant.name());
        Run run = run(variant, null);
        if (round > 0) {
          results.computeIfAbsent(variant.name(), name -> new ArrayList<>()).add(run);
        }
      }
    }
    List<ExecutionSamples.Sample> samples = new ArrayList<>();
    spec.commandLine().getErr().println("profile: " + DEFAULT_LANES.name());
    run(DEFAULT_LANES, samples);
    report(results, samples);
  }

  private EngineConfig config(String run, List<String> more) {
    List<String> all = new ArrayList<>();
    for (String output : List.of("predictions", "weights", "drift", "models", "rejects")) {
      all.add("topics." + output + "=" + run + "-" + output);
    }
    all.add("kafka.group-id=" + run);
    all.add("sinks.transactional-id-prefix=" + run);
    all.add("dashboard.port=none");
    all.addAll(overrides);
    all.addAll(more);
    return FeedConfig.live(
        feed, 1, kafka.bootstrapServers(), directory.resolve("checkpoints-" + run), all);
  }

  private void fill(TopicSettings topics) {
    RecordCodec<Event> codec = RecordType.EVENT.newCodec();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                kafka.bootstrapServers(),
                ProducerConfig.LINGER_MS_CONFIG,
                "5"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      FeedTimeline timeline = new FeedTimeline(feed);
      while (timeline.hasNext()) {
        FeedTimeline.Entry entry = timeline.next();
        Event event = entry.event();
        producer.send(
            new ProducerRecord<>(
                entry.trusted() ? topics.trusted() : topics.events(),
                RecordType.EVENT.key(event),
                codec.encode(event)));
      }
    }
  }

  /**
   * One job over all events.
   *
   * @param samples receives samples of the counted part; null to leave them out
   */
  private Run run(Variant variant, List<ExecutionSamples.Sample> samples) throws Exception {
    EngineConfig config = config("run" + runs++, variant.overrides());
    KafkaTopics.create(config, PATIENCE);
    Configuration flink = JobEnvironment.local(config, Optional.empty());
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(config.job().parallelism(), flink);
    variant.topology().accept(env, config);
    JobClient job = env.executeAsync(config.job().name());
    ExecutionSamples sampler = samples == null ? null : new ExecutionSamples();
    try (OutputProgress progress = new OutputProgress(kafka.bootstrapServers())) {
      long counted = await(job, progress, config.topics(), (long) (NOT_COUNTED * events));
      long began = System.nanoTime();
      ThreadTimes before = ThreadTimes.now();
      Instant from = Instant.now();
      await(job, progress, config.topics(), events);
      double seconds = (System.nanoTime() - began) / SECOND;
      ThreadTimes after = ThreadTimes.now();
      if (sampler != null) {
        samples.addAll(sampler.stop(from));
      }
      Map<String, Double> threads = new LinkedHashMap<>();
      double micros = 1e-3 / (events - counted);
      after.since(before).forEach((group, nanos) -> threads.put(group, nanos * micros));
      job.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      job.getJobExecutionResult()
          .handle((result, failure) -> null)
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      progress.delete(
          List.of(
              config.topics().predictions(),
              config.topics().weights(),
              config.topics().drift(),
              config.topics().models(),
              config.topics().rejects()));
      return new Run(
          (events - counted) / seconds, (after.process() - before.process()) * micros, threads);
    }
  }

  /** Waits for so many predictions; returns how many there were then. */
  private static long await(
      JobClient job, OutputProgress progress, TopicSettings topics, long wanted) throws Exception {
    long last = -1;
    long changed = System.nanoTime();
    while (true) {
      long records = progress.records(topics.predictions(), topics.partitions());
      if (records >= wanted) {
        return records;
      }
      if (job.getJobExecutionResult().isDone()) {
        job.getJobExecutionResult().get();
        throw new IllegalStateException("The job ended after " + records + " predictions");
      }
      if (records != last) {
        last = records;
        changed = System.nanoTime();
      } else if (System.nanoTime() - changed > STALLED_AFTER.toNanos()) {
        throw new IllegalStateException("No prediction has come for long, after " + records);
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private void report(Map<String, List<Run>> results, List<ExecutionSamples.Sample> samples) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(Benchmarks.about());
    out.print(
        events
            + " events, parallelism 1, broker in the process, medians of "
            + rounds
            + " rounds, slowest and fastest in brackets"
            + (overrides.isEmpty() ? "" : ", " + overrides)
            + ".\n\n");
    out.println(speeds(results));
    out.print("CPU microseconds an event, by threads:\n\n");
    out.println(threads(results));
    out.print(
        "What Java code ran with the default lanes, one more run, "
            + samples.size()
            + " samples:\n\n");
    MarkdownTable phases = new MarkdownTable("phase", "share of samples");
    ExecutionSamples.count(samples, PipelinePhases::of)
        .forEach((phase, count) -> phases.row(phase, percent((double) count / samples.size())));
    out.print(phases);
    out.flush();
    if (json != null) {
      try {
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), results);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String speeds(Map<String, List<Run>> results) {
    MarkdownTable table =
        new MarkdownTable(
            "job", "events/s", "against pass-through", "CPU µs an event", "times pass-through's");
    List<Run> base = results.get(KEYED.name());
    double baseCpu = median(base, Run::cpuMicros).seconds();
    results.forEach(
        (name, runs) -> {
          Timing speed = median(runs, Run::eventsPerSecond);
          double[] ratios = new double[runs.size()];
          for (int i = 0; i < ratios.length; i++) {
            ratios[i] = runs.get(i).eventsPerSecond() / base.get(i).eventsPerSecond();
          }
          Timing cpu = median(runs, Run::cpuMicros);
          table.row(
              name,
              number(speed.seconds(), 3)
                  + " ("
                  + number(speed.fastest(), 3)
                  + " to "
                  + number(speed.slowest(), 3)
                  + ")",
              percent(Timing.of(ratios).seconds()),
              number(cpu.seconds(), 3),
              number(cpu.seconds() / baseCpu, 3));
        });
    return table.toString();
  }

  private static String threads(Map<String, List<Run>> results) {
    String[] headings = new String[1 + results.size()];
    headings[0] = "threads";
    List<List<Run>> runs = List.copyOf(results.values());
    for (int v = 0; v < runs.size(); v++) {
      headings[1 + v] = List.copyOf(results.keySet()).get(v);
    }
    MarkdownTable table = new MarkdownTable(headings);
    for (String group : runs.get(0).get(0).threadMicros().keySet()) {
      String[] cells = new String[headings.length];
      cells[0] = group;
      for (int v = 0; v < runs.size(); v++) {
        Timing micros = median(runs.get(v), run -> run.threadMicros().get(group));
        cells[1 + v] = number(micros.seconds(), 3);
      }
      table.row(cells);
    }
    return table.toString();
  }

  private static Timing median(List<Run> runs, ToDoubleFunction<Run> value) {
    return Timing.of(runs.stream().mapToDouble(value).toArray());
  }
}
