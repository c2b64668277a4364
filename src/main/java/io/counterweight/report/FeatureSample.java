package io.counterweight.report;

import io.counterweight.event.Event;
import io.counterweight.model.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Events of a stream, each equally likely to be among those kept (Vitter 1985, algorithm R): to see
 * a model where the data are. The same stream and seed give the same sample. Not thread-safe.
 */
public final class FeatureSample {
  private final int most;
  private final SeededRandom random;
  private final List<Event> kept = new ArrayList<>();
  private int offered;

  /**
   * Nothing kept yet.
   *
   * @param most events that are kept, at least 1
   */
  public FeatureSample(int most, long seed) {
    this.most = most;
    random = SeededRandom.forKey(seed, "report");
  }

  /** The stream's next event. */
  public void offer(Event event) {
    offered++;
    if (kept.size() < most) {
      kept.add(event);
    } else {
      int place = random.nextInt(offered);
      if (place < most) {
        kept.set(place, event);
      }
    }
  }

  /** Raw features of the kept events of a key. */
  List<float[]> rows(String modelKey) {
    return kept.stream()
        .filter(event -> event.modelKey().equals(modelKey))
        .map(Event::features)
        .toList();
  }
}
