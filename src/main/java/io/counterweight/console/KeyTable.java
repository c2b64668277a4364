package io.counterweight.console;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * Rows of the keys. Beyond a bound the key that was silent for longest is forgotten, and counted.
 * Not thread-safe.
 */
final class KeyTable {

  /** Orders of the list; ties by key. */
  enum Sort {
    EVENTS(row -> -row.events),
    SUSPECTS(row -> -row.suspects),
    DRIFTS(row -> -row.drifts),
    /** Least believed first; keys without labels last. */
    WEIGHT(row -> row.labelled == 0 ? Double.MAX_VALUE : row.meanWeight()),
    KEY(row -> 0);

    private final ToDoubleFunction<KeyRow> rank;

    Sort(ToDoubleFunction<KeyRow> rank) {
      this.rank = rank;
    }
  }

  /** A row with its place in an order, which does not change while the row does. */
  private record Ranked(KeyRow row, double rank) {}

  private static final Comparator<Ranked> ORDER =
      Comparator.comparingDouble(Ranked::rank).thenComparing(ranked -> ranked.row().key);

  private final int most;
  private final Consumer<KeyRow> onForgotten;
  private final LinkedHashMap<String, KeyRow> rows = new LinkedHashMap<>(1024, 0.75f, true);
  private long forgotten;
  private long textBytes;

  /**
   * An empty table.
   *
   * @param most rows
   * @param onForgotten told of each that was
   */
  KeyTable(int most, Consumer<KeyRow> onForgotten) {
    this.most = most;
    this.onForgotten = onForgotten;
  }

  /** The row of a key that is active now, new if there is none. */
  KeyRow active(String key) {
    KeyRow row = rows.get(key);
    if (row == null) {
      row = new KeyRow(key);
      rows.put(key, row);
      textBytes += 2L * key.length();
      if (rows.size() > most) {
        forgetEldest();
      }
    }
    return row;
  }

  private void forgetEldest() {
    KeyRow eldest = rows.values().iterator().next();
    rows.remove(eldest.key);
    textBytes -= 2L * eldest.key.length();
    forgotten++;
    onForgotten.accept(eldest);
  }

  /** Null if there is none. */
  KeyRow find(String key) {
    return rows.get(key);
  }

  int size() {
    return rows.size();
  }

  /** Rows that were given up for others; a key that came back counts again. */
  long forgotten() {
    return forgotten;
  }

  long bytes() {
    return (long) rows.size() * KeyRow.BYTES + textBytes;
  }

  /** What a search asks for; made under the state's lock, sorted outside of it. */
  static final class Selection {
    private final List<Ranked> matching = new ArrayList<>();
    private final int total;

    private Selection(int total) {
      this.total = total;
    }

    int total() {
      return total;
    }

    int matching() {
      return matching.size();
    }

    /** Rows of a page, in order. */
    List<KeyRow> page(int page, int size) {
      long from = Math.min((long) page * size, matching.size());
      long to = Math.min(from + size, matching.size());
      matching.sort(ORDER);
      return matching.subList((int) from, (int) to).stream().map(Ranked::row).toList();
    }
  }

  /** Rows whose key holds the text, in whatever case; of an empty text all. */
  Selection select(String search, Sort sort) {
    Selection selection = new Selection(rows.size());
    for (Map.Entry<String, KeyRow> entry : rows.entrySet()) {
      if (contains(entry.getKey(), search)) {
        KeyRow row = entry.getValue();
        selection.matching.add(new Ranked(row, sort.rank.applyAsDouble(row)));
      }
    }
    return selection;
  }

  private static boolean contains(String text, String part) {
    for (int i = 0; i <= text.length() - part.length(); i++) {
      if (text.regionMatches(true, i, part, 0, part.length())) {
        return true;
      }
    }
    return false;
  }
}
