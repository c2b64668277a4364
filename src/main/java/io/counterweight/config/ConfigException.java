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
  private final String rule;

  /**
   * An exception.
   *
   * @param rule that the value breaks; null if {@code problem} is not about a value
   * @param place null where it is not known
   */
  private ConfigException(String key, String problem, String rule, String place) {
    super(key + ": " + problem + (place == null ? "" : " (" + place + ")"));
    this.key = key;
    this.problem = problem;
    this.rule = rule;
  }

  /**
   * What a key, or a file as a whole, is.
   *
   * @param key the key, or the file's name
   * @param problem what is wrong with it, in words that follow a colon
   */
  public static ConfigException of(String key, String problem) {
    return new ConfigException(key, problem, null, null);
  }

  /** A value that breaks its rule; {@code rule} follows the word "expected". */
  static ConfigException invalid(String key, Object value, String rule) {
    return new ConfigException(key, problem(value, rule), rule, null);
  }

  /** The key that is wrong. */
  public String key() {
    return key;
  }

  private static String problem(Object value, String rule) {
    return "is '" + value + "', expected " + rule;
  }

  /** The same with the place that the value came from. */
  ConfigException at(String place) {
    return copy(problem, place);
  }

  /**
   * The same without what came from the environment or from files; to be called before {@code at}.
   */
  ConfigException without(SecretValues secrets) {
    boolean hidden = rule != null && secrets.holds(key);
    return copy(secrets.masked(hidden ? problem(Secrets.MASK, rule) : problem), null);
  }

  private ConfigException copy(String problem, String place) {
    ConfigException copy = new ConfigException(key, problem, rule, place);
    copy.setStackTrace(getStackTrace());
    return copy;
  }
}
