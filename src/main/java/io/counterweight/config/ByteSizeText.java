package io.counterweight.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 64 MiB}, {@code 512 KiB}; a plain number is bytes. */
final class ByteSizeText {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,15})\\s*(B|KiB|MiB|GiB|TiB|)");
  private static final Map<String, Long> BYTES = new LinkedHashMap<>();

  static {
    BYTES.put("TiB", 1L << 40);
    BYTES.put("GiB", 1L << 30);
    BYTES.put("MiB", 1L << 20);
    BYTES.put("KiB", 1L << 10);
    BYTES.put("B", 1L);
  }

  private ByteSizeText() {}

  /**
   * Reads a size in bytes.
   *
   * @throws IllegalArgumentException if it is none, or above 2^62
   */
  static long parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a size");
    }
    long unit = BYTES.getOrDefault(matcher.group(2), 1L);
    long count = Long.parseLong(matcher.group(1));
    if (count > (1L << 62) / unit) {
      throw new IllegalArgumentException("'" + text + "' is too large");
    }
    return count * unit;
  }

  /** The shortest exact form. */
  static String format(long bytes) {
    for (Map.Entry<String, Long> unit : BYTES.entrySet()) {
      if (bytes != 0 && bytes % unit.getValue() == 0) {
        return bytes / unit.getValue() + " " + unit.getKey();
      }
    }
    return "0 B";
  }
}
