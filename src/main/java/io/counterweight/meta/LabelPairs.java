package io.counterweight.meta;

/**
 * Finds the two labels of an event, the ordinary and the trusted one, in whichever order they come:
 * the newest labels of each kind by a 64-bit hash of the event's id, 9 bytes an event. Two events
 * whose hashes are equal are taken for one, of n events about n²/2^65 pairs.
 */
public final class LabelPairs {
  /** The newest labels of one kind; the oldest makes room. Searched from the newest on. */
  private static final class Window {
    final long[] hashes;
    final short[] labels;
    int next;
    int size;

    Window(int capacity) {
      hashes = new long[capacity];
      labels = new short[capacity];
    }

    void add(long hash, int label) {
      hashes[next] = hash;
      labels[next] = (short) label;
      next = next + 1 == hashes.length ? 0 : next + 1;
      size = Math.min(size + 1, hashes.length);
    }

    int find(long hash) {
      int at = next;
      for (int i = 0; i < size; i++) {
        at = at == 0 ? hashes.length - 1 : at - 1;
        if (hashes[at] == hash) {
          return labels[at];
        }
      }
      return UNKNOWN;
    }
  }

  /** No label is known. */
  public static final int UNKNOWN = -1;

  /** Ordinary labels that come after the trusted one are few and come soon. */
  private static final int MOST_TRUSTED = 256;

  private final Window observed;
  private final Window trusted;

  /**
   * Empty.
   *
   * @param capacity ordinary labels that are remembered, at least 1; of trusted ones at most 256
   */
  public LabelPairs(int capacity) {
    observed = new Window(capacity);
    trusted = new Window(Math.min(capacity, MOST_TRUSTED));
  }

  /** Ordinary labels that are remembered. */
  public int capacity() {
    return observed.hashes.length;
  }

  /** Remembers an ordinary label; returns the event's trusted label or {@link #UNKNOWN}. */
  public int observe(String eventId, int label) {
    long hash = hash(eventId);
    observed.add(hash, label);
    return trusted.find(hash);
  }

  /** Remembers a trusted label; returns the event's ordinary label or {@link #UNKNOWN}. */
  public int trust(String eventId, int label) {
    long hash = hash(eventId);
    trusted.add(hash, label);
    return observed.find(hash);
  }

  /** Hashes remembered, oldest first. */
  public long[] hashes(boolean ofTrusted) {
    Window window = ofTrusted ? trusted : observed;
    long[] hashes = new long[window.size];
    for (int i = 0; i < window.size; i++) {
      hashes[i] = window.hashes[place(window, i)];
    }
    return hashes;
  }

  /** Labels remembered, in the order of {@link #hashes}. */
  public int[] labels(boolean ofTrusted) {
    Window window = ofTrusted ? trusted : observed;
    int[] labels = new int[window.size];
    for (int i = 0; i < window.size; i++) {
      labels[i] = window.labels[place(window, i)];
    }
    return labels;
  }

  private static int place(Window window, int i) {
    int capacity = window.hashes.length;
    return (window.next - window.size + i + capacity) % capacity;
  }

  /** Puts a remembered label back, oldest first; for restoring. */
  public void restore(boolean ofTrusted, long hash, int label) {
    (ofTrusted ? trusted : observed).add(hash, label);
  }

  /** The newest of these labels in windows of another size; itself if the size is the same. */
  public LabelPairs resized(int capacity) {
    if (capacity == capacity()) {
      return this;
    }
    LabelPairs resized = new LabelPairs(capacity);
    for (boolean ofTrusted : new boolean[] {false, true}) {
      long[] hashes = hashes(ofTrusted);
      int[] labels = labels(ofTrusted);
      for (int i = 0; i < hashes.length; i++) {
        resized.restore(ofTrusted, hashes[i], labels[i]);
      }
    }
    return resized;
  }

  /** FNV-1a over the id's characters, mixed. */
  private static long hash(String id) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < id.length(); i++) {
      hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 32)) * 0x9e3779b97f4a7c15L;
    return hash ^ (hash >>> 29);
  }
}
