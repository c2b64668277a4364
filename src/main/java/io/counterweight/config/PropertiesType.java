package io.counterweight.config;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** Properties that are handed to the Kafka clients; nested keys are joined with dots. */
final class PropertiesType implements OptionType<Map<String, String>> {

  /** Properties that have keys of their own here, or that the engine must fix. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "bootstrap.servers", "use kafka.bootstrap-servers",
          "group.id", "use kafka.group-id",
          "auto.offset.reset", "use input.starting-offsets",
          "transactional.id", "use sinks.transactional-id-prefix",
          "transaction.timeout.ms", "use sinks.transaction-timeout",
          "enable.auto.commit", "offsets are committed with checkpoints",
          "key.serializer", "the engine sets it",
          "value.serializer", "the engine sets it",
          "key.deserializer", "the engine sets it",
          "value.deserializer", "the engine sets it");

  private final String key;

  /**
   * Properties below a key.
   *
   * @param key of the option, for messages about single properties
   */
  PropertiesType(String key) {
    this.key = key;
  }

  @Override
  public Map<String, String> parse(Node node) {
    if (!(node instanceof Node.Mapping mapping)) {
      throw new IllegalArgumentException("not a mapping");
    }
    Map<String, String> properties = new TreeMap<>();
    collect("", mapping, properties);
    return Collections.unmodifiableMap(properties);
  }

  private void collect(String prefix, Node.Mapping mapping, Map<String, String> properties) {
    mapping
        .entries()
        .forEach(
            (name, value) -> {
              String property = prefix + name;
              if (value instanceof Node.Mapping nested) {
                collect(property + ".", nested, properties);
              } else {
                properties.put(property, single(property, value));
              }
            });
  }

  private String single(String property, Node value) {
    if (ELSEWHERE.containsKey(property)) {
      throw error(property, "cannot be set here: " + ELSEWHERE.get(property), value);
    }
    if (value instanceof Node.Sequence) {
      throw error(property, "is a list, expected a single value", value);
    }
    return value instanceof Node.Scalar scalar ? scalar.text() : "";
  }

  private ConfigException error(String property, String problem, Node value) {
    return ConfigException.of(key + "." + property, problem).at(value.place());
  }

  @Override
  public Object plain(Map<String, String> properties) {
    return properties;
  }

  @Override
  public String rule() {
    return "a mapping from Kafka client properties to single values";
  }

  @Override
  public boolean isOpen() {
    return true;
  }
}
