package io.counterweight.console;

import io.counterweight.config.EngineConfig;
import java.util.List;
import java.util.Map;

/** The pictures of a key's newest snapshot. */
final class LearnerSections implements ConsoleApi.Models, AutoCloseable {
  private static final long KEPT_BYTES = 32L << 20;

  private final PublishedModel models;

  LearnerSections(EngineConfig config) {
    models = new PublishedModel(config, KEPT_BYTES);
  }

  @Override
  public List<Map<String, Object>> sections(String key, ModelPlace place) {
    byte[] bytes = models.at(key, place);
    return bytes == null
        ? null
        : List.of(
            Map.of(
                "key", key, "version", place.version(), "bytes", bytes.length, "lanes", List.of()));
  }

  @Override
  public void close() {}
}
