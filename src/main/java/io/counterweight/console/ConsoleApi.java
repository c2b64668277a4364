package io.counterweight.console;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The API: what the page asks, as JSON. Reads only. */
final class ConsoleApi {
  private static final int LONGEST_SEARCH = 256;
  private static final int MOST_AT_ONCE = 500;
  private static final int STANDARD_SIZE = 50;

  /** Sections of a key's model, or null where it has none or they cannot be had now. */
  interface Models {
    List<Map<String, Object>> sections(String key, ModelPlace place);
  }

  /** A question that cannot be answered. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  private final ConsoleState state;
  private final Models models;

  ConsoleApi(ConsoleState state, Models models) {
    this.state = state;
    this.models = models;
  }

  /**
   * Answers a question.
   *
   * @param name behind {@code /api/}
   * @param parameter name to value, null where it is not given
   */
  Answer answer(String name, Function<String, String> parameter) {
    try {
      return switch (name) {
        case "overview" -> Answer.json(state.overview());
        case "keys" ->
            Answer.json(
                state.keys(
                    search(parameter),
                    sort(parameter.apply("sort")),
                    number(parameter, "page", 0, 0, Integer.MAX_VALUE),
                    number(parameter, "size", STANDARD_SIZE, 1, MOST_AT_ONCE)));
        case "key" -> key(parameter.apply("key"));
        case "events" ->
            Answer.json(
                state.events(
                    orNull(parameter.apply("key")),
                    after(parameter.apply("after")),
                    number(parameter, "limit", STANDARD_SIZE, 1, MOST_AT_ONCE)));
        case "drift" -> Answer.json(state.drift());
        default ->
            Answer.refusal(
                404, "There is no such question; there are overview, keys, key, events and drift");
      };
    } catch (Refused e) {
      return Answer.refusal(400, e.getMessage());
    }
  }

  private Answer key(String key) {
    if (orNull(key) == null) {
      throw new Refused("Which key? Ask /api/key?key=KEY");
    }
    ConsoleState.KeyPage page = state.key(key);
    if (page == null) {
      return Answer.refusal(
          404, "The key is not known: no record of it has come since the console began");
    }
    page.report().put("models", page.model() == null ? null : models.sections(key, page.model()));
    return Answer.json(page.report());
  }

  private static String orNull(String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  private static String search(Function<String, String> parameter) {
    String search = parameter.apply("search");
    if (search != null && search.length() > LONGEST_SEARCH) {
      throw new Refused(
          "search has " + search.length() + " characters, expected at most " + LONGEST_SEARCH);
    }
    return search == null ? "" : search;
  }

  private static KeyTable.Sort sort(String text) {
    if (orNull(text) == null) {
      return KeyTable.Sort.EVENTS;
    }
    for (KeyTable.Sort sort : KeyTable.Sort.values()) {
      if (sort.name().toLowerCase(Locale.ROOT).equals(text)) {
        return sort;
      }
    }
    throw new Refused(
        "sort is none of "
            + Arrays.stream(KeyTable.Sort.values())
                .map(sort -> sort.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ")));
  }

  private static int number(
      Function<String, String> parameter, String name, int standard, int least, int most) {
    String text = orNull(parameter.apply(name));
    if (text == null) {
      return standard;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, as a number out of range is.
    }
    throw new Refused(name + " is not a number of " + least + " to " + most);
  }

  private static long after(String text) {
    if (orNull(text) == null) {
      return 0;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new Refused("after is not a number");
    }
  }
}
