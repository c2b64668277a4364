package io.counterweight.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A type whose values are single words or numbers.
 *
 * @param read throws {@link IllegalArgumentException} if the rule is broken
 * @param write inverse of {@code read}
 */
record ScalarType<T>(Function<String, T> read, Function<T, String> write, String rule)
    implements OptionType<T> {

  @Override
  public T parse(Node node) {
    if (node instanceof Node.Scalar scalar) {
      return read.apply(scalar.text());
    }
    throw new IllegalArgumentException("not a single value");
  }

  @Override
  public Object plain(T value) {
    return write.apply(value);
  }

  static ScalarType<String> text(String pattern, String rule) {
    Pattern compiled = Pattern.compile(pattern);
    return new ScalarType<>(
        text -> checked(text, value -> compiled.matcher(value).matches()),
        Function.identity(),
        rule);
  }

  static ScalarType<Integer> integer(int least, int most) {
    return new ScalarType<>(
        text -> checked(Integer.valueOf(text.strip()), value -> value >= least && value <= most),
        String::valueOf,
        most == Integer.MAX_VALUE
            ? "an integer of at least " + least
            : "an integer of " + least + " to " + most);
  }

  static ScalarType<Long> anyLong() {
    return new ScalarType<>(
        text -> Long.valueOf(text.strip()), String::valueOf, "an integer of 64 bits");
  }

  /**
   * A float32 number.
   *
   * @param range in words, what {@code test} tests
   */
  static ScalarType<Float> number(String range, Predicate<Float> test) {
    return new ScalarType<>(
        text -> checked(NumberText.parse(text), test), NumberText::format, "a number " + range);
  }

  /** Constants of an enum, written in lower case with hyphens. */
  static <E extends Enum<E>> ScalarType<E> choice(Class<E> kind) {
    List<String> words =
        Arrays.stream(kind.getEnumConstants()).map(ScalarType::word).collect(Collectors.toList());
    return new ScalarType<>(
        text ->
            Enum.valueOf(
                kind,
                checked(text.strip(), words::contains).toUpperCase(Locale.ROOT).replace('-', '_')),
        ScalarType::word,
        enumeration(words));
  }

  static ScalarType<Boolean> flag() {
    return new ScalarType<>(
        text -> Boolean.valueOf(checked(text.strip(), t -> t.equals("true") || t.equals("false"))),
        String::valueOf,
        "true or false");
  }

  static ScalarType<Duration> duration(Duration least, Duration most) {
    return new ScalarType<>(
        text ->
            checked(
                DurationText.parse(text),
                value -> value.compareTo(least) >= 0 && value.compareTo(most) <= 0),
        DurationText::format,
        "a duration of "
            + DurationText.format(least)
            + " to "
            + DurationText.format(most)
            + " (units ms, s, min, h, d; ms if none is given)");
  }

  static ScalarType<Long> size(long least, long most) {
    return new ScalarType<>(
        text -> checked(ByteSizeText.parse(text), value -> value >= least && value <= most),
        ByteSizeText::format,
        "a size of "
            + ByteSizeText.format(least)
            + " to "
            + ByteSizeText.format(most)
            + " (units B, KiB, MiB, GiB, TiB; B if none is given)");
  }

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String enumeration(List<String> words) {
    int last = words.size() - 1;
    return last == 0
        ? words.get(0)
        : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
  }

  private static <V> V checked(V value, Predicate<V> test) {
    if (!test.test(value)) {
      throw new IllegalArgumentException("'" + value + "' breaks the rule");
    }
    return value;
  }
}
