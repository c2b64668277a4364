package io.counterweight.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500 ms}, {@code 5 s}; a plain number is milliseconds. */
public final class DurationText {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,15})\\s*(ms|s|min|h|d|)");
  private static final Map<String, Long> MILLIS = new LinkedHashMap<>();

  static {
    MILLIS.put("d", 86_400_000L);
    MILLIS.put("h", 3_600_000L);
    MILLIS.put("min", 60_000L);
    MILLIS.put("s", 1_000L);
    MILLIS.put("ms", 1L);
  }

  private DurationText() {}

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException if it is none, or longer than 9·10^15 ms
   */
  public static Duration parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a duration");
    }
    long unit = MILLIS.getOrDefault(matcher.group(2), 1L);
    long count = Long.parseLong(matcher.group(1));
    if (count > 9_000_000_000_000_000L / unit) {
      throw new IllegalArgumentException("'" + text + "' is too long");
    }
    return Duration.ofMillis(count * unit);
  }

  /** The shortest exact form, to the millisecond. */
  public static String format(Duration duration) {
    long millis = duration.toMillis();
    for (Map.Entry<String, Long> unit : MILLIS.entrySet()) {
      if (millis != 0 && millis % unit.getValue() == 0) {
        return millis / unit.getValue() + " " + unit.getKey();
      }
    }
    return "0 ms";
  }
}
