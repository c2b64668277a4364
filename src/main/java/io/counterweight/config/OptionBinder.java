package io.counterweight.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the option that each key of a document means. Levels may be nested or written with dots.
 */
final class OptionBinder {
  private final Map<String, Option<?>> options = new LinkedHashMap<>();
  private final Map<Option<?>, Node> bound = new LinkedHashMap<>();

  OptionBinder(List<Option<?>> known) {
    known.forEach(option -> options.put(option.key(), option));
  }

  /** What has been bound so far; later documents and overrides win. */
  Map<Option<?>, Node> bound() {
    return bound;
  }

  /**
   * Binds every key of a document.
   *
   * @throws ConfigException for an unknown key, or one given twice in different spellings
   */
  void bind(Node document) {
    if (document instanceof Node.Empty) {
      return;
    }
    if (!(document instanceof Node.Mapping root)) {
      throw ConfigException.of(document.place(), "is not a mapping of keys to values");
    }
    Map<Option<?>, Node> found = new LinkedHashMap<>();
    visit("", root, found);
    bound.putAll(found);
  }

  /** Binds one key, whatever was bound to it before. */
  void override(String key, Node value) {
    Map<Option<?>, Node> found = new LinkedHashMap<>();
    bindOne(key, value, found);
    found.forEach(
        (option, node) ->
            bound.merge(
                option, node, (old, now) -> option.key().equals(key) ? now : union(old, now)));
  }

  private void visit(String prefix, Node.Mapping mapping, Map<Option<?>, Node> found) {
    mapping.entries().forEach((name, value) -> bindOne(prefix + name, value, found));
  }

  private void bindOne(String path, Node value, Map<Option<?>, Node> found) {
    Optional<Option<?>> above = openOptionAbove(path);
    if (options.containsKey(path)) {
      put(options.get(path), value, found);
    } else if (above.isPresent()) {
      String name = path.substring(above.get().key().length() + 1);
      put(above.get(), new Node.Mapping(Map.of(name, value), value.place()), found);
    } else if (!isSection(path)) {
      throw unknown(path).at(value.place());
    } else if (value instanceof Node.Mapping section) {
      visit(path + ".", section, found);
    } else if (!(value instanceof Node.Empty)) {
      String rule = "a mapping with keys such as " + keysBelow(path).get(0);
      throw ConfigException.invalid(path, value.display(path), rule).at(value.place());
    }
  }

  private static void put(Option<?> option, Node value, Map<Option<?>, Node> found) {
    Node before = found.get(option);
    if (before != null && !option.type().isOpen()) {
      throw ConfigException.of(option.key(), "is given twice").at(value.place());
    }
    found.put(option, before == null ? value : union(before, value));
  }

  private static Node union(Node old, Node now) {
    if (!(old instanceof Node.Mapping before) || !(now instanceof Node.Mapping after)) {
      return now;
    }
    Map<String, Node> entries = new LinkedHashMap<>(before.entries());
    entries.putAll(after.entries());
    return new Node.Mapping(entries, after.place());
  }

  private Optional<Option<?>> openOptionAbove(String path) {
    return options.values().stream()
        .filter(option -> option.type().isOpen() && path.startsWith(option.key() + "."))
        .findFirst();
  }

  private boolean isSection(String path) {
    return !keysBelow(path).isEmpty();
  }

  private List<String> keysBelow(String path) {
    return options.keySet().stream().filter(key -> key.startsWith(path + ".")).toList();
  }

  private ConfigException unknown(String path) {
    String advice =
        NearestKey.of(path, options.keySet())
            .map(key -> "did you mean " + key + "?")
            .orElse("see docs/configuration.md");
    return ConfigException.of(path, "is not a known key, " + advice);
  }
}
