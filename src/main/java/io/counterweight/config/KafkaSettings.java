package io.counterweight.config;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The Kafka cluster.
 *
 * @param bootstrapServers {@code host:port}, several separated by commas
 * @param groupId consumer group under which offsets are committed
 * @param properties passed to every client; may hold secrets, which {@link #toString} masks
 */
public record KafkaSettings(
    String bootstrapServers, String groupId, Map<String, String> properties) {

  public KafkaSettings {
    Options.BOOTSTRAP_SERVERS.check(List.of(bootstrapServers.split(",", -1)));
    Options.GROUP_ID.check(groupId);
    Options.KAFKA_PROPERTIES.check(properties);
    properties = Collections.unmodifiableMap(new TreeMap<>(properties));
  }

  /** The same text with every secret of {@link #properties} that occurs in it masked. */
  public String masked(String text) {
    String masked = String.valueOf(text);
    for (Map.Entry<String, String> property : properties.entrySet()) {
      if (!property.getValue().isBlank()
          && Secrets.looksLikeSecret(property.getKey(), property.getValue())) {
        masked = masked.replace(property.getValue(), Secrets.MASK);
      }
    }
    return masked;
  }

  /** The same with another consumer group. */
  KafkaSettings withGroupId(String newGroupId) {
    return new KafkaSettings(bootstrapServers, newGroupId, properties);
  }

  @Override
  public String toString() {
    return "KafkaSettings[bootstrapServers="
        + bootstrapServers
        + ", groupId="
        + groupId
        + ", properties="
        + Secrets.masked(properties)
        + "]";
  }
}
