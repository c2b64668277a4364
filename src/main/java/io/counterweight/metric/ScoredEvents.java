package io.counterweight.metric;

import java.util.Arrays;

/**
 * What a classifier said of each event and which class it was, kept by the event's index, so that
 * metrics are exact and do not depend on the order in which results come. 4 bytes a class and 4
 * bytes more an event. Not thread-safe.
 */
public final class ScoredEvents {
  private static final short ABSENT = -1;
  private static final double SMALLEST_PROBABILITY = 1e-15;

  private final int classes;
  private short[] labels = new short[0];
  private short[] decisions = new short[0];
  private float[] probabilities = new float[0];
  private int end;
  private int size;

  /**
   * No event yet.
   *
   * @param classes 2 to 32767
   */
  public ScoredEvents(int classes) {
    if (classes < 2 || classes > Short.MAX_VALUE) {
      throw new IllegalArgumentException(
          "classes is " + classes + ", expected 2 to " + Short.MAX_VALUE);
    }
    this.classes = classes;
  }

  /**
   * Keeps one prediction, or replaces the one with that index.
   *
   * @param index of the event, at least 0; indices may have gaps, which cost memory only
   * @param label the class that it is compared with
   * @param predicted the class that was decided for
   * @param of {@code [classes]}, sum to 1; copied
   * @return whether the index is new
   */
  public boolean set(int index, int label, int predicted, float[] of) {
    if (of.length != classes || label < 0 || label >= classes) {
      throw new IllegalArgumentException(
          "Event "
              + index
              + " has label "
              + label
              + " and "
              + of.length
              + " probabilities, there"
              + " are "
              + classes
              + " classes");
    }
    makeRoom(index);
    boolean isNew = labels[index] == ABSENT;
    labels[index] = (short) label;
    decisions[index] = (short) predicted;
    System.arraycopy(of, 0, probabilities, index * classes, classes);
    end = Math.max(end, index + 1);
    size += isNew ? 1 : 0;
    return isNew;
  }

  private void makeRoom(int index) {
    if (index >= labels.length) {
      int before = labels.length;
      int capacity = Math.max(index + 1, Math.max(1024, before + before / 2));
      labels = Arrays.copyOf(labels, capacity);
      decisions = Arrays.copyOf(decisions, capacity);
      Arrays.fill(labels, before, capacity, ABSENT);
      probabilities = Arrays.copyOf(probabilities, Math.multiplyExact(capacity, classes));
    }
  }

  /** Number of events. */
  public int size() {
    return size;
  }

  /** Number of classes. */
  public int classes() {
    return classes;
  }

  /** All metrics; sorts once a class. */
  public Quality quality() {
    return quality(0, end);
  }

  /**
   * All metrics of a part of the stream.
   *
   * @param from first index
   * @param to index after the last; indices that hold no event do not count
   */
  public Quality quality(int from, int to) {
    int last = Math.min(to, end);
    int count = 0;
    ConfusionMatrix confusion = new ConfusionMatrix(classes);
    CalibrationError calibration = new CalibrationError();
    double squares = 0;
    double losses = 0;
    int previous = ABSENT;
    long repeated = 0;
    long rightFromSecond = 0;
    for (int i = from; i < last; i++) {
      int label = labels[i];
      if (label == ABSENT) {
        continue;
      }
      count++;
      int predicted = decisions[i];
      confusion.add(label, predicted);
      calibrate(calibration, i);
      squares += squaredError(i, label);
      losses -= Math.log(Math.max(probability(i, label), SMALLEST_PROBABILITY));
      if (previous != ABSENT) {
        repeated += label == previous ? 1 : 0;
        rightFromSecond += label == predicted ? 1 : 0;
      }
      previous = label;
    }
    Areas areas = areas(from, last);
    double pairs = count - 1.0;
    return new Quality(
        areas.prAuc,
        areas.rocAuc,
        confusion.gMean(),
        confusion.macroF1(),
        confusion.kappa(),
        confusion.accuracy(),
        squares / count,
        losses / count,
        calibration.value(),
        count < 2 ? Double.NaN : ConfusionMatrix.beyond(rightFromSecond / pairs, repeated / pairs));
  }

  private void calibrate(CalibrationError calibration, int index) {
    int calibrated = classes == 2 ? 1 : mostProbable(index);
    calibration.add(probability(index, calibrated), labels[index] == calibrated);
  }

  /** How probabilities meet frequencies: of class 1, or with more classes of the most probable. */
  public CalibrationError calibration() {
    CalibrationError calibration = new CalibrationError();
    for (int i = 0; i < end; i++) {
      if (labels[i] != ABSENT) {
        calibrate(calibration, i);
      }
    }
    return calibration;
  }

  /** The classes that were decided for against those that were right. */
  public ConfusionMatrix confusion() {
    ConfusionMatrix confusion = new ConfusionMatrix(classes);
    for (int i = 0; i < end; i++) {
      if (labels[i] != ABSENT) {
        confusion.add(labels[i], decisions[i]);
      }
    }
    return confusion;
  }

  /** All events ranked by the probability of a class. */
  public Ranking ranking(int positive) {
    return ranking(positive, 0, end);
  }

  private float probability(int index, int label) {
    return probabilities[index * classes + label];
  }

  private int mostProbable(int index) {
    int best = 0;
    for (int k = 1; k < classes; k++) {
      if (probability(index, k) > probability(index, best)) {
        best = k;
      }
    }
    return best;
  }

  private double squaredError(int index, int label) {
    double sum = 0;
    for (int k = classes == 2 ? 1 : 0; k < classes; k++) {
      double miss = (double) probability(index, k) - (k == label ? 1 : 0);
      sum += miss * miss;
    }
    return sum;
  }

  private record Areas(double prAuc, double rocAuc) {}

  private Areas areas(int from, int to) {
    if (classes == 2) {
      Ranking ranking = ranking(1, from, to);
      return new Areas(ranking.averagePrecision(), ranking.rocAuc());
    }
    double prAuc = 0;
    double rocAuc = 0;
    int occurring = 0;
    for (int k = 0; k < classes; k++) {
      Ranking ranking = ranking(k, from, to);
      if (ranking.positives() > 0) {
        prAuc += ranking.averagePrecision();
        rocAuc += ranking.rocAuc();
        occurring++;
      }
    }
    return new Areas(prAuc / occurring, rocAuc / occurring);
  }

  private Ranking ranking(int positive, int from, int to) {
    Ranking ranking = new Ranking(Math.max(0, Math.min(size, to - from)));
    for (int i = from; i < to; i++) {
      if (labels[i] != ABSENT) {
        ranking.add(probability(i, positive), labels[i] == positive);
      }
    }
    return ranking;
  }
}
