package io.counterweight.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values that came from the environment or from files and must not be shown.
 *
 * @param keys whose values hold such texts
 * @param texts that were put in
 */
public record SecretValues(Set<String> keys, Set<String> texts) {
  static final SecretValues NONE = new SecretValues(Set.of(), Set.of());

  /** Texts that are shorter would be found inside words that have nothing to do with them. */
  private static final int SHORT = 4;

  public SecretValues {
    keys = Set.copyOf(keys);
    texts = Set.copyOf(texts);
  }

  /** Whether the value of that key, or a part of it, must not be shown. */
  boolean holds(String key) {
    return keys.stream().anyMatch(secret -> (secret + ".").startsWith(key + "."));
  }

  /** A text with every secret that occurs in it masked. */
  String masked(String text) {
    return masked(text, texts);
  }

  /** A text with all of these masked, longer ones first; short ones only as whole words. */
  static String masked(String text, Collection<String> secrets) {
    List<String> longestFirst =
        secrets.stream()
            .filter(secret -> !secret.isBlank())
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
    String masked = text;
    for (String secret : longestFirst) {
      masked =
          secret.length() < SHORT
              ? Pattern.compile("(?<!\\w)" + Pattern.quote(secret) + "(?!\\w)")
                  .matcher(masked)
                  .replaceAll(Matcher.quoteReplacement(Secrets.MASK))
              : masked.replace(secret, Secrets.MASK);
    }
    return masked;
  }

  @Override
  public String toString() {
    return "SecretValues" + keys;
  }
}
