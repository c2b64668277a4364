package io.counterweight.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From concept names to the features that each groups, by name or index; resolved later. */
final class ConceptsType implements OptionType<Map<String, List<String>>> {
  private static final ListType<String> REFERENCES =
      new ListType<>(
          ScalarType.text("\\S(.*\\S)?", "a feature"),
          features -> !features.isEmpty() && ListType.isDistinct(features),
          "");

  @Override
  public Map<String, List<String>> parse(Node node) {
    if (!(node instanceof Node.Mapping mapping)) {
      throw new IllegalArgumentException("not a mapping");
    }
    Map<String, List<String>> concepts = new LinkedHashMap<>();
    mapping
        .entries()
        .forEach(
            (name, features) -> {
              if (!name.matches("\\S(.{0,98}\\S)?")) {
                throw new IllegalArgumentException("'" + name + "' is not a name");
              }
              concepts.put(name, REFERENCES.parse(features));
            });
    return Collections.unmodifiableMap(concepts);
  }

  @Override
  public Object plain(Map<String, List<String>> concepts) {
    return concepts;
  }

  @Override
  public String rule() {
    return "a mapping from names of 1 to 100 characters to lists of different features, each a name"
        + " from model.features or an index from 0";
  }

  @Override
  public boolean isOpen() {
    return true;
  }
}
