package io.counterweight.sampling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/** The newest rows of a class, oldest first; an older one goes when there is no room. */
public final class RowBuffer {
  private final int capacity;
  private final Deque<float[]> rows = new ArrayDeque<>();

  /**
   * An empty buffer.
   *
   * @param capacity at least 1
   */
  public RowBuffer(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("Capacity is " + capacity + ", expected at least 1");
    }
    this.capacity = capacity;
  }

  /** The same newest rows with another capacity. */
  public RowBuffer resized(int newCapacity) {
    RowBuffer resized = new RowBuffer(newCapacity);
    resized.addAll(rows);
    return resized;
  }

  public int capacity() {
    return capacity;
  }

  public int size() {
    return rows.size();
  }

  /** Rows {@code [size][features]}, oldest first. */
  public List<float[]> rows() {
    return new ArrayList<>(rows);
  }

  /** Takes ownership of the row. */
  public void add(float[] row) {
    if (rows.size() == capacity) {
      rows.remove();
    }
    rows.add(row);
  }

  /** Takes ownership of the rows. */
  public void addAll(Collection<float[]> newRows) {
    newRows.forEach(this::add);
  }
}
