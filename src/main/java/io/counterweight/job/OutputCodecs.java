package io.counterweight.job;

import io.counterweight.config.EngineConfig;
import io.counterweight.registry.RegistryAccess;
import io.counterweight.registry.SchemaRegistry;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.time.Duration;

/**
 * Codecs for who reads the job's output topics. Where a schema registry is configured they read
 * both framings of Avro, because records stay on a topic when {@code sinks.format} changes.
 */
public final class OutputCodecs {
  private final RegistryAccess registry;

  OutputCodecs(RegistryAccess registry) {
    this.registry = registry;
  }

  /**
   * Codecs of a configuration's topics.
   *
   * @param patience how long a registry that does not answer is asked again, at most
   */
  public static OutputCodecs of(EngineConfig config, Duration patience) {
    RegistryAccess access = KafkaEndpoints.registry(config);
    return new OutputCodecs(access == null ? null : access.within(patience));
  }

  /** A new codec for the records of a topic. */
  public <T> RecordCodec<T> codec(RecordType<T> type, String topic) {
    return registry == null
        ? type.newCodec()
        : type.newCodecOfBoth(new SchemaRegistry(registry), topic);
  }
}
