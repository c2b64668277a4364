package io.counterweight.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.job.JobMetricNames;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks Flink's REST interface for the job's state and metrics every two seconds. */
final class JobMetrics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobMetrics.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long EVERY_MILLIS = 2_000;
  private static final int MOST_BYTES = 4 << 20;

  /** Metric ids of one request: addresses have a bound. */
  private static final int AT_A_TIME = 40;

  private static final Pattern QUALITY =
      Pattern.compile(
          Pattern.quote(JobMetricNames.LEARNER) + "(?:lane\\.(.+)|mixture)\\.(prAuc|gMean)");
  private static final String RECEIVED = JobMetricNames.LEARNER + "events";
  private static final String KEYS = JobMetricNames.LEARNER + "keys";
  private static final Pattern PENDING = Pattern.compile("Source__[^.]*\\.pendingRecords");
  private static final Pattern RATE =
      Pattern.compile(Pattern.quote(JobMetricNames.LEARNER_OPERATOR) + "numRecordsInPerSecond");

  private final URI flink;
  private final String job;
  private final Consumer<JobReading> taker;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final ObjectMapper mapper = new ObjectMapper();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "console-metrics");
            thread.setDaemon(true);
            return thread;
          });

  private JobMetrics(URI flink, String job, Consumer<JobReading> taker) {
    this.flink = flink;
    this.job = job;
    this.taker = taker;
  }

  /**
   * Starts asking.
   *
   * @param flink address of the REST interface, which is the dashboard's
   * @param job name of the job
   */
  static JobMetrics start(URI flink, String job, Consumer<JobReading> taker) {
    JobMetrics metrics = new JobMetrics(flink, job, taker);
    metrics.clock.scheduleWithFixedDelay(
        metrics::askAndTell, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    return metrics;
  }

  private void askAndTell() {
    try {
      taker.accept(ask());
    } catch (IOException e) {
      LOG.debug("Flink at {} does not answer", flink, e);
      taker.accept(JobReading.of("UNREACHABLE", flink.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // An answer of another shape than expected must not stop the asking.
      LOG.warn("Flink at {} gave an answer that is not understood", flink, e);
      taker.accept(JobReading.of("UNREACHABLE", flink.toString()));
    }
  }

  /** One reading. */
  JobReading ask() throws IOException, InterruptedException {
    JsonNode newest = null;
    for (JsonNode one : get("/jobs/overview").path("jobs")) {
      boolean newer =
          newest == null
              || isRunning(one) && !isRunning(newest)
              || isRunning(one) == isRunning(newest)
                  && one.path("start-time").asLong() > newest.path("start-time").asLong();
      if (one.path("name").asText().equals(job) && newer) {
        newest = one;
      }
    }
    if (newest == null) {
      return JobReading.of("NOT FOUND", flink.toString());
    }
    return read(newest.path("jid").asText());
  }

  private static boolean isRunning(JsonNode job) {
    return job.path("state").asText().equals("RUNNING");
  }

  private JobReading read(String id) throws IOException, InterruptedException {
    JsonNode detail = get("/jobs/" + id);
    Map<String, Double> sums = new HashMap<>();
    Map<String, Double> means = new HashMap<>();
    for (JsonNode vertex : detail.path("vertices")) {
      measure("/jobs/" + id + "/vertices/" + vertex.path("id").asText(), sums, means);
    }
    Map<String, Double> prAuc = new TreeMap<>();
    Map<String, Double> gMean = new TreeMap<>();
    means.forEach(
        (name, value) -> {
          Matcher quality = QUALITY.matcher(name);
          if (quality.matches()) {
            String lane = quality.group(1) == null ? "mixture" : quality.group(1);
            (quality.group(2).equals("prAuc") ? prAuc : gMean).put(lane, value);
          }
        });
    return new JobReading(
        detail.path("state").asText(),
        flink.toString().replaceFirst("/+$", "") + "/#/job/running/" + id + "/overview",
        detail.path("duration").asLong(-1),
        total(sums, PENDING),
        sums.getOrDefault(RECEIVED, -1.0).longValue(),
        sums.getOrDefault(KEYS, -1.0).longValue(),
        rate(sums),
        prAuc,
        gMean,
        checkpoints(get("/jobs/" + id + "/checkpoints")));
  }

  private static long total(Map<String, Double> sums, Pattern name) {
    double total = -1;
    for (Map.Entry<String, Double> one : sums.entrySet()) {
      if (name.matcher(one.getKey()).matches()) {
        total = Math.max(0, total) + one.getValue();
      }
    }
    return (long) total;
  }

  private static double rate(Map<String, Double> sums) {
    return sums.entrySet().stream()
        .filter(one -> RATE.matcher(one.getKey()).matches())
        .mapToDouble(Map.Entry::getValue)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** Sums and means over a vertex's subtasks of the metrics that are wanted. */
  private void measure(String vertex, Map<String, Double> sums, Map<String, Double> means)
      throws IOException, InterruptedException {
    List<String> wanted = new ArrayList<>();
    for (JsonNode metric : get(vertex + "/subtasks/metrics")) {
      String name = metric.path("id").asText();
      if (name.equals(RECEIVED)
          || name.equals(KEYS)
          || QUALITY.matcher(name).matches()
          || PENDING.matcher(name).matches()
          || RATE.matcher(name).matches()) {
        wanted.add(name);
      }
    }
    for (int from = 0; from < wanted.size(); from += AT_A_TIME) {
      List<String> some = wanted.subList(from, Math.min(wanted.size(), from + AT_A_TIME));
      String names = URLEncoder.encode(String.join(",", some), StandardCharsets.UTF_8);
      for (JsonNode metric : get(vertex + "/subtasks/metrics?agg=sum,avg&get=" + names)) {
        // Subtasks without a value yet say NaN, which is no JSON number.
        sums.put(metric.path("id").asText(), metric.path("sum").asDouble(Double.NaN));
        means.put(metric.path("id").asText(), metric.path("avg").asDouble(Double.NaN));
      }
    }
  }

  private static JobReading.Checkpoints checkpoints(JsonNode answer) {
    JsonNode counts = answer.path("counts");
    JsonNode last = answer.path("latest").path("completed");
    return new JobReading.Checkpoints(
        counts.path("completed").asLong(),
        counts.path("failed").asLong(),
        last.path("trigger_timestamp").asLong(-1),
        last.path("end_to_end_duration").asLong(-1),
        counts.path("restored").asLong());
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    URI address = URI.create(flink.toString().replaceFirst("/+$", "") + path);
    HttpResponse<InputStream> response =
        client.send(
            HttpRequest.newBuilder(address).timeout(PATIENCE).GET().build(),
            HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      byte[] bytes = body.readNBytes(MOST_BYTES);
      if (response.statusCode() != 200) {
        throw new IOException(address + " answered " + response.statusCode());
      }
      return mapper.readTree(bytes);
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
