package io.counterweight.embedded;

import io.counterweight.event.Event;
import io.counterweight.model.BatmSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The rows of a file of comma-separated values, {@code .csv} or {@code .csv.gz}, as events.
 *
 * <p>The first line names the columns. One holds the label, an integer; one may hold the model key
 * and one the event time (milliseconds since the epoch, or ISO 8601); all others are features, and
 * an empty cell is a missing value. Without a time column the events are a second apart from
 * 2020-01-01 in UTC. Labels that are not 0 to K - 1 are mapped in sorted order, with a note. A line
 * that cannot be used is left out and counted; see {@link #rejects()}. Blank lines are skipped.
 *
 * <p>The file is read once; the rows are held at 4 bytes a feature.
 */
public final class CsvFeed implements Feed {
  private static final long START = Instant.parse("2020-01-01T00:00:00Z").toEpochMilli();
  private static final long INTERVAL = 1000;
  private static final int MOST_CLASSES = 256;
  private static final long EARLIEST_PLAUSIBLE =
      Instant.parse("1973-01-01T00:00:00Z").toEpochMilli();
  private static final String LABEL_SOURCE = "file";

  /**
   * What to read.
   *
   * @param file comma-separated values in UTF-8, plain or gzip
   * @param columns what the columns are for
   * @param concepts JSON file of concept names to lists of columns, or null for a concept a column
   * @param shuffleSeed shuffles the rows, for files that are sorted; not with a time column
   * @param labelling which labels are observed and which are trusted
   */
  public record Options(
      Path file, Columns columns, Path concepts, OptionalLong shuffleSeed, Labelling labelling) {

    public Options {
      Objects.requireNonNull(file, "file");
      if (shuffleSeed.isPresent() && columns.time() != null) {
        throw new FeedException(
            String.format(
                "Shuffling would undo the order of time column '%s'; leave out one of them",
                columns.time()));
      }
    }

    /** Column {@code label}, one key, no time column, true labels, 2 % trusted at once. */
    public static Options of(Path file) {
      return new Options(
          file,
          new Columns("label", null, null, Set.of()),
          null,
          OptionalLong.empty(),
          new Labelling(LabelNoise.NONE, 0.02, Duration.ZERO, 0));
    }

    public Options withColumns(Columns newColumns) {
      return new Options(file, newColumns, concepts, shuffleSeed, labelling);
    }

    public Options withConcepts(Path json) {
      return new Options(file, columns, json, shuffleSeed, labelling);
    }

    public Options withShuffleSeed(long seed) {
      return new Options(file, columns, concepts, OptionalLong.of(seed), labelling);
    }

    public Options withLabelling(Labelling newLabelling) {
      return new Options(file, columns, concepts, shuffleSeed, newLabelling);
    }
  }

  /**
   * What the columns are for; all others are features.
   *
   * @param label name of the label column
   * @param key name of the column of model keys, or null for one key
   * @param time name of the column of event times, or null
   * @param ignored names of columns that are not used
   */
  public record Columns(String label, String key, String time, Set<String> ignored) {
    public Columns {
      Objects.requireNonNull(label, "label");
      ignored = Set.copyOf(ignored);
    }
  }

  /**
   * Which labels are observed and which are trusted.
   *
   * @param noise how observed labels are made wrong
   * @param trustedFraction share of the events that get a trusted label, in [0, 1], as many of each
   *     class where there are enough
   * @param trustedDelay from the event to its trusted label, in event time, not negative
   * @param seed of the noise and the choice of trusted events
   */
  public record Labelling(
      LabelNoise noise, double trustedFraction, Duration trustedDelay, long seed) {
    public Labelling {
      Objects.requireNonNull(noise, "noise");
      TrustedSelection.validate(trustedFraction, trustedDelay);
    }
  }

  /**
   * A line that could not be used.
   *
   * @param line number in the file, from 1
   * @param reason what was found and what was expected
   */
  public record Reject(long line, String reason) {}

  private final Options options;
  private final CsvRows rows;
  private final boolean timed;
  private final List<String> featureNames;
  private final List<BatmSpec.Concept> concepts;
  private final int[] labels; // as in the file, by class
  private final double[] priors;
  private final int[] order; // rows by position in the stream, or null for the file's order
  private final List<Reject> rejects;
  private final long rejectCount;
  private final List<String> notes = new ArrayList<>();

  /**
   * Reads the file.
   *
   * @throws FeedException if it cannot be used; the message says why and what to do
   */
  public CsvFeed(Options options) {
    this.options = options;
    CsvReader reader = new CsvReader(options);
    reader.read();
    rows = reader.rows();
    timed = options.columns().time() != null;
    featureNames = reader.header().featureNames();
    concepts =
        options.concepts() == null
            ? BatmSpec.oneConceptEach(featureNames)
            : ConceptFile.read(options.concepts(), featureNames);
    rejects = reader.rejects();
    rejectCount = reader.rejectCount();
    labels = rows.distinctLabels();
    requireClasses(reader.header());
    priors = priors();
    order = order();
    makeNotes();
  }

  @Override
  public long size() {
    return rows.size();
  }

  @Override
  public int classes() {
    return labels.length;
  }

  @Override
  public List<String> featureNames() {
    return featureNames;
  }

  @Override
  public List<BatmSpec.Concept> concepts() {
    return concepts;
  }

  @Override
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** Label of each class as it is written in the file, {@code [classes]}. */
  public int[] labels() {
    return labels.clone();
  }

  /** Details of the first rejected lines; {@link #rejectCount()} counts them all. */
  public List<Reject> rejects() {
    return rejects;
  }

  /** Number of lines that could not be used. */
  public long rejectCount() {
    return rejectCount;
  }

  /** Share of each class in the file, {@code [classes]}, by true labels. */
  public double[] priors() {
    double[] result = new double[labels.length];
    for (int row = 0; row < rows.size(); row++) {
      result[trueClass(row)] += 1.0 / rows.size();
    }
    return result;
  }

  @Override
  public Iterator<FeedEvent> iterator() {
    return new Rows();
  }

  private int trueClass(int row) {
    return Arrays.binarySearch(labels, rows.label(row));
  }

  private void requireClasses(CsvHeader header) {
    if (labels.length < 2) {
      throw new FeedException(
          String.format(
              "%s: all %d rows have label %d in column '%s'; two classes at least are needed, so"
                  + " check which column is the label (the columns are %s)",
              options.file(),
              rows.size(),
              labels[0],
              options.columns().label(),
              CsvHeader.list(header.names())));
    }
    if (labels.length > MOST_CLASSES) {
      throw new FeedException(
          String.format(
              "%s: column '%s' has %d different labels, more than %d; is it a class label?",
              options.file(), options.columns().label(), labels.length, MOST_CLASSES));
    }
  }

  private int[] order() {
    if (options.shuffleSeed().isPresent()) {
      return shuffled(rows.size(), new Random(options.shuffleSeed().getAsLong()));
    }
    boolean sorted =
        !timed || IntStream.range(1, rows.size()).allMatch(i -> rows.time(i - 1) <= rows.time(i));
    return sorted
        ? null
        : IntStream.range(0, rows.size())
            .boxed()
            .sorted(Comparator.comparingLong(rows::time))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  private static int[] shuffled(int size, Random random) {
    int[] order = IntStream.range(0, size).toArray();
    for (int i = size - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int moved = order[i];
      order[i] = order[j];
      order[j] = moved;
    }
    return order;
  }

  private void makeNotes() {
    if (labels[0] != 0 || labels[labels.length - 1] != labels.length - 1) {
      notes.add(
          String.format(
              "The labels of column '%s' are not 0 to %d: in this order, %s are classes 0 to %d",
              options.columns().label(),
              labels.length - 1,
              Arrays.toString(labels),
              labels.length - 1));
    }
    if (rejectCount > 0) {
      notes.add(
          String.format(
              "%d of %d lines were rejected; the first is line %d: %s",
              rejectCount,
              rejectCount + rows.size(),
              rejects.get(0).line(),
              rejects.get(0).reason()));
    }
    if (timed && order != null) {
      notes.add(
          "The rows are sorted by column '"
              + options.columns().time()
              + "'; in the file they are not");
    }
    if (timed && IntStream.range(0, rows.size()).allMatch(this::isImplausiblyEarly)) {
      notes.add(
          "All times of column '"
              + options.columns().time()
              + "' are before 1973; numbers are read as milliseconds, not seconds, since 1970");
    }
  }

  private boolean isImplausiblyEarly(int row) {
    return rows.time(row) >= 0 && rows.time(row) < EARLIEST_PLAUSIBLE;
  }

  private final class Rows implements Iterator<FeedEvent> {
    private final LabelCorruption corruption =
        new LabelCorruption(
            options.labelling().noise(),
            options.labelling().seed(),
            classes(),
            featureNames.size());
    private final TrustedSelection trusted =
        new TrustedSelection(
            options.labelling().trustedFraction(),
            options.labelling().trustedDelay(),
            options.labelling().seed());
    private int position;

    @Override
    public boolean hasNext() {
      return position < rows.size();
    }

    @Override
    public FeedEvent next() {
      if (!hasNext()) {
        throw new NoSuchElementException("All " + position + " rows have been given");
      }
      int row = order == null ? position : order[position];
      int trueLabel = trueClass(row);
      float[] features = rows.features(row);
      long time = timed ? rows.time(row) : START + position * INTERVAL;
      Event event =
          new Event(
              "line-" + rows.line(row),
              rows.key(row),
              time,
              features,
              corruption.observe(position, features, trueLabel),
              LABEL_SOURCE,
              Map.of());
      long trustedTime = trusted.trustedTime(position, time, trueLabel, priors);
      position++;
      return new FeedEvent(event, trueLabel, trustedTime);
    }
  }
}
