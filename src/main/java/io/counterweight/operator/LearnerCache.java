package io.counterweight.operator;

import io.counterweight.learner.LearnerState;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Live learners on the heap, bounded in bytes, least recently used out first. A learner is changed
 * many times between checkpoints, so it is written back only on eviction and by {@link #writeBack},
 * which every snapshot must call.
 */
final class LearnerCache {
  private final LearnerStore store;
  private final Function<String, LearnerState> create;
  private final Consumer<LearnerState> release;
  private final long capacityBytes;
  private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private volatile long bytes;
  private volatile long hits;
  private volatile long misses;

  /** A live learner and what the operator keeps beside it while it is live. */
  static final class Entry {
    final LearnerState state;
    private boolean dirty;
    private long bytes;

    /** Processing time at which the oldest pending event came; 0 where not known. */
    long pendingSince;

    /** Timer of the mini-batches that was registered last; 0 where none is known to be to come. */
    long timer;

    private Entry(LearnerState state) {
      this.state = state;
    }
  }

  /**
   * An empty cache.
   *
   * @param capacityBytes bound of the live learners; the one in use stays even if it alone is
   *     larger
   * @param create makes the learner of a key that has none
   * @param release receives every learner that is evicted, once the store has it
   */
  LearnerCache(
      LearnerStore store,
      long capacityBytes,
      Function<String, LearnerState> create,
      Consumer<LearnerState> release) {
    this.store = store;
    this.capacityBytes = capacityBytes;
    this.create = create;
    this.release = release;
  }

  /** The key's learner, to be read only, or null if it has none; see {@link #changed}. */
  Entry find(String key) throws Exception {
    Entry entry = entries.get(key);
    if (entry != null) {
      hits++;
      return entry;
    }
    misses++;
    LearnerState stored = store.read(key);
    return stored == null ? null : keep(key, new Entry(stored));
  }

  /** A learner for a key that has none. */
  Entry create(String key) throws Exception {
    Entry entry = new Entry(create.apply(key));
    entry.dirty = true;
    return keep(key, entry);
  }

  private Entry keep(String key, Entry entry) throws Exception {
    entries.put(key, entry);
    measure(entry);
    evict(key);
    return entry;
  }

  /** To be called after every change of a learner. */
  void changed(String key, Entry entry) throws Exception {
    entry.dirty = true;
    measure(entry);
    evict(key);
  }

  private void measure(Entry entry) {
    long now = entry.state.heapBytes();
    bytes += now - entry.bytes;
    entry.bytes = now;
  }

  private void evict(String inUse) throws Exception {
    Iterator<Map.Entry<String, Entry>> oldest = entries.entrySet().iterator();
    while (bytes > capacityBytes && oldest.hasNext()) {
      Map.Entry<String, Entry> victim = oldest.next();
      if (!victim.getKey().equals(inUse)) {
        write(victim.getKey(), victim.getValue());
        bytes -= victim.getValue().bytes;
        oldest.remove();
        release.accept(victim.getValue().state);
      }
    }
  }

  /** Writes every changed learner to the store; they stay live. */
  void writeBack() throws Exception {
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      write(entry.getKey(), entry.getValue());
    }
  }

  private void write(String key, Entry entry) throws Exception {
    if (entry.dirty) {
      store.write(key, entry.state);
      entry.dirty = false;
    }
  }

  long bytes() {
    return bytes;
  }

  int size() {
    return entries.size();
  }

  /** Look-ups answered from the heap. */
  long hits() {
    return hits;
  }

  /** Look-ups that went to the store, those of new keys too. */
  long misses() {
    return misses;
  }

  /** Share of look-ups answered from the heap, 1 before the first. */
  double hitRate() {
    return hits + misses == 0 ? 1 : (double) hits / (hits + misses);
  }
}
