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

  /**
   * The stretch of a time, which may be earlier than others that came. A time that lies further
   * before the oldest stretch than a whole series is long belongs to the oldest.
   */
  T at(long millis) {
    long start = Math.floorDiv(millis, width) * width;
    int next = stretches.size();
    while (next > 0 && stretches.get(next - 1).start > start) {
      next--;
    }
    if (next > 0 && stretches.get(next - 1).start == start) {
      return stretches.get(next - 1).sums;
    }
    if (next == 0 && !stretches.isEmpty() && start < stretches.get(0).start - most * width) {
      return stretches.get(0).sums;
    }
    stretches.add(next, new Stretch<>(start, empty.get()));
    while (stretches.size() > most) {
      merge();
    }
    return at(millis);
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
