package io.counterweight.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.config.ConfigException;
import io.counterweight.config.EngineConfig;
import io.counterweight.config.OptionValues;
import io.counterweight.embedded.Feed;
import io.counterweight.model.BatmSpec.Concept;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The configuration that a feed and the command line make together: features, classes and concepts
 * are the feed's, everything else has its default unless the command line sets it.
 */
public final class FeedConfig {
  /** Kafka settings are required, and a replay asks no broker. */
  private static final String NO_BROKER = "none.invalid:9092";

  /** So that the models topic of a short run holds one that is nearly the last. */
  private static final int SNAPSHOT_EVERY = 100;

  private static final Set<String> OF_THE_FEED =
      Set.of("model.features", "model.classes", "model.concepts");

  private static final List<String> NOT_FOR_REPLAY =
      List.of(
          "kafka.",
          "topics.",
          "sinks.",
          "input.",
          "labels.",
          "scorer.",
          "watermarks.",
          "dashboard.",
          "console.",
          "state.checkpoint",
          "state.retain",
          "job.name");

  private FeedConfig() {}

  /**
   * Configuration of a replay: in event time, with mini-batches that wait as long as they may,
   * because a feed's time is not the clock's.
   *
   * @param seed of the learner
   * @param overrides {@code key=value} of {@code model}, {@code learner} and {@code compute}
   * @throws ConfigException if one is wrong or has no meaning here
   */
  public static EngineConfig replay(Feed feed, long seed, List<String> overrides) {
    overrides.forEach(FeedConfig::requireMeaning);
    Map<String, Object> values = ofFeed(feed);
    values.put("kafka.bootstrap-servers", NO_BROKER);
    values.put("learner.seed", seed);
    values.put("learner.ordering", "event-time");
    values.put("learner.max-latency", "1 d");
    values.put("learner.snapshot-every", 0);
    return parse(values, overrides);
  }

  /**
   * Configuration of a live run on a broker of its own: in order of arrival, with results soon.
   *
   * @param seed of the learner
   * @param directory where checkpoints go
   * @param overrides {@code key=value} of anything that is not the feed's
   * @throws ConfigException if one is wrong
   */
  public static EngineConfig live(
      Feed feed, long seed, String bootstrapServers, Path directory, List<String> overrides) {
    overrides.forEach(FeedConfig::requireNotOfFeed);
    Map<String, Object> values = ofFeed(feed);
    values.put("kafka.bootstrap-servers", bootstrapServers);
    values.put("learner.seed", seed);
    values.put("input.starting-offsets", "earliest");
    values.put("state.checkpoint-directory", directory.resolve("checkpoints").toString());
    values.put("state.checkpoint-interval", "2 s");
    values.put("dashboard.port", 0);
    values.put("learner.snapshot-every", SNAPSHOT_EVERY);
    return parse(values, overrides);
  }

  private static void requireNotOfFeed(String override) {
    String key = override.split("=", 2)[0].strip();
    if (OF_THE_FEED.stream().anyMatch(own -> (key + ".").startsWith(own + "."))) {
      throw ConfigException.of(key, "comes from the data, leave it out");
    }
  }

  private static void requireMeaning(String override) {
    requireNotOfFeed(override);
    String key = override.split("=", 2)[0].strip();
    if (key.equals("learner.seed")) {
      throw ConfigException.of(key, "is set by --seed");
    }
    if (key.equals("learner.ordering")) {
      throw ConfigException.of(key, "is always event-time in a replay, leave it out");
    }
    if (NOT_FOR_REPLAY.stream().anyMatch(key::startsWith)) {
      throw ConfigException.of(
          key, "has no meaning in a replay; set keys of model, learner or compute");
    }
  }

  /** The keys that describe a feed's events. */
  private static Map<String, Object> ofFeed(Feed feed) {
    Map<String, Object> values = new LinkedHashMap<>();
    List<String> names = feed.featureNames();
    // Columns may be called 0, 1 and so on, which are indices in a configuration.
    boolean areNames = names.stream().noneMatch(name -> name.matches("\\d+"));
    values.put("model.features", areNames ? names : names.size());
    values.put("model.classes", feed.classes());
    Map<String, List<String>> concepts = new LinkedHashMap<>();
    for (Concept concept : feed.concepts()) {
      concepts.put(concept.name(), concept.features().stream().map(String::valueOf).toList());
    }
    values.put("model.concepts", concepts);
    return values;
  }

  /** As JSON, which is YAML too. */
  private static EngineConfig parse(Map<String, Object> values, List<String> overrides) {
    try {
      String yaml = new ObjectMapper().writeValueAsString(values);
      return OptionValues.parse(yaml, "data", overrides).toEngineConfig();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Texts, numbers, lists and maps can always be written", e);
    }
  }
}
