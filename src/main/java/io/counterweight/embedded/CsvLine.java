package io.counterweight.embedded;

import java.util.List;

/**
 * Splits one line of comma-separated values after RFC 4180: a field may be quoted, and a quote in a
 * quoted field is doubled. A quoted field may not span lines. White space around fields that are
 * not quoted is dropped.
 */
final class CsvLine {
  private CsvLine() {}

  /**
   * Replaces the contents of {@code fields} by the line's fields.
   *
   * @throws IllegalArgumentException if a quote is not closed or stands in the wrong place
   */
  static void split(String line, List<String> fields) {
    fields.clear();
    int at = 0;
    while (true) {
      at = firstNonBlank(line, at);
      if (at < line.length() && line.charAt(at) == '"') {
        at = quoted(line, at, fields);
      } else {
        int comma = line.indexOf(',', at);
        int end = comma < 0 ? line.length() : comma;
        fields.add(line.substring(at, end).strip());
        at = end;
      }
      if (at == line.length()) {
        return;
      }
      at++;
    }
  }

  /** Adds the field that begins at the quote; returns where the comma after it is, or the end. */
  private static int quoted(String line, int start, List<String> fields) {
    StringBuilder field = new StringBuilder();
    int at = start + 1;
    while (true) {
      int quote = line.indexOf('"', at);
      if (quote < 0) {
        throw new IllegalArgumentException(
            "the quote at character " + (start + 1) + " is not closed on this line");
      }
      field.append(line, at, quote);
      boolean doubled = quote + 1 < line.length() && line.charAt(quote + 1) == '"';
      at = doubled ? quote + 2 : quote + 1;
      if (!doubled) {
        break;
      }
      field.append('"');
    }
    int end = firstNonBlank(line, at);
    if (end < line.length() && line.charAt(end) != ',') {
      throw new IllegalArgumentException(
          "text after the closing quote at character " + (end + 1) + ", expected a comma");
    }
    fields.add(field.toString());
    return end;
  }

  private static int firstNonBlank(String line, int from) {
    int at = from;
    while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
      at++;
    }
    return at;
  }
}
