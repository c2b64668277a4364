package io.counterweight.replay;

import io.counterweight.embedded.CsvFeed;
import io.counterweight.embedded.LabelNoise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A {@link CsvFeed} that has not been read yet, in plain values.
 *
 * @param file path of the file
 * @param label name of the label column
 * @param key name of the column of model keys, or null
 * @param time name of the column of event times, or null
 * @param ignored names of columns that are left out
 * @param concepts path of the concepts file, or null
 * @param noise as {@link LabelNoise#parse} reads it
 * @param trustedFraction share of events with a trusted label, in [0, 1]
 * @param trustedDelay from an event to its trusted label
 * @param shuffle whether the rows are shuffled
 * @param seed of noise, trusted selection and shuffling
 */
public record CsvFeedDefinition(
    String file,
    String label,
    String key,
    String time,
    List<String> ignored,
    String concepts,
    String noise,
    double trustedFraction,
    Duration trustedDelay,
    boolean shuffle,
    long seed)
    implements FeedSupplier {
  private static final long serialVersionUID = 1L;

  @Override
  public boolean hasTrusted() {
    return trustedFraction > 0;
  }

  /**
   * Reads the file.
   *
   * @throws IllegalArgumentException if anything is wrong with it or with these values
   */
  @Override
  public CsvFeed open() {
    CsvFeed.Options options =
        CsvFeed.Options.of(Path.of(file))
            .withColumns(new CsvFeed.Columns(label, key, time, Set.copyOf(ignored)))
            .withLabelling(
                new CsvFeed.Labelling(
                    LabelNoise.parse(noise), trustedFraction, trustedDelay, seed));
    if (concepts != null) {
      options = options.withConcepts(Path.of(concepts));
    }
    return new CsvFeed(shuffle ? options.withShuffleSeed(seed) : options);
  }
}
