package io.counterweight.console;

/** Events of the last seconds, by when their records were written. Not thread-safe. */
final class Recent {
  private static final int SECONDS = 10;
  private static final int SLOTS = 16;

  private final long[] counts = new long[SLOTS];
  private final long[] seconds = new long[SLOTS];
  private long newest = Long.MIN_VALUE;

  void add(long millis) {
    long second = Math.floorDiv(millis, 1000L);
    int slot = Math.floorMod(second, SLOTS);
    if (seconds[slot] > second) {
      return;
    }
    if (seconds[slot] != second) {
      seconds[slot] = second;
      counts[slot] = 0;
    }
    counts[slot]++;
    newest = Math.max(newest, second);
  }

  /**
   * Mean of the ten seconds before this one.
   *
   * @param behind whether records are waiting, so that the newest one's second is not yet complete
   *     and stands for now
   */
  double perSecond(long now, boolean behind) {
    long end = behind ? Math.min(newest, Math.floorDiv(now, 1000L)) : Math.floorDiv(now, 1000L);
    long sum = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      if (seconds[slot] >= end - SECONDS && seconds[slot] < end) {
        sum += counts[slot];
      }
    }
    return (double) sum / SECONDS;
  }
}
