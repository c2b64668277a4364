package io.counterweight.config;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Texts for the tests. */
final class Yaml {
  static final String MINIMAL = minimalWithout("");

  private Yaml() {}

  /** The required keys, but for one. */
  static String minimalWithout(String key) {
    return Stream.of("kafka.bootstrap-servers: localhost:9092", "model.features: 4")
        .filter(line -> !line.startsWith(key + ":"))
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }
}
