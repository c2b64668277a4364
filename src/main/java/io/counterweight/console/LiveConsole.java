package io.counterweight.console;

import io.counterweight.config.EngineConfig;
import io.counterweight.console.TopicFollower.Start;
import io.counterweight.job.OutputCodecs;
import io.counterweight.learner.LaneSettings;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.serde.RecordType;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The live console of a job, wherever the job runs: it reads the output topics of the job's
 * configuration and, where it is told Flink's address, the job's metrics. Writes nothing anywhere.
 */
public final class LiveConsole implements AutoCloseable {
  private static final Duration REGISTRY_PATIENCE = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(LiveConsole.class);

  /** Events that are shown at once, though they came before the console. */
  private static final Start NEWEST = new Start(20_000, Duration.ofMinutes(5));

  private static final Start NEWEST_DRIFTS = new Start(2_000, null);

  private final ConsoleState state;
  private final List<AutoCloseable> parts = new ArrayList<>();
  private final Optional<String> remark;
  private URI address;

  private LiveConsole(ConsoleState state, Optional<String> remark) {
    this.state = state;
    this.remark = remark;
  }

  /**
   * Starts to follow and to serve, at {@code console.address} and {@code console.port}, or at a
   * free port if that one is taken.
   *
   * @param flink address of the REST interface of the Flink that runs the job, if it is known
   * @throws IOException with a message for the user, if it cannot listen at the address
   */
  public static LiveConsole start(EngineConfig config, Optional<URI> flink) throws IOException {
    ConsoleState state =
        new ConsoleState(
            config.learner().spec().outputs(),
            names(config),
            ConsoleState.Bounds.STANDARD,
            System::currentTimeMillis);
    LearnerSections models = new LearnerSections(config);
    ConsoleApi api = new ConsoleApi(state, models);
    WebAssets assets = new WebAssets(LiveConsole.class.getClassLoader());
    ConsoleServer server;
    Optional<String> remark = Optional.empty();
    String host = config.console().address();
    int port = config.console().port();
    try {
      server = ConsoleServer.start(host, port, assets, api);
    } catch (IOException e) {
      if (port == 0) {
        throw cannotListen(host, e);
      }
      LOG.info("Port {} cannot be had", port, e);
      try {
        server = ConsoleServer.start(host, 0, assets, api);
      } catch (IOException again) {
        throw cannotListen(host, again);
      }
      remark = Optional.of("port " + port + " (console.port) is taken, another one is used");
    }
    LiveConsole console = new LiveConsole(state, remark);
    console.address = server.address();
    console.parts.add(server);
    console.parts.add(models);
    console.follow(config);
    flink.ifPresent(
        at -> console.parts.add(JobMetrics.start(at, config.job().name(), state::measured)));
    return console;
  }

  private static IOException cannotListen(String host, IOException e) {
    return new IOException(
        "The console cannot listen at " + host + " (console.address): " + e.getMessage(), e);
  }

  private static JobNames names(EngineConfig config) {
    Map<String, List<String>> concepts = new LinkedHashMap<>();
    for (Concept concept : config.learner().spec().concepts()) {
      concepts.put(
          concept.name(), concept.features().stream().map(config.featureNames()::get).toList());
    }
    return new JobNames(
        config.job().name(),
        config.learner().lanes().stream().map(LaneSettings::name).toList(),
        concepts);
  }

  private void follow(EngineConfig config) {
    OutputCodecs codecs = OutputCodecs.of(config, REGISTRY_PATIENCE);
    Records records = new Records(config.topics(), codecs, state);
    parts.add(
        TopicFollower.start(
            "console-follower",
            config.kafka(),
            Map.of(
                config.topics().predictions(), NEWEST,
                config.topics().weights(), NEWEST,
                config.topics().drift(), NEWEST_DRIFTS,
                config.topics().rejects(), Start.END),
            records));
    // All of them, because a key's page shows a model that may be older than the console; apart, so
    // that gigabytes of them hold nothing up.
    parts.add(
        TopicFollower.start(
            "console-models",
            config.kafka(),
            Map.of(config.topics().models(), Start.BEGINNING),
            new Records.Models(
                codecs.codec(RecordType.MODEL_SNAPSHOT, config.topics().models()), state)));
  }

  /** Where the page is. */
  public URI address() {
    return address;
  }

  /** What the user should know of how it started. */
  public Optional<String> remark() {
    return remark;
  }

  /** Events that were followed so far. */
  public long events() {
    return state.events();
  }

  /** Records of the output topics that were not followed yet. */
  public long behind() {
    return state.behind();
  }

  /** About how much memory what is followed takes, in bytes. */
  public long bytes() {
    return state.bytes();
  }

  @Override
  public void close() {
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("A part of the console did not close", e);
      }
    }
  }
}
