package io.counterweight.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Keyed state and checkpoints.
 *
 * @param cacheBytes heap of each subtask for live learners
 * @param maxKeys learners of each subtask; 0 for any number
 * @param checkpointDirectory a path or a URI
 * @param checkpointInterval time between checkpoints
 * @param checkpointTimeout a checkpoint that takes longer is given up
 * @param retain completed checkpoints that are kept
 */
public record StateSettings(
    long cacheBytes,
    int maxKeys,
    String checkpointDirectory,
    Duration checkpointInterval,
    Duration checkpointTimeout,
    int retain) {

  public StateSettings {
    Options.CACHE_BYTES.check(cacheBytes);
    Options.MAX_KEYS.check(maxKeys);
    Options.CHECKPOINT_DIRECTORY.check(checkpointDirectory);
    Options.CHECKPOINT_INTERVAL.check(checkpointInterval);
    Options.CHECKPOINT_TIMEOUT.check(checkpointTimeout);
    Options.RETAIN.check(retain);
  }

  /** The checkpoint directory as a URI; a path is taken relative to the working directory. */
  public URI checkpointUri() {
    return toUri(checkpointDirectory);
  }

  /**
   * A path or a URI as a URI.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static URI toUri(String location) {
    return location.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*")
        ? URI.create(location)
        : Path.of(location).toAbsolutePath().normalize().toUri();
  }
}
