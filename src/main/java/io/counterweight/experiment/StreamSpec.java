package io.counterweight.experiment;

import io.counterweight.embedded.CsvFeed;
import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FraudSimulator;
import io.counterweight.embedded.LabelNoise;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A stream of a suite: exactly one of {@code study}, {@code csv} and {@code fraud}.
 *
 * @param name in the table
 * @param study noise of a {@link NoisyConceptStream}: none, sym, miss or instance
 * @param rate of that noise; .2 where left out
 * @param change what changes half-way there, in lower case; nothing where left out
 * @param rateAfter of the noise after a change of the noise
 * @param span events over which the change comes about
 * @param csv name of a data set: {@code NAME/NAME.csv.gz} below the folder of the data
 * @param fraud whether it is the fraud simulator's
 * @param noise of csv and fraud, as text of {@link LabelNoise}
 * @param trusted share of the events of csv and fraud whose true label is trusted; .02 where left
 *     out
 * @param shuffle whether a csv is shuffled, for files that are sorted
 * @param events at most so many
 */
public record StreamSpec(
    String name,
    String study,
    Double rate,
    String change,
    Double rateAfter,
    Integer span,
    String csv,
    boolean fraud,
    String noise,
    Double trusted,
    boolean shuffle,
    Integer events) {
  private static final int STUDY_EVENTS = 40_000;
  private static final int FRAUD_EVENTS = 100_000;

  public StreamSpec {
    int kinds = (study == null ? 0 : 1) + (csv == null ? 0 : 1) + (fraud ? 1 : 0);
    if (name == null || kinds != 1) {
      throw new IllegalArgumentException(
          "stream '"
              + name
              + "' has "
              + kinds
              + " of study, csv and fraud, expected a name and one");
    }
    if (study != null) {
      constant(NoisyConceptStream.Noise.class, "study", study);
      constant(NoisyConceptStream.Change.class, "change", change == null ? "nothing" : change);
    } else {
      LabelNoise.parse(noise == null ? "none" : noise);
    }
  }

  private static <E extends Enum<E>> E constant(Class<E> kind, String key, String text) {
    try {
      return Enum.valueOf(kind, text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          key
              + " is '"
              + text
              + "', expected one of "
              + Arrays.toString(kind.getEnumConstants()).toLowerCase(Locale.ROOT),
          e);
    }
  }

  /**
   * The stream of a seed; empty where its data is absent.
   *
   * @param data folder of the data sets
   */
  Optional<Feed> open(Path data, long seed) {
    double share = trusted == null ? 0.02 : trusted;
    if (study != null) {
      double noiseRate = rate == null ? 0.2 : rate;
      return Optional.of(
          new NoisyConceptStream(
              new NoisyConceptStream.Options(
                  events == null ? STUDY_EVENTS : events,
                  constant(NoisyConceptStream.Noise.class, "study", study),
                  noiseRate,
                  constant(
                      NoisyConceptStream.Change.class,
                      "change",
                      change == null ? "nothing" : change),
                  rateAfter == null ? noiseRate : rateAfter,
                  span == null ? 0 : span,
                  seed)));
    }
    LabelNoise labelNoise = LabelNoise.parse(noise == null ? "none" : noise);
    if (fraud) {
      return Optional.of(
          new FraudSimulator(
              new FraudSimulator.Options(
                  events == null ? FRAUD_EVENTS : events,
                  seed,
                  labelNoise,
                  share,
                  Duration.ofHours(1),
                  change == null ? OptionalDouble.empty() : OptionalDouble.of(0.5))));
    }
    return openCsv(data.resolve(csv), labelNoise, share, seed);
  }

  private Optional<Feed> openCsv(Path folder, LabelNoise labelNoise, double share, long seed) {
    Path file = folder.resolve(csv + ".csv.gz");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    CsvFeed.Options options =
        CsvFeed.Options.of(file)
            .withLabelling(new CsvFeed.Labelling(labelNoise, share, Duration.ZERO, seed));
    Path concepts = folder.resolve("concept_groups.json");
    if (Files.exists(concepts)) {
      options = options.withConcepts(concepts);
    }
    return Optional.of(new CsvFeed(shuffle ? options.withShuffleSeed(seed) : options));
  }
}
