package io.counterweight.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Which values must never be shown. It errs on the side of masking: a masked value that was no
 * secret costs a look into the file, a shown secret costs a new one.
 */
final class Secrets {
  static final String MASK = "********";

  private static final Pattern KEY =
      Pattern.compile(
          "password|passwd|passphrase|secret|credential|token|jaas|private|api[._-]?key|access[._-]?key"
              + "|keystore\\.key|user\\.info|assertion|\\.auth$",
          Pattern.CASE_INSENSITIVE);

  /** {@code password=…} inside a value, or {@code scheme://user:password@host}. */
  private static final Pattern VALUE =
      Pattern.compile(
          "(password|secret|token)\\s*[=:]|://[^/@\\s]*:[^/@\\s]*@|-----BEGIN",
          Pattern.CASE_INSENSITIVE);

  private Secrets() {}

  static boolean looksLikeSecret(String key, String value) {
    return KEY.matcher(key).find() || VALUE.matcher(value).find();
  }

  /** The same properties with secrets replaced by {@link #MASK}. */
  static Map<String, String> masked(Map<String, String> properties) {
    Map<String, String> masked = new LinkedHashMap<>();
    properties.forEach((key, value) -> masked.put(key, looksLikeSecret(key, value) ? MASK : value));
    return masked;
  }
}
