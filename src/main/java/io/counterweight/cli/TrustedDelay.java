package io.counterweight.cli;

import io.counterweight.config.DurationText;
import java.time.Duration;

/** The option {@code --trusted-delay}. */
final class TrustedDelay {
  private TrustedDelay() {}

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException naming the option, the text and the rule
   */
  static Duration parse(String text) {
    try {
      return DurationText.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--trusted-delay is '" + text + "', expected a duration such as 7d or 12h", e);
    }
  }
}
