package io.counterweight.evaluation;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in columns: the first to the left, the others to the right. */
final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();

  void row(List<String> cells) {
    rows.add(List.copyOf(cells));
  }

  @Override
  public String toString() {
    int[] widths = new int[rows.stream().mapToInt(List::size).max().orElse(0)];
    for (List<String> row : rows) {
      for (int c = 0; c < row.size(); c++) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < row.size(); c++) {
        String space = " ".repeat(widths[c] - row.get(c).length());
        line.append("  ").append(c == 0 ? row.get(c) + space : space + row.get(c));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
