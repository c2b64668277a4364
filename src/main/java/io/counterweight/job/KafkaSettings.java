package io.counterweight.job;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * How to reach Kafka.
 *
 * @param bootstrapServers {@code host:port}, separated by commas
 * @param properties for every consumer and producer, for example of security; never null
 */
public record KafkaSettings(String bootstrapServers, Map<String, String> properties) {

  public KafkaSettings {
    KafkaNames.requireText("bootstrapServers", bootstrapServers);
    properties =
        KafkaNames.without(Set.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG), properties);
  }
}
