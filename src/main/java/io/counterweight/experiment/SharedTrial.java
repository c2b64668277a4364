package io.counterweight.experiment;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * A stream of a seed for all the cells that need it: opened by the first, let go by the last, so
 * that a file is read once and only few streams are held at a time. Thread-safe.
 */
final class SharedTrial {
  private final Supplier<Optional<Trial>> source;
  private Optional<Trial> opened = Optional.empty();
  private boolean isOpen;
  private int users;

  /** A trial that {@code users} cells will take. */
  SharedTrial(Supplier<Optional<Trial>> source, int users) {
    this.source = source;
    this.users = users;
  }

  /** The trial; empty where its data is absent. */
  synchronized Optional<Trial> take() {
    if (!isOpen) {
      opened = source.get();
      isOpen = true;
    }
    Optional<Trial> trial = opened;
    users--;
    if (users == 0) {
      opened = Optional.empty();
    }
    return trial;
  }
}
