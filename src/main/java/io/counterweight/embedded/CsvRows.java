package io.counterweight.embedded;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The usable rows of a file, in arrays: 4 bytes a feature, and up to 20 bytes a row besides. */
final class CsvRows {
  private static final int ROWS_PER_BLOCK = 1024;

  private final int features;
  private final boolean timed;
  private final List<float[]> blocks = new ArrayList<>();
  private final Map<String, Integer> keyIndex = new LinkedHashMap<>();
  private final List<String> keys = new ArrayList<>();
  private int[] lines = new int[ROWS_PER_BLOCK];
  private int[] labels = new int[ROWS_PER_BLOCK];
  private int[] rowKeys = new int[ROWS_PER_BLOCK];
  private long[] times;
  private int size;

  CsvRows(int features, boolean timed) {
    this.features = features;
    this.timed = timed;
    times = new long[timed ? ROWS_PER_BLOCK : 0];
  }

  /**
   * @param line number in the file, from 1
   * @param values {@code [features]}, copied
   * @param label as written in the file
   * @param key the row's model key
   * @param time milliseconds since the epoch; ignored without a time column
   */
  void add(int line, float[] values, int label, String key, long time) {
    if (size == lines.length) {
      lines = Arrays.copyOf(lines, 2 * size);
      labels = Arrays.copyOf(labels, 2 * size);
      rowKeys = Arrays.copyOf(rowKeys, 2 * size);
      times = Arrays.copyOf(times, timed ? 2 * size : 0);
    }
    if (size % ROWS_PER_BLOCK == 0) {
      blocks.add(new float[ROWS_PER_BLOCK * features]);
    }
    System.arraycopy(
        values, 0, blocks.get(size / ROWS_PER_BLOCK), size % ROWS_PER_BLOCK * features, features);
    lines[size] = line;
    labels[size] = label;
    rowKeys[size] =
        keyIndex.computeIfAbsent(
            key,
            k -> {
              keys.add(k);
              return keys.size() - 1;
            });
    if (timed) {
      times[size] = time;
    }
    size++;
  }

  int size() {
    return size;
  }

  int line(int row) {
    return lines[row];
  }

  int label(int row) {
    return labels[row];
  }

  String key(int row) {
    return keys.get(rowKeys[row]);
  }

  long time(int row) {
    return times[row];
  }

  /** A copy of the row's features. */
  float[] features(int row) {
    int from = row % ROWS_PER_BLOCK * features;
    return Arrays.copyOfRange(blocks.get(row / ROWS_PER_BLOCK), from, from + features);
  }

  /** The different labels, ascending. */
  int[] distinctLabels() {
    return Arrays.stream(labels, 0, size).distinct().sorted().toArray();
  }
}
