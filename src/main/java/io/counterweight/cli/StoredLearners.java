package io.counterweight.cli;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.codec.StateFormatException;
import io.counterweight.job.LearnerSource;
import io.counterweight.job.RetainedCheckpoints;
import io.counterweight.job.SavepointLearners;
import io.counterweight.learner.LearnerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Learners read from wherever they lie: a summary of each, and the whole of those that are asked
 * for. Of several snapshots of a key the last one counts.
 */
final class StoredLearners {
  private final Wanted wanted;
  private final Map<String, LearnerSummary> summaries = new LinkedHashMap<>();
  private final Map<String, LearnerState> wholes = new HashMap<>();

  /**
   * Which learners are kept whole.
   *
   * @param keys of these, or null for any
   * @param most of them, those with most events
   */
  record Wanted(Set<String> keys, int most) {
    /** Those of these keys. */
    static Wanted keys(Set<String> keys) {
      return new Wanted(keys, keys.size());
    }

    /** So many, those with most events. */
    static Wanted busiest(int most) {
      return new Wanted(null, most);
    }
  }

  private StoredLearners(Wanted wanted) {
    this.wanted = wanted;
  }

  /**
   * Reads a source to its end.
   *
   * @param wanted key of the learner that is kept, or null
   * @throws IOException with a message for the user
   */
  static StoredLearners read(LearnerSource source, String wanted) throws IOException {
    return read(source, Wanted.keys(wanted == null ? Set.of() : Set.of(wanted)));
  }

  /**
   * Reads a source to its end.
   *
   * @throws IOException with a message for the user
   */
  static StoredLearners read(LearnerSource source, Wanted wanted) throws IOException {
    StoredLearners learners = new StoredLearners(wanted);
    source.readAll(learners::take);
    return learners;
  }

  private void take(byte[] bytes, String place) throws IOException {
    LearnerState state;
    try {
      state = LearnerStateCodec.decode(bytes);
    } catch (StateFormatException e) {
      throw new IOException(
          place
              + " holds no learner: expected a savepoint, the bytes of one learner, or for report a file that --json wrote ("
              + e.getMessage()
              + ")",
          e);
    }
    summaries.put(state.modelKey, LearnerSummary.of(state, bytes.length));
    if (wanted.keys == null || wanted.keys.contains(state.modelKey)) {
      wholes.put(state.modelKey, state);
      if (wholes.size() > wanted.most) {
        wholes.remove(wholes().get(wanted.most).modelKey);
      }
    }
  }

  /**
   * What lies at a path or an address: a savepoint, a folder of checkpoints, of which the newest
   * complete one is taken, or the bytes of one learner.
   *
   * @throws IOException with a message for the user, if it is none of these
   */
  static LearnerSource at(String where) throws IOException {
    Path local = local(where);
    if (local == null) {
      return SavepointLearners.open(where);
    }
    if (Files.isRegularFile(local) && !local.endsWith("_metadata")) {
      return reader -> reader.learner(Files.readAllBytes(local), where);
    }
    Path folder = local.endsWith("_metadata") ? local.toAbsolutePath().getParent() : local;
    if (!Files.isDirectory(folder)) {
      throw new IOException("There is no file or folder " + where);
    }
    if (Files.exists(folder.resolve("_metadata"))) {
      return SavepointLearners.open(folder.toUri().toString());
    }
    return SavepointLearners.open(
        RetainedCheckpoints.newest(folder.toUri()).orElse(folder.toUri().toString()));
  }

  /** Null for an address of another file system. */
  private static Path local(String where) {
    if (where.matches("[A-Za-z][A-Za-z0-9+.-]+:.*") && !where.startsWith("file:")) {
      return null;
    }
    try {
      return Path.of(where.replaceFirst("^file:(//(?=/))?", ""));
    } catch (InvalidPathException e) {
      return null;
    }
  }

  List<LearnerSummary> summaries() {
    return new ArrayList<>(summaries.values());
  }

  /** The learner that was asked for; null if there is none of that key. */
  LearnerState whole() {
    return wholes.values().stream().findFirst().orElse(null);
  }

  /** The learners that were asked for, most events first. */
  List<LearnerState> wholes() {
    return wholes.values().stream()
        .sorted(
            Comparator.<LearnerState>comparingLong(state -> -state.predicted)
                .thenComparing(state -> state.modelKey))
        .toList();
  }

  /** Size of a learner in state. */
  long bytes(String key) {
    return summaries.get(key).bytes();
  }
}
