package io.counterweight.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a directory to one broker. Kafka's own lock is taken only after the metadata log is open,
 * when a second broker has already done harm.
 */
final class DirectoryLock implements AutoCloseable {
  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Makes the directory if needed and locks it.
   *
   * @throws IllegalStateException if it is in use or cannot be made
   */
  static DirectoryLock acquire(Path directory) {
    try {
      Files.createDirectories(directory);
      FileChannel channel =
          FileChannel.open(
              directory.resolve("broker.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      if (isTaken(channel)) {
        channel.close();
        throw new IllegalStateException(
            "Another broker uses directory " + directory + "; stop it or choose another directory");
      }
      return new DirectoryLock(channel);
    } catch (IOException e) {
      throw new IllegalStateException(
          "Directory " + directory + " of the broker cannot be used (" + e + "); choose another",
          e);
    }
  }

  private static boolean isTaken(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() == null;
    } catch (OverlappingFileLockException e) {
      return true; // held by this process
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
