package io.counterweight.console;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which keys have the memory of a detail: those that were looked at, the latest ones first, then
 * the busiest. Not thread-safe.
 */
final class Details {
  private static final Comparator<KeyRow> VALUE =
      Comparator.<KeyRow>comparingLong(row -> row.detail.lookedAt)
          .thenComparingLong(row -> row.events);

  private final int most;
  private final JobNames names;
  private final List<KeyRow> rows = new ArrayList<>();

  Details(int most, JobNames names) {
    this.most = most;
    this.names = names;
  }

  /** Whether a key that has no detail, and had an event just now, was given one. */
  boolean considered(KeyRow row) {
    if (rows.size() >= most) {
      // Asked rarely, because who is to go is looked for among all.
      if (Long.bitCount(row.events) != 1) {
        return false;
      }
      KeyRow least = least();
      if (least.detail.lookedAt > 0 || least.events >= row.events / 2) {
        return false;
      }
      remove(least);
    }
    add(row);
    return true;
  }

  /** Gives a key that is looked at a detail; whether it is a new one. */
  boolean lookedAt(KeyRow row, long millis) {
    boolean fresh = row.detail == null;
    if (fresh) {
      if (rows.size() >= most) {
        remove(least());
      }
      add(row);
    }
    row.detail.lookedAt = millis;
    return fresh;
  }

  private KeyRow least() {
    return rows.stream().min(VALUE).orElseThrow();
  }

  private void add(KeyRow row) {
    row.detail = new KeyDetail(names);
    rows.add(row);
  }

  /** Takes a key's detail away, if it has one. */
  void remove(KeyRow row) {
    if (row.detail != null) {
      rows.remove(row);
      row.detail = null;
    }
  }

  int size() {
    return rows.size();
  }

  long bytes() {
    return rows.stream().mapToLong(row -> row.detail.bytes()).sum();
  }
}
