package io.counterweight.config;

/**
 * What values an option takes: how they are read, written and described.
 *
 * @param <T> immutable, with a meaningful {@code equals}
 */
interface OptionType<T> {
  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException if the value breaks the rule; the caller words the message
   * @throws ConfigException if a key inside the value is to blame
   */
  T parse(Node node);

  /** The value as YAML data, which {@link #parse} reads back: strings, lists and maps of such. */
  Object plain(T value);

  /** Completes the sentence "expected …": kind of value, range and unit. */
  String rule();

  /** Whether keys below the option's own belong to its value. */
  default boolean isOpen() {
    return false;
  }
}
