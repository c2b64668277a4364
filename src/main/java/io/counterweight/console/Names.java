package io.counterweight.console;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names in the order in which they came, each with its number. Bounded. */
final class Names {
  private final int most;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<String> names = new ArrayList<>();

  Names(int most, List<String> first) {
    this.most = most;
    first.forEach(this::number);
  }

  /** From 0; -1 for a new name when there are too many. */
  int number(String name) {
    Integer number = numbers.get(name);
    if (number == null && names.size() < most) {
      number = names.size();
      numbers.put(name, number);
      names.add(name);
    }
    return number == null ? -1 : number;
  }

  int size() {
    return names.size();
  }

  /** In order of their numbers. */
  List<String> all() {
    return List.copyOf(names);
  }
}
