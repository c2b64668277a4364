package io.counterweight.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Numbers as the report's JSON holds them. */
final class Numbers {
  private static final int DIGITS = 6;

  private Numbers() {}

  /** Six digits, which no picture shows more of; null where it is not a finite number. */
  static Double rounded(double value) {
    if (!Double.isFinite(value)) {
      return null;
    }
    if (value == 0) {
      return 0.0;
    }
    int places = DIGITS - 1 - (int) Math.floor(Math.log10(Math.abs(value)));
    if (places > 300) {
      return 0.0;
    }
    double scale = Math.pow(10, Math.abs(places));
    return places > 0 ? Math.rint(value * scale) / scale : Math.rint(value / scale) * scale;
  }

  static List<Double> rounded(double[] values) {
    List<Double> list = new ArrayList<>(values.length);
    for (double value : values) {
      list.add(rounded(value));
    }
    return list;
  }

  static List<Long> list(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  static List<List<Long>> lists(long[][] values) {
    return Arrays.stream(values).map(Numbers::list).toList();
  }
}
