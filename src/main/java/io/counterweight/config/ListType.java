package io.counterweight.config;

import java.util.HashSet;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A list; on the command line also {@code a,b,c}.
 *
 * @param item what each entry must be
 * @param test what the list must be beyond that
 */
record ListType<T>(OptionType<T> item, Predicate<List<T>> test, String rule)
    implements OptionType<List<T>> {

  @Override
  public List<T> parse(Node node) {
    List<T> values = items(node).stream().map(item::parse).toList();
    if (!test.test(values)) {
      throw new IllegalArgumentException("the list breaks the rule");
    }
    return values;
  }

  @Override
  public Object plain(List<T> values) {
    return values.stream().map(item::plain).toList();
  }

  static <T> boolean isDistinct(List<T> values) {
    return new HashSet<>(values).size() == values.size();
  }

  /** The entries of a list, or the parts of a text between commas. */
  static List<Node> items(Node node) {
    if (node instanceof Node.Sequence sequence) {
      return sequence.items();
    }
    if (node instanceof Node.Scalar scalar) {
      return Stream.of(scalar.text().split(",", -1))
          .<Node>map(part -> new Node.Scalar(part.strip(), scalar.place(), scalar.secret()))
          .toList();
    }
    throw new IllegalArgumentException("not a list");
  }
}
