package io.counterweight.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A Markdown table that reads well as text too: the first column to the left, others right. */
public final class MarkdownTable {
  private final List<List<String>> rows = new ArrayList<>();

  /** A table with these headings. */
  public MarkdownTable(String... headings) {
    rows.add(List.of(headings));
  }

  /** Adds a row of as many cells as there are headings. */
  public void row(String... cells) {
    if (cells.length != rows.get(0).size()) {
      throw new IllegalArgumentException(
          "A row of " + cells.length + " cells below " + rows.get(0).size() + " headings");
    }
    rows.add(List.of(cells));
  }

  /** A number with so many significant digits, and thousands apart: {@code 73,000}, {@code 6.5}. */
  public static String number(double value, int digits) {
    if (!Double.isFinite(value)) {
      return "-";
    }
    if (value == 0) {
      return "0";
    }
    double rounded = new BigDecimal(value).round(new MathContext(digits)).doubleValue();
    int magnitude = (int) Math.floor(Math.log10(Math.abs(rounded)));
    int decimals = Math.max(0, digits - 1 - magnitude);
    return String.format(Locale.ROOT, "%,." + decimals + "f", rounded);
  }

  /** A share as whole per cents. */
  public static String percent(double share) {
    return Double.isFinite(share) ? String.format(Locale.ROOT, "%.0f %%", 100 * share) : "-";
  }

  @Override
  public String toString() {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int c = 0; c < columns; c++) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < rows.size(); r++) {
      text.append('|');
      for (int c = 0; c < columns; c++) {
        String cell = rows.get(r).get(c);
        String space = " ".repeat(widths[c] - cell.length());
        text.append(' ').append(c == 0 ? cell + space : space + cell).append(" |");
      }
      text.append('\n');
      if (r == 0) {
        text.append('|');
        for (int c = 0; c < columns; c++) {
          text.append(c == 0 ? "-".repeat(widths[c] + 2) : "-".repeat(widths[c] + 1) + ":");
          text.append('|');
        }
        text.append('\n');
      }
    }
    return text.toString();
  }
}
