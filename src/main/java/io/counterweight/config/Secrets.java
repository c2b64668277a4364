package io.counterweight.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which values must never be shown, by how they look. It errs on the side of masking: a masked
 * value that was no secret costs a look into the file, a shown secret costs a new one.
 */
final class Secrets {
  static final String MASK = "(secret)";

  private static final Pattern KEY =
      Pattern.compile(
          "password|passwd|passphrase|secret|credential|token|jaas|private|api[._-]?key|access[._-]?key"
              + "|ssl\\.key|user\\.info|assertion|\\.auth$",
          Pattern.CASE_INSENSITIVE);

  /** {@code password=…} inside a value, or {@code scheme://user:password@host}. */
  private static final Pattern VALUE =
      Pattern.compile(
          "(password|secret|token)\\s*[=:]|://[^/@\\s]*:[^/@\\s]*@|-----BEGIN",
          Pattern.CASE_INSENSITIVE);

  /** The quoted or bare value of {@code password=…} inside a JAAS configuration and the like. */
  private static final Pattern INNER =
      Pattern.compile(
          "(?:password|secret|token)\\w*\\s*[=:]\\s*(?:\"([^\"]*)\"|'([^']*)'|([^\\s\"';]+))",
          Pattern.CASE_INSENSITIVE);

  private Secrets() {}

  static boolean looksLikeSecret(String key, String value) {
    return KEY.matcher(key).find() || VALUE.matcher(value).find();
  }

  /** A secret value itself, and the secrets inside of it, which messages may quote alone. */
  static List<String> partsOf(String value) {
    List<String> parts = new ArrayList<>(List.of(value));
    Matcher inner = INNER.matcher(value);
    while (inner.find()) {
      for (int group = 1; group <= inner.groupCount(); group++) {
        if (inner.group(group) != null) {
          parts.add(inner.group(group));
        }
      }
    }
    return parts;
  }
}
