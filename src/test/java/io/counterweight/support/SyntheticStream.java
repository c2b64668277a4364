package io.counterweight.support;

import io.counterweight.event.Event;
import io.counterweight.model.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Events whose true class is the largest of a few smooth scores of their features, of which a part
 * of the labels is flipped. Event n of a key is the same in every run.
 *
 * @param features at least as many as classes
 * @param classes at least 2
 * @param flips share of wrong labels
 * @param seed of everything
 */
public record SyntheticStream(int features, int classes, double flips, long seed) {

  /** Milliseconds between events of a key. */
  public static final long STEP = 100;

  /** Event n with its label, perhaps a wrong one. */
  public Event labelled(String key, int n) {
    SeededRandom random = SeededRandom.forKey(seed + n, key);
    float[] x = features(random);
    int truth = truth(x);
    boolean flipped = random.nextDouble() < flips;
    int label = flipped ? (truth + 1 + random.nextInt(classes - 1)) % classes : truth;
    return event(key + "-" + n, key, n, x, label);
  }

  /** Whether event n has a wrong label. */
  public boolean isWrong(String key, int n) {
    Event event = labelled(key, n);
    return event.label() != truth(event.features());
  }

  /** Event n as it is before its label comes. */
  public Event unlabelled(String key, int n) {
    Event event = labelled(key, n);
    return event(event.eventId(), key, n, event.features(), Event.NO_LABEL);
  }

  /** A trusted event, another one than event n. */
  public Event trusted(String key, int n) {
    SeededRandom random = SeededRandom.forKey(seed - n - 1, key);
    float[] x = features(random);
    return event(key + "-trusted-" + n, key, n, x, truth(x));
  }

  /** Labelled events n of {@code [from, to)}. */
  public List<Event> labelled(String key, int from, int to) {
    List<Event> events = new ArrayList<>();
    for (int n = from; n < to; n++) {
      events.add(labelled(key, n));
    }
    return events;
  }

  private float[] features(SeededRandom random) {
    float[] x = new float[features];
    for (int f = 0; f < features; f++) {
      x[f] = (float) (3 * random.nextGaussian() + f);
    }
    return x;
  }

  private int truth(float[] x) {
    int best = 0;
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < classes; k++) {
      double score = x[k] - k + 0.3 * Math.sin(x[(k + 1) % features]);
      if (score > largest) {
        largest = score;
        best = k;
      }
    }
    return best;
  }

  private static Event event(String id, String key, int n, float[] x, int label) {
    return new Event(id, key, 1_000_000 + STEP * n, x, label, null, null);
  }
}
