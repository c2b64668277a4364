package io.counterweight.report;

/**
 * A stream cut into windows of equal numbers of events.
 *
 * @param events of the whole stream, at least 1
 * @param count of windows, at least 1 and at most {@code events}
 */
public record Windows(long events, int count) {
  public Windows {
    if (events < 1 || count < 1 || count > events) {
      throw new IllegalArgumentException(
          events + " events in " + count + " windows, expected 1 to as many windows as events");
    }
  }

  /** So many windows, or one for each event where the stream is shorter. */
  public static Windows atMost(int most, long events) {
    return new Windows(events, (int) Math.min(most, Math.max(1, events)));
  }

  /**
   * The window of an event.
   *
   * @param index of the event, from 0; later ones than the stream has are in the last window
   */
  public int of(long index) {
    return (int) Math.min(count - 1, ((index + 1) * count - 1) / events);
  }

  /** Index of a window's first event; that of the window after the last is the number of events. */
  public long from(int window) {
    return window * events / count;
  }
}
