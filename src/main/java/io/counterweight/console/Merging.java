package io.counterweight.console;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * A series of equally long stretches of the clock's time. When there are too many, each two become
 * one and stretches are twice as long from then on. Stretches in which nothing happened are not
 * kept. Not thread-safe.
 *
 * @param <T> what is added up in a stretch
 */
final class Merging<T> {

  /**
   * A stretch.
   *
   * @param start in milliseconds, a multiple of the width
   */
  record Stretch<T>(long start, T sums) {}

  private final int most;
  private final Supplier<T> empty;
  private final BiConsumer<T, T> add;
  private List<Stretch<T>> stretches = new ArrayList<>();
  private long width;

  /**
   * An empty series.
   *
   * @param most stretches, at least 2
   * @param width of the first ones, in milliseconds
   * @param add adds the second to the first
   */
  Merging(int most, long width, Supplier<T> empty, BiConsumer<T, T> add) {
    this.most = most;
    this.width = width;
    this.empty = empty;
    this.add = add;
  }

  /** The stretch of a time; a time before the newest stretch belongs to that one. */
  T at(long millis) {
    long start = Math.floorDiv(millis, width) * width;
    if (!stretches.isEmpty() && stretches.get(stretches.size() - 1).start >= start) {
      return stretches.get(stretches.size() - 1).sums;
    }
    stretches.add(new Stretch<>(start, empty.get()));
    while (stretches.size() > most) {
      merge();
    }
    return stretches.get(stretches.size() - 1).sums;
  }

  private void merge() {
    width *= 2;
    List<Stretch<T>> merged = new ArrayList<>();
    for (Stretch<T> stretch : stretches) {
      long start = Math.floorDiv(stretch.start, width) * width;
      Stretch<T> last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      if (last != null && last.start == start) {
        add.accept(last.sums, stretch.sums);
      } else {
        merged.add(new Stretch<>(start, stretch.sums));
      }
    }
    stretches = merged;
  }

  /** Of a stretch, in milliseconds. */
  long width() {
    return width;
  }

  /** Oldest first. */
  List<Stretch<T>> stretches() {
    return stretches;
  }
}
