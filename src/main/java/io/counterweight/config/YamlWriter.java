package io.counterweight.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes option values as nested YAML, with secrets masked. */
final class YamlWriter {
  private static final ObjectMapper MAPPER =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
              .build());

  private YamlWriter() {}

  static String write(Map<Option<?>, Object> values, SecretValues secrets) {
    Map<String, Object> root = new LinkedHashMap<>();
    values.forEach((option, value) -> put(root, option.key(), plain(option, value, secrets)));
    try {
      return MAPPER.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Strings, lists and maps can always be written", e);
    }
  }

  @SuppressWarnings("unchecked") // The map pairs each option with a value of its own type.
  private static <T> Object plain(Option<T> option, Object value, SecretValues secrets) {
    if (option == Options.KAFKA_PROPERTIES) {
      return KafkaSettings.masked((Map<String, String>) value, secrets);
    }
    if (option == Options.REGISTRY_PASSWORD || secrets.holds(option.key())) {
      return Secrets.MASK;
    }
    return value instanceof Boolean ? value : option.type().plain((T) value);
  }

  @SuppressWarnings("unchecked") // Sections are the maps made here.
  private static void put(Map<String, Object> section, String key, Object value) {
    int dot = key.indexOf('.');
    if (dot < 0) {
      section.put(key, value);
      return;
    }
    Object below = section.computeIfAbsent(key.substring(0, dot), name -> new LinkedHashMap<>());
    put((Map<String, Object>) below, key.substring(dot + 1), value);
  }
}
