package io.counterweight.deploy;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can be said of a PromQL expression without evaluating it. */
final class PromQl {
  /** What stands in an expression as a word and is no metric. */
  private static final Set<String> WORDS =
      Set.of(
          "sum", "avg", "min", "max", "abs", "rate", "increase", "deriv", "absent", "time", "and");

  private static final Pattern SELECTION = Pattern.compile("\\{[^}]*}|\\[[^]]*]");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(by|without|on|ignoring) *\\([^)]*\\)");
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");

  private PromQl() {}

  /** Names of the metrics that an expression asks for. */
  static Set<String> metrics(String expression) {
    String bare = SELECTION.matcher(expression).replaceAll("");
    Set<String> names = new TreeSet<>();
    Matcher name = NAME.matcher(GROUPING.matcher(bare).replaceAll(""));
    while (name.find()) {
      names.add(name.group());
    }
    names.removeAll(WORDS);
    return names;
  }

  /** Whether every bracket is closed by one of its kind. */
  static boolean isBalanced(String expression) {
    String left = expression.replaceAll("\"[^\"]*\"", "").replaceAll("[^()\\[\\]{}]", "");
    String before;
    do {
      before = left;
      left = left.replace("()", "").replace("[]", "").replace("{}", "");
    } while (!left.equals(before));
    return left.isEmpty();
  }
}
