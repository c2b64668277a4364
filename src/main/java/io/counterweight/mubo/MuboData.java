package io.counterweight.mubo;

import io.counterweight.embedded.CsvFeed;
import io.counterweight.embedded.FeedEvent;
import io.counterweight.model.SeededRandom;
import io.counterweight.sampling.Indices;
import io.counterweight.sampling.LabelledRows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A file's rows as two classes, 1 the rare one.
 *
 * @param x as in the file, NaN where missing, {@code [n][features]}
 * @param y 1 for the rare class, {@code [n]}
 * @param lines of the file, from 1, {@code [n]}
 * @param rareLabel label of the rare class in the file; with a class against the rest, of that
 *     class or "not" it
 */
public record MuboData(float[][] x, int[] y, long[] lines, String rareLabel) {
  private static final String LINE = "line-";

  /**
   * A split: rows to train on and rows to test on, standardised by the former.
   *
   * @param trainLines of the rows to train on, in their order
   */
  record Split(LabelledRows train, LabelledRows test, long[] trainLines) {}

  /**
   * Reads the file.
   *
   * @throws IllegalArgumentException if it cannot be used; the message says what to do
   */
  public static MuboData read(MuboRequest request) {
    CsvFeed feed =
        new CsvFeed(
            CsvFeed.Options.of(Path.of(request.file()))
                .withColumns(
                    new CsvFeed.Columns(
                        request.label(), null, null, Set.copyOf(request.ignored()))));
    int positive = positiveClass(feed, request);
    List<float[]> rows = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    List<Long> lines = new ArrayList<>();
    int positives = 0;
    for (FeedEvent event : feed) {
      rows.add(event.event().features());
      labels.add(event.trueLabel() == positive ? 1 : 0);
      lines.add(Long.parseLong(event.event().eventId().substring(LINE.length())));
      positives += event.trueLabel() == positive ? 1 : 0;
    }
    boolean rare = 2 * positives <= rows.size();
    String positiveLabel = String.valueOf(feed.labels()[positive]);
    int[] y = labels.stream().mapToInt(l -> rare ? l : 1 - l).toArray();
    MuboData all =
        new MuboData(
            rows.toArray(float[][]::new),
            y,
            lines.stream().mapToLong(l -> l).toArray(),
            rare ? positiveLabel : "not " + positiveLabel);
    return request.sample() == 0 || request.sample() >= rows.size()
        ? all
        : all.sampled(request.sample(), request.seed());
  }

  private static int positiveClass(CsvFeed feed, MuboRequest request) {
    int[] labels = feed.labels();
    if (request.positive() == null) {
      if (labels.length > 2) {
        throw new IllegalArgumentException(
            request.file()
                + " has "
                + labels.length
                + " classes, MUBO is for two; take one against the rest with --positive LABEL, one of "
                + Arrays.toString(labels));
      }
      return 1;
    }
    int at = Arrays.binarySearch(labels, request.positive());
    if (at < 0) {
      throw new IllegalArgumentException(
          "--positive is "
              + request.positive()
              + ", expected one of "
              + Arrays.toString(labels)
              + ", the labels of "
              + request.file());
    }
    return at;
  }

  private MuboData sampled(int count, long seed) {
    int[] chosen = new int[0];
    for (int label : new int[] {0, 1}) {
      int[] own = shuffledOf(label, new SeededRandom(seed * 31 + label));
      int kept = (int) Math.round((double) count * own.length / y.length);
      chosen = Indices.joined(chosen, Arrays.copyOf(own, Math.max(Math.min(own.length, 10), kept)));
    }
    Arrays.sort(chosen);
    float[][] rows = new float[chosen.length][];
    int[] labels = new int[chosen.length];
    long[] numbers = new long[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      rows[i] = x[chosen[i]];
      labels[i] = y[chosen[i]];
      numbers[i] = lines[chosen[i]];
    }
    return new MuboData(rows, labels, numbers, rareLabel);
  }

  /**
   * Asks whether there are rows enough to train on and to test on.
   *
   * @throws IllegalArgumentException if there are too few of a class
   */
  public void checkSplit(double testShare) {
    split(testShare, 0);
  }

  /** Rows of the rare class. */
  public int rareRows() {
    return Arrays.stream(y).sum();
  }

  private int[] shuffledOf(int label, SeededRandom random) {
    int[] own = new LabelledRows(x, y).indices(label);
    Indices.shuffle(own, random);
    return own;
  }

  /**
   * Splits at random, the same share of each class.
   *
   * @throws IllegalArgumentException if there are too few rows of a class
   */
  Split split(double testShare, long seed) {
    int[] train = new int[0];
    int[] test = new int[0];
    for (int label : new int[] {0, 1}) {
      int[] own = shuffledOf(label, new SeededRandom(seed * 31 + label));
      int tested = (int) Math.round(testShare * own.length);
      if (tested < 1 || own.length - tested < 4) {
        throw new IllegalArgumentException(
            "There are "
                + own.length
                + " rows of the "
                + (label == 1 ? "rare" : "frequent")
                + " class, of which "
                + tested
                + " would be tested on; expected 1 at least, and 4 to train on");
      }
      test = Indices.joined(test, Arrays.copyOf(own, tested));
      train = Indices.joined(train, Arrays.copyOfRange(own, tested, own.length));
    }
    Scale scale = Scale.of(x, train);
    long[] trainLines = new long[train.length];
    for (int i = 0; i < train.length; i++) {
      trainLines[i] = lines[train[i]];
    }
    return new Split(rows(train, scale), rows(test, scale), trainLines);
  }

  private LabelledRows rows(int[] indices, Scale scale) {
    float[][] rows = new float[indices.length][];
    int[] labels = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      rows[i] = scale.apply(x[indices[i]]);
      labels[i] = y[indices[i]];
    }
    return new LabelledRows(rows, labels);
  }

  /**
   * Mean and standard deviation of each feature; a missing value becomes the mean.
   *
   * @param mean {@code [features]}
   * @param deviation {@code [features]}, positive
   */
  private record Scale(double[] mean, double[] deviation) {
    static Scale of(float[][] x, int[] rows) {
      int features = x[0].length;
      double[] mean = new double[features];
      double[] deviation = new double[features];
      for (int f = 0; f < features; f++) {
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (int row : rows) {
          double value = x[row][f];
          if (!Double.isNaN(value)) {
            count++;
            double delta = value - sum;
            sum += delta / count;
            squares += delta * (value - sum);
          }
        }
        mean[f] = sum;
        double root = Math.sqrt(squares / Math.max(1, count));
        deviation[f] = root > 1e-9 ? root : 1;
      }
      return new Scale(mean, deviation);
    }

    float[] apply(float[] row) {
      float[] scaled = new float[row.length];
      for (int f = 0; f < row.length; f++) {
        scaled[f] = Float.isNaN(row[f]) ? 0 : (float) ((row[f] - mean[f]) / deviation[f]);
      }
      return scaled;
    }
  }
}
