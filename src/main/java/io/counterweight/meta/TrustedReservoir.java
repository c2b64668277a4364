package io.counterweight.meta;

import io.counterweight.model.SeededRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The newest trusted events of each class (SPEC 4.5). A trusted event steers before it trains: it
 * is first drawn for the upper level, and only then may it appear in the lower level's anchor.
 */
public final class TrustedReservoir {
  private int perClass;
  private final List<ClassShelf> shelves = new ArrayList<>();

  /** Examples of one class, oldest first. */
  private static final class ClassShelf {
    /** Have steered; may anchor. */
    final ArrayList<TrustedExample> seasoned = new ArrayList<>();

    /** Have not steered yet. */
    final Deque<TrustedExample> fresh = new ArrayDeque<>();

    int size() {
      return seasoned.size() + fresh.size();
    }
  }

  /**
   * An empty reservoir.
   *
   * @param classes number of classes
   * @param perClass examples kept of each
   */
  public TrustedReservoir(int classes, int perClass) {
    this.perClass = perClass;
    for (int k = 0; k < classes; k++) {
      shelves.add(new ClassShelf());
    }
  }

  public int classes() {
    return shelves.size();
  }

  /** Examples kept of each class at the most. */
  public int perClass() {
    return perClass;
  }

  /** Examples kept of a class. */
  public int size(int label) {
    return shelves.get(label).size();
  }

  /** Examples of a class that have steered, oldest first. */
  public List<TrustedExample> seasoned(int label) {
    return List.copyOf(shelves.get(label).seasoned);
  }

  /** Examples of a class that have not steered yet, oldest first. */
  public List<TrustedExample> fresh(int label) {
    return List.copyOf(shelves.get(label).fresh);
  }

  /** Keeps an example; the oldest of its class makes room. */
  public void add(int label, TrustedExample example) {
    ClassShelf shelf = shelves.get(label);
    shelf.fresh.add(example);
    if (shelf.size() > perClass) {
      dropOldest(shelf);
    }
  }

  /** Keeps an example that has steered already, newest last; for restoring. */
  public void addSeasoned(int label, TrustedExample example) {
    shelves.get(label).seasoned.add(example);
  }

  /** Changes how many examples are kept of each class; the oldest make room. */
  public void resize(int newPerClass) {
    perClass = newPerClass;
    for (ClassShelf shelf : shelves) {
      while (shelf.size() > perClass) {
        dropOldest(shelf);
      }
    }
  }

  private static void dropOldest(ClassShelf shelf) {
    if (shelf.seasoned.isEmpty()) {
      shelf.fresh.remove();
    } else {
      shelf.seasoned.remove(0);
    }
  }

  /** Drops examples from before that event time. */
  public void expire(long before) {
    for (ClassShelf shelf : shelves) {
      shelf.seasoned.removeIf(example -> example.eventTime() < before);
      shelf.fresh.removeIf(example -> example.eventTime() < before);
    }
  }

  /** Event time of the oldest example; {@link Long#MAX_VALUE} without any. */
  public long oldest() {
    long oldest = Long.MAX_VALUE;
    for (ClassShelf shelf : shelves) {
      if (!shelf.seasoned.isEmpty()) {
        oldest = Math.min(oldest, shelf.seasoned.get(0).eventTime());
      }
      if (!shelf.fresh.isEmpty()) {
        oldest = Math.min(oldest, shelf.fresh.getFirst().eventTime());
      }
    }
    return oldest;
  }

  /** Classes that have at least {@code minimum} examples. */
  public List<Integer> readyClasses(int minimum) {
    List<Integer> ready = new ArrayList<>();
    for (int k = 0; k < shelves.size(); k++) {
      if (shelves.get(k).size() >= minimum) {
        ready.add(k);
      }
    }
    return ready;
  }

  /**
   * Draws for the lower level's anchor: class-balanced, with replacement, only examples that have
   * steered.
   *
   * @param labels classes to draw from
   * @param count examples to draw in all
   * @return empty if one of the classes has none that steered
   */
  public List<LabelledExample> drawAnchor(List<Integer> labels, int count, SeededRandom random) {
    List<LabelledExample> drawn = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int label = labels.get(i % labels.size());
      List<TrustedExample> seasoned = shelves.get(label).seasoned;
      if (seasoned.isEmpty()) {
        return List.of();
      }
      drawn.add(new LabelledExample(label, seasoned.get(random.nextInt(seasoned.size()))));
    }
    return drawn;
  }

  /**
   * Draws for the upper level: class-balanced, fresh examples first, the rest with replacement.
   * What was fresh has steered now.
   *
   * @param labels classes to draw from, each with at least one example
   * @param count examples to draw in all
   */
  public List<LabelledExample> drawMeta(List<Integer> labels, int count, SeededRandom random) {
    List<LabelledExample> drawn = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int label = labels.get(i % labels.size());
      ClassShelf shelf = shelves.get(label);
      TrustedExample example;
      if (shelf.fresh.isEmpty()) {
        example = shelf.seasoned.get(random.nextInt(shelf.seasoned.size()));
      } else {
        example = shelf.fresh.remove();
        shelf.seasoned.add(example);
      }
      drawn.add(new LabelledExample(label, example));
    }
    return drawn;
  }

  /** A drawn example and its trusted label. */
  public record LabelledExample(int label, TrustedExample example) {}
}
