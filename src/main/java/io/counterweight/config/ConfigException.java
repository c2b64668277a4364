package io.counterweight.config;

/**
 * Something in the configuration is wrong. The message names the key, the value, the rule and,
 * where known, the place: {@code learner.mini-batch: is 'abc', expected an integer of 1 to 65536
 * (job.yaml, line 12)}. Values that look like secrets are masked.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String key;
  private final String problem;

  private ConfigException(String key, String problem, String place) {
    super(key + ": " + problem + (place == null ? "" : " (" + place + ")"));
    this.key = key;
    this.problem = problem;
  }

  /**
   * What a key, or a file as a whole, is.
   *
   * @param key the key, or the file's name
   * @param problem what is wrong with it, in words that follow a colon
   */
  public static ConfigException of(String key, String problem) {
    return new ConfigException(key, problem, null);
  }

  /** A value that breaks its rule; {@code rule} follows the word "expected". */
  static ConfigException invalid(String key, Object value, String rule) {
    return of(key, "is '" + value + "', expected " + rule);
  }

  /** The key that is wrong. */
  public String key() {
    return key;
  }

  /** The same with the place that the value came from. */
  ConfigException at(String place) {
    ConfigException placed = new ConfigException(key, problem, place);
    placed.setStackTrace(getStackTrace());
    return placed;
  }
}
