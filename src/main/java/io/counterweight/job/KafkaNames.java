package io.counterweight.job;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Checks shared by the settings of sources and sinks. */
final class KafkaNames {
  private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

  private KafkaNames() {}

  static void requireTopic(String topic) {
    if (topic == null
        || !TOPIC.matcher(topic).matches()
        || topic.equals(".")
        || topic.equals("..")) {
      throw new IllegalArgumentException(
          "topic is '"
              + topic
              + "', expected 1 to 249 of the characters a-z, A-Z, 0-9, '.', '_', '-'");
    }
  }

  static void requireText(String name, String value) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(name + " is '" + value + "', expected some text");
    }
  }

  /** Refuses extra properties that would contradict a setting of their own. */
  static Map<String, String> without(Set<String> reserved, Map<String, String> properties) {
    Set<String> both = new TreeSet<>(properties.keySet());
    both.retainAll(reserved);
    if (!both.isEmpty()) {
      throw new IllegalArgumentException(
          "properties contain "
              + both
              + ", expected none that has a setting of its own or must stay fixed");
    }
    return Map.copyOf(properties);
  }
}
