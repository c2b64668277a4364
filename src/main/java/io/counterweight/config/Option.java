package io.counterweight.config;

import java.util.Optional;

/**
 * One configuration key.
 *
 * @param key dots separate levels, as in {@code learner.optimizer.learning-rate}
 * @param type the values that it takes
 * @param standard default value; empty if {@code absence} applies
 * @param absence what holds where it is not given and has no default; empty if it must be given
 * @param description what it does, in one sentence, with its unit
 */
record Option<T>(
    String key,
    OptionType<T> type,
    Optional<T> standard,
    Optional<String> absence,
    String description) {

  static <T> Option<T> required(String key, OptionType<T> type, String description) {
    return new Option<>(key, type, Optional.empty(), Optional.empty(), description);
  }

  static <T> Option<T> of(String key, OptionType<T> type, T standard, String description) {
    return new Option<>(key, type, Optional.of(standard), Optional.empty(), description);
  }

  static <T> Option<T> optional(
      String key, OptionType<T> type, String absence, String description) {
    return new Option<>(key, type, Optional.empty(), Optional.of(absence), description);
  }

  boolean isRequired() {
    return standard.isEmpty() && absence.isEmpty();
  }

  /**
   * Reads a value.
   *
   * @throws ConfigException naming key, value and rule
   */
  T parse(Node node) {
    try {
      return type.parse(node);
    } catch (IllegalArgumentException e) {
      throw ConfigException.invalid(key, node.display(key), type.rule()).at(node.place());
    }
  }

  /**
   * For the constructors of the records: the value itself if it obeys the rule.
   *
   * @throws ConfigException otherwise
   */
  T check(T value) {
    try {
      type.parse(Node.ofPlain(type.plain(value), ""));
      return value;
    } catch (IllegalArgumentException e) {
      throw violation(value, type.rule());
    }
  }

  /** A value that is fine by itself, but not beside another one. */
  ConfigException violation(T value, String rule) {
    return ConfigException.invalid(key, Node.ofPlain(type.plain(value), "").display(key), rule);
  }
}
