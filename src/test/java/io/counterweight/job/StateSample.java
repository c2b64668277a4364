package io.counterweight.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the job keeps outside its processes.
 *
 * @param seconds since the beginning of the test
 * @param stateBytes of all state in the newest checkpoint
 * @param checkpointBytes of all files of the checkpoint directory
 * @param checkpointFiles how many there are
 * @param localBytes of the working folders of the TaskManagers: RocksDB, the job jar
 * @param transactionalIds of the job that the broker remembers
 */
record StateSample(
    double seconds,
    double stateBytes,
    double checkpointBytes,
    double checkpointFiles,
    double localBytes,
    double transactionalIds) {

  /** Sizes of the files of a folder, without those that go away meanwhile. */
  static List<Long> sizes(Path folder) throws IOException {
    try (Stream<Path> files = Files.find(folder, 20, (file, is) -> is.isRegularFile())) {
      return files.map(StateSample::size).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
