package io.counterweight.config;

import io.counterweight.learner.LaneSettings.Balance;
import io.counterweight.learner.LaneSettings.Policy;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.meta.WeightInputs;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A lane as it is written: {@code [NAME=]KIND[:KEY=VALUE]...}, for example {@code uniform} or
 * {@code plain=uniform:anchor=0:balance=none}. What is not written is the kind's own, then the
 * learner's.
 *
 * @param name unique
 * @param kind what it starts from
 * @param settings as written
 */
record LaneText(String name, Kind kind, Map<String, String> settings) {
  private static final String NAME = "[a-z][a-z0-9-]{0,31}";

  static final String RULE =
      "[NAME=]KIND[:KEY=VALUE]... with a kind of "
          + Arrays.stream(Kind.values()).map(ScalarType::word).collect(Collectors.joining(", "))
          + " and keys of "
          + String.join(", ", Key.words());

  /** What a lane starts from; in lower case it is also its name. */
  enum Kind {
    UNIFORM(Policy.UNIFORM),
    POSTERIOR(Policy.POSTERIOR),
    BY_CONCEPT(Policy.POSTERIOR),
    BILEVEL(Policy.BILEVEL),
    ALIGNMENT(Policy.ALIGNMENT),
    SWIFT(Policy.UNIFORM),
    TRUSTED(Policy.TRUSTED),
    UNDERSAMPLED(Policy.UNDERSAMPLED),
    MUBO(Policy.MUBO),
    ORACLE(Policy.ORACLE);

    final Policy policy;

    Kind(Policy policy) {
      this.policy = policy;
    }
  }

  /** What may be written of a lane. */
  enum Key {
    ANCHOR(text -> atLeastZero(text)),
    BALANCE(text -> ScalarType.choice(Balance.class).read().apply(text)),
    TARGET(text -> oneOf(text, "weight", "soft")),
    ERRORS(text -> oneOf(text, "constant", "concepts")),
    INPUTS(WeightInputs::parse),
    MOMENTUM(text -> positive(text, 1)),
    AVERAGING(text -> average(text)),
    LEARNING_RATE(text -> positive(text, 1)),
    SHARE(text -> positive(text, 1000)),
    START(text -> ScalarType.integer(0, 1_000_000).read().apply(text));

    private final Function<String, Object> read;

    Key(Function<String, Object> read) {
      this.read = read;
    }

    static List<String> words() {
      return Arrays.stream(values()).map(ScalarType::word).toList();
    }

    private static Float atLeastZero(String text) {
      return ScalarType.number("of at least 0", v -> v >= 0).read().apply(text);
    }

    private static Float positive(String text, float most) {
      return ScalarType.number("above 0, at most " + most, v -> v > 0 && v <= most)
          .read()
          .apply(text);
    }

    private static Float average(String text) {
      return ScalarType.number("of 0 to 0.9999", v -> v >= 0 && v <= 0.9999f).read().apply(text);
    }

    private static Boolean oneOf(String text, String no, String yes) {
      if (!text.equals(no) && !text.equals(yes)) {
        throw new IllegalArgumentException("'" + text + "' is neither " + no + " nor " + yes);
      }
      return text.equals(yes);
    }
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  static LaneText parse(String text) {
    String[] parts = text.strip().split(":", -1);
    int equals = parts[0].indexOf('=');
    Kind kind = ScalarType.choice(Kind.class).read().apply(parts[0].substring(equals + 1));
    String name = equals < 0 ? ScalarType.word(kind) : parts[0].substring(0, equals);
    if (!name.matches(NAME) || name.equals(LearnerSettings.MIXTURE)) {
      throw new IllegalArgumentException(
          "'" + name + "' is no name of a lane: 1 to 32 lower-case letters, digits and hyphens");
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (String part : Arrays.asList(parts).subList(1, parts.length)) {
      int at = part.indexOf('=');
      String key = part.substring(0, Math.max(at, 0));
      if (!Key.words().contains(key) || settings.containsKey(key)) {
        throw new IllegalArgumentException("'" + part + "' is no KEY=VALUE of a lane");
      }
      settings.put(key, part.substring(at + 1));
      ScalarType.choice(Key.class).read().apply(key).read.apply(part.substring(at + 1));
    }
    return new LaneText(name, kind, settings);
  }

  /** What is written of a key. */
  @SuppressWarnings("unchecked")
  <T> Optional<T> find(Key key) {
    return Optional.ofNullable((T) written(key));
  }

  private Object written(Key key) {
    String text = settings.get(ScalarType.word(key));
    return text == null ? null : key.read.apply(text);
  }

  @Override
  public String toString() {
    String kindWord = ScalarType.word(kind);
    StringBuilder text = new StringBuilder(name.equals(kindWord) ? "" : name + "=");
    text.append(kindWord);
    settings.forEach((key, value) -> text.append(':').append(key).append('=').append(value));
    return text.toString();
  }
}
