package io.counterweight.operator;

import java.io.Serializable;

/**
 * The key at whose newest published model new keys begin.
 *
 * @param key model key of the parent
 * @param share part of all events that is copied under that key, in [0, 1); with 0 producers send
 *     its events themselves, and it is predicted as any other key is
 */
public record Parent(String key, double share) implements Serializable {
  private static final double UNIT = 0x1.0p-53;

  public Parent {
    if (key.isEmpty() || !(share >= 0 && share < 1)) {
      throw new IllegalArgumentException(
          "Parent is '" + key + "' with share " + share + ", expected a key and one in [0, 1)");
    }
  }

  /** Whether events are copied, so that the key belongs to the copies. */
  boolean isFedByCopies() {
    return share > 0;
  }

  /**
   * Whether an event is copied: by its id, so that its two labels share their fate, and a repeated
   * run copies the same events.
   */
  boolean copies(String eventId) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < eventId.length(); i++) {
      hash = (hash ^ eventId.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 32)) * 0x9e3779b97f4a7c15L;
    hash ^= hash >>> 29;
    return (hash >>> 11) * UNIT < share;
  }
}
