package io.counterweight.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A piece of YAML. Scalars stay text, so that a file and the command line are parsed alike.
 *
 * <p>{@link #place} says where it stood, for messages.
 */
sealed interface Node {
  /** For example {@code job.yaml, line 12}. */
  String place();

  /**
   * The value as shown in messages: one line, shortened, secrets masked.
   *
   * @param key that it is the value of
   */
  default String display(String key) {
    String text = unabridged(key).replace('\n', ' ');
    return text.length() <= 120 ? text : text.substring(0, 117) + "...";
  }

  /** As {@link #display}, whatever its length. */
  String unabridged(String key);

  /**
   * One value.
   *
   * @param secret whether it came from the environment or from a file
   */
  record Scalar(String text, String place, boolean secret) implements Node {
    Scalar(String text, String place) {
      this(text, place, false);
    }

    @Override
    public String unabridged(String key) {
      return secret || Secrets.looksLikeSecret(key, text) ? Secrets.MASK : text;
    }

    @Override
    public String toString() {
      return unabridged("") + " (" + place + ")";
    }
  }

  /** A list. */
  record Sequence(List<Node> items, String place) implements Node {
    @Override
    public String unabridged(String key) {
      return items.stream()
          .map(item -> item.unabridged(key))
          .collect(Collectors.joining(", ", "[", "]"));
    }
  }

  /** Keys and values, in the order of the file. */
  record Mapping(Map<String, Node> entries, String place) implements Node {
    @Override
    public String unabridged(String key) {
      return entries.entrySet().stream()
          .map(
              entry ->
                  entry.getKey() + ": " + entry.getValue().unabridged(key + "." + entry.getKey()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
  }

  /** A key without a value, which leaves the option at its default. */
  record Empty(String place) implements Node {
    @Override
    public String unabridged(String key) {
      return "";
    }
  }

  /**
   * The node that stands for plain data, as {@link OptionType#plain} makes it.
   *
   * @param plain a string, a list or a map of such
   */
  static Node ofPlain(Object plain, String place) {
    if (plain instanceof List<?> list) {
      return new Sequence(list.stream().map(item -> ofPlain(item, place)).toList(), place);
    }
    if (plain instanceof Map<?, ?> map) {
      Map<String, Node> entries = new LinkedHashMap<>();
      map.forEach((key, value) -> entries.put(String.valueOf(key), ofPlain(value, place)));
      return new Mapping(entries, place);
    }
    return new Scalar(String.valueOf(plain), place);
  }
}
