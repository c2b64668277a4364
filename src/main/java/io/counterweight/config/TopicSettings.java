package io.counterweight.config;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Names of the topics, all different.
 *
 * @param events to predict, and to learn from where labelled
 * @param trusted events whose labels are certain
 * @param labels of events, where they have a topic of their own
 * @param predictions output
 * @param scores output of the scoring job
 * @param weights output
 * @param drift output
 * @param models output, compacted
 * @param rejects output
 * @param partitions of each topic that the command creates
 * @param replication of each topic that the command creates
 */
public record TopicSettings(
    String events,
    String trusted,
    String labels,
    String predictions,
    String scores,
    String weights,
    String drift,
    String models,
    String rejects,
    int partitions,
    int replication) {

  public TopicSettings {
    Map<Option<String>, String> names = new LinkedHashMap<>();
    names.put(Options.TOPIC_EVENTS, events);
    names.put(Options.TOPIC_TRUSTED, trusted);
    names.put(Options.TOPIC_LABELS, labels);
    names.put(Options.TOPIC_PREDICTIONS, predictions);
    names.put(Options.TOPIC_SCORES, scores);
    names.put(Options.TOPIC_WEIGHTS, weights);
    names.put(Options.TOPIC_DRIFT, drift);
    names.put(Options.TOPIC_MODELS, models);
    names.put(Options.TOPIC_REJECTS, rejects);
    checkDistinct(names);
    Options.TOPIC_PARTITIONS.check(partitions);
    Options.TOPIC_REPLICATION.check(replication);
  }

  /** Kafka's metrics take a dot for an underscore, so it refuses names that differ only there. */
  private static void checkDistinct(Map<Option<String>, String> names) {
    Map<String, Option<String>> seen = new HashMap<>();
    names.forEach(
        (option, name) -> {
          option.check(name);
          Option<String> other = seen.put(name.replace('.', '_'), option);
          if (other != null) {
            throw option.violation(
                name,
                "another topic than that of "
                    + other.key()
                    + " ('"
                    + names.get(other)
                    + "'; . and _ count as the same)");
          }
        });
  }
}
