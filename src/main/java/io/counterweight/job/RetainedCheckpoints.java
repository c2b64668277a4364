package io.counterweight.job;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds where a job that ended, or was killed, can go on. */
public final class RetainedCheckpoints {
  private static final Logger LOG = LoggerFactory.getLogger(RetainedCheckpoints.class);
  private static final String METADATA = "_metadata";

  private RetainedCheckpoints() {}

  /**
   * The newest complete checkpoint of any job in a checkpoint directory.
   *
   * @param directory as configured; it need not exist
   * @return its path, or empty if there is none
   */
  public static Optional<String> newest(URI directory) throws IOException {
    FileSystem files = FileSystem.get(directory);
    List<FileStatus> metadata = new ArrayList<>();
    for (FileStatus job : children(files, new Path(directory))) {
      if (job.isDir()) {
        for (FileStatus checkpoint : children(files, job.getPath())) {
          Path file = new Path(checkpoint.getPath(), METADATA);
          if (checkpoint.getPath().getName().startsWith("chk-") && files.exists(file)) {
            metadata.add(files.getFileStatus(file));
          }
        }
      }
    }
    metadata.sort(Comparator.comparingLong(FileStatus::getModificationTime).reversed());
    for (FileStatus candidate : metadata) {
      if (isComplete(files, candidate.getPath())) {
        return Optional.of(candidate.getPath().getParent().toString());
      }
    }
    return Optional.empty();
  }

  private static FileStatus[] children(FileSystem files, Path directory) throws IOException {
    if (!files.exists(directory)) {
      return new FileStatus[0];
    }
    FileStatus[] children = files.listStatus(directory);
    return children == null ? new FileStatus[0] : children;
  }

  /** A process that was killed while it wrote the metadata leaves a file that cannot be read. */
  private static boolean isComplete(FileSystem files, Path metadata) {
    try (DataInputStream in = new DataInputStream(files.open(metadata))) {
      Checkpoints.loadCheckpointMetadata(
          in, RetainedCheckpoints.class.getClassLoader(), metadata.toString());
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.warn("Passing over the checkpoint {}, which is not complete", metadata, e);
      return false;
    }
  }
}
