package io.counterweight.operator;

import io.counterweight.learner.ScoringModel;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Decoded models on the heap, bounded in bytes, least recently used out first. Models are not
 * changed, so what is dropped is decoded again when it is needed.
 */
final class ModelCache {
  private final long capacityBytes;
  private final Consumer<ScoringModel> release;
  private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private volatile long bytes;
  private volatile long hits;
  private volatile long misses;

  private record Entry(ScoringModel model, long bytes) {}

  /**
   * An empty cache.
   *
   * @param capacityBytes bound of the models; the newest one stays even if it alone is larger
   * @param release receives every model that leaves
   */
  ModelCache(long capacityBytes, Consumer<ScoringModel> release) {
    this.capacityBytes = capacityBytes;
    this.release = release;
  }

  /** The key's model, or null if it is not here. */
  ScoringModel find(String key) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return null;
    }
    hits++;
    return entry.model;
  }

  /** Counts a model that had to be decoded to predict. */
  void missed() {
    misses++;
  }

  /** Keeps a model in the place of the one that the key had. */
  void put(String key, ScoringModel model) {
    Entry entry = new Entry(model, model.heapBytes());
    Entry replaced = entries.put(key, entry);
    bytes += entry.bytes;
    if (replaced != null) {
      drop(replaced);
    }
    Iterator<Map.Entry<String, Entry>> oldest = entries.entrySet().iterator();
    while (bytes > capacityBytes && entries.size() > 1) {
      Entry victim = oldest.next().getValue();
      oldest.remove();
      drop(victim);
    }
  }

  private void drop(Entry entry) {
    bytes -= entry.bytes;
    release.accept(entry.model);
  }

  long bytes() {
    return bytes;
  }

  long hits() {
    return hits;
  }

  long misses() {
    return misses;
  }
}
