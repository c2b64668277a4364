package io.counterweight.config;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/** Decimal numbers of float32, such as {@code .002} or {@code 1e-8}. */
final class NumberText {
  private static final Pattern TEXT =
      Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,3})?");

  private NumberText() {}

  /**
   * Reads a number. There is no negative zero, which would be unequal to zero in a record.
   *
   * @throws IllegalArgumentException if it is none, or too large for float32
   */
  static float parse(String text) {
    String stripped = text.strip();
    if (!TEXT.matcher(stripped).matches() || Float.isInfinite(Float.parseFloat(stripped))) {
      throw new IllegalArgumentException("'" + text + "' is not a number");
    }
    return Float.parseFloat(stripped) + 0f;
  }

  /** The shortest text that reads back as the same float32; no exponent where it would not help. */
  static String format(float value) {
    BigDecimal exact = new BigDecimal(Float.toString(value)).stripTrailingZeros();
    int magnitude = exact.precision() - exact.scale();
    if (exact.signum() == 0) {
      return "0";
    }
    return magnitude >= -4 && magnitude <= 9
        ? exact.toPlainString()
        : exact.unscaledValue() + "e" + -exact.scale();
  }
}
