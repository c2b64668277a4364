package io.counterweight.console;

import java.util.HashMap;
import java.util.Map;

/**
 * Names that repeat in every record, each kept once. Bounded: what comes beyond is kept as it came.
 */
final class Texts {
  private static final int MOST = 4096;

  private final Map<String, String> known = new HashMap<>();

  /** The same text, as one object. */
  String same(String text) {
    String first = known.get(text);
    if (first != null || known.size() >= MOST) {
      return first == null ? text : first;
    }
    known.put(text, text);
    return text;
  }
}
