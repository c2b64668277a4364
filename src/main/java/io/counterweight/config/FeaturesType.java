package io.counterweight.config;

import io.counterweight.model.BatmSpec;
import java.util.List;

/** Names of the features, in the order of the event; or only their number. */
final class FeaturesType implements OptionType<List<String>> {
  private static final int MOST = 10_000;
  private static final ListType<String> NAMES =
      new ListType<>(
          ScalarType.text("(?!\\d+$)\\S(.{0,98}\\S)?", "a name"),
          names -> !names.isEmpty() && names.size() <= MOST && ListType.isDistinct(names),
          "");

  @Override
  public List<String> parse(Node node) {
    if (node instanceof Node.Scalar scalar && scalar.text().matches("\\s*[-+]?\\d+\\s*")) {
      int count = Integer.parseInt(scalar.text().strip());
      if (count < 1 || count > MOST) {
        throw new IllegalArgumentException("'" + count + "' is out of range");
      }
      return BatmSpec.featureNames(count);
    }
    return NAMES.parse(node);
  }

  @Override
  public Object plain(List<String> names) {
    return names.equals(BatmSpec.featureNames(names.size()))
        ? String.valueOf(names.size())
        : List.copyOf(names);
  }

  @Override
  public String rule() {
    return "their number, 1 to "
        + MOST
        + ", or a list of as many different names of 1 to 100 characters that are not integers";
  }
}
