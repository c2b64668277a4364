package io.counterweight.support;

import java.util.List;

/** Topics of a test's own on the broker that all tests share. */
public final class TestTopics {
  private static final List<String> NAMES =
      List.of(
          "events", "trusted", "predictions", "scores", "weights", "drift", "models", "rejects");

  private TestTopics() {}

  /** Lines of configuration that call every topic {@code PREFIX-NAME}. */
  public static List<String> lines(String prefix) {
    return NAMES.stream().map(name -> "topics." + name + ": " + prefix + "-" + name).toList();
  }
}
