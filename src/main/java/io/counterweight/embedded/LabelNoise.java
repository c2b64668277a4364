package io.counterweight.embedded;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How observed labels are made wrong, written as text:
 *
 * <ul>
 *   <li>{@code none}: the true labels are observed
 *   <li>{@code sym:0.2}: any label becomes another class, drawn uniformly, with probability 0.2
 *   <li>{@code miss:0.4,false:0.01}: a label other than 0 becomes 0 with probability 0.4; a label 0
 *       becomes another class with probability 0.01 ({@code false} is 0 if left out)
 *   <li>{@code instance:0.3,false:0.05}: the error depends on the event. A region of feature space
 *       that holds about 0.3 of the events with a label other than 0 is never reported (always 0);
 *       in a region that holds about 0.05 of the events with label 0, half become another class
 *       ({@code false} is 0.05 if left out). {@link LabelCorruption} says what the regions are.
 * </ul>
 *
 * @param kind how labels go wrong
 * @param rate probability or share of the kind, in [0, 1]; 0 for {@code NONE}
 * @param falseRate probability or share among events with label 0, in [0, 1]; 0 for {@code NONE}
 *     and {@code SYMMETRIC}
 */
public record LabelNoise(Kind kind, double rate, double falseRate) {

  /** How labels go wrong. */
  public enum Kind {
    NONE("none"),
    SYMMETRIC("sym"),
    MISSED("miss"),
    INSTANCE("instance");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  private static final Set<String> NAMES = Set.of("sym", "miss", "instance", "false");

  /** The true labels are observed. */
  public static final LabelNoise NONE = new LabelNoise(Kind.NONE, 0, 0);

  private static final double DEFAULT_CHARGED_BACK_SHARE = 0.05;
  private static final String RULE =
      "expected none, sym:RATE, miss:RATE[,false:RATE] or instance:SHARE[,false:SHARE] with numbers"
          + " in [0, 1], for example miss:0.4,false:0.01";

  public LabelNoise {
    requireProbability("rate", rate);
    requireProbability("false", falseRate);
    if (kind == Kind.NONE && rate != 0 || falseRate != 0 && !hasFalseRate(kind)) {
      throw new IllegalArgumentException(
          "Label noise " + kind.text + " has no such rate: " + rate + ", false " + falseRate);
    }
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException naming the text and the rule
   */
  public static LabelNoise parse(String text) {
    if (text == null) {
      throw new IllegalArgumentException("Label noise is missing: " + RULE);
    }
    Map<String, Double> rates = new LinkedHashMap<>();
    String[] parts = text.strip().split(",", -1);
    if (parts.length == 1 && parts[0].equals("none")) {
      return NONE;
    }
    for (String part : parts) {
      int colon = part.indexOf(':');
      String name = (colon < 0 ? part : part.substring(0, colon)).strip();
      if (colon < 0) {
        throw malformed(text, "'" + name + "' has no number");
      }
      if (!NAMES.contains(name)) {
        throw malformed(text, "'" + name + "' is no kind of noise");
      }
      if (rates.put(name, number(text, name, part.substring(colon + 1).strip())) != null) {
        throw malformed(text, "'" + name + "' is given twice");
      }
    }
    String first = rates.keySet().iterator().next();
    Kind kind =
        switch (first) {
          case "sym" -> Kind.SYMMETRIC;
          case "miss" -> Kind.MISSED;
          case "instance" -> Kind.INSTANCE;
          default -> throw malformed(text, "'" + first + "' is no kind of noise");
        };
    Set<String> known = hasFalseRate(kind) ? Set.of(first, "false") : Set.of(first);
    for (String name : rates.keySet()) {
      if (!known.contains(name)) {
        throw malformed(text, "'" + name + "' does not belong to " + first);
      }
    }
    double otherwise = kind == Kind.INSTANCE ? DEFAULT_CHARGED_BACK_SHARE : 0;
    return new LabelNoise(kind, rates.get(first), rates.getOrDefault("false", otherwise));
  }

  /** The text form; {@link #parse} gives an equal value back. */
  @Override
  public String toString() {
    return switch (kind) {
      case NONE -> "none";
      case SYMMETRIC -> String.format(Locale.ROOT, "sym:%s", rate);
      case MISSED, INSTANCE ->
          String.format(Locale.ROOT, "%s:%s,false:%s", kind.text, rate, falseRate);
    };
  }

  private static boolean hasFalseRate(Kind kind) {
    return kind == Kind.MISSED || kind == Kind.INSTANCE;
  }

  private static double number(String text, String name, String value) {
    double number;
    try {
      number = Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw malformed(text, "'" + value + "' of " + name + " is not a number");
    }
    if (!(number >= 0 && number <= 1)) {
      throw malformed(text, name + " is " + value + ", outside [0, 1]");
    }
    return number;
  }

  private static IllegalArgumentException malformed(String text, String reason) {
    return new IllegalArgumentException("Label noise '" + text + "': " + reason + "; " + RULE);
  }

  private static void requireProbability(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(
          "Label noise: " + name + " is " + value + ", expected a number in [0, 1]");
    }
  }
}
