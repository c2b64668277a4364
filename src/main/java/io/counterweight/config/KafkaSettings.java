package io.counterweight.config;

import java.util.ArrayList;
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
 * @param secrets what came from the environment or from files, anywhere in the configuration
 */
public record KafkaSettings(
    String bootstrapServers, String groupId, Map<String, String> properties, SecretValues secrets) {

  public KafkaSettings {
    Options.BOOTSTRAP_SERVERS.check(List.of(bootstrapServers.split(",", -1)));
    Options.GROUP_ID.check(groupId);
    Options.KAFKA_PROPERTIES.check(properties);
    properties = Collections.unmodifiableMap(new TreeMap<>(properties));
  }

  /** Settings without references to the environment or to files. */
  public KafkaSettings(String bootstrapServers, String groupId, Map<String, String> properties) {
    this(bootstrapServers, groupId, properties, SecretValues.NONE);
  }

  /** The same text with every secret of the configuration that occurs in it masked. */
  public String masked(String text) {
    List<String> hidden = new ArrayList<>(secrets.texts());
    properties.forEach(
        (name, value) -> {
          if (isSecret(name, value, secrets)) {
            hidden.addAll(Secrets.partsOf(value));
          }
        });
    return SecretValues.masked(String.valueOf(text), hidden);
  }

  /** Properties as they may be shown. */
  static Map<String, String> masked(Map<String, String> properties, SecretValues secrets) {
    Map<String, String> masked = new TreeMap<>();
    properties.forEach(
        (name, value) -> masked.put(name, isSecret(name, value, secrets) ? Secrets.MASK : value));
    return masked;
  }

  /** The same with another consumer group. */
  KafkaSettings withGroupId(String newGroupId) {
    return new KafkaSettings(bootstrapServers, newGroupId, properties, secrets);
  }

  private static boolean isSecret(String name, String value, SecretValues secrets) {
    return Secrets.looksLikeSecret(name, value)
        || secrets.holds(Options.KAFKA_PROPERTIES.key() + "." + name);
  }

  @Override
  public String toString() {
    return masked(
        "KafkaSettings[bootstrapServers="
            + bootstrapServers
            + ", groupId="
            + groupId
            + ", properties="
            + masked(properties, secrets)
            + "]");
  }
}
