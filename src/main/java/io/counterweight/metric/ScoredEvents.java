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

  /** All metrics; sorts once a class. */
  public Quality quality() {
    ConfusionMatrix confusion = new ConfusionMatrix(classes);
    CalibrationError calibration = new CalibrationError();
    double squares = 0;
    double losses = 0;
    int previous = ABSENT;
    long repeated = 0;
    long rightFromSecond = 0;
    for (int i = 0; i < end; i++) {
      int label = labels[i];
      if (label == ABSENT) {
        continue;
      }
      int predicted = decisions[i];
      confusion.add(label, predicted);
      int calibrated = classes == 2 ? 1 : mostProbable(i);
      calibration.add(probability(i, calibrated), label == calibrated);
      squares += squaredError(i, label);
      losses -= Math.log(Math.max(probability(i, label), SMALLEST_PROBABILITY));
      if (previous != ABSENT) {
        repeated += label == previous ? 1 : 0;
        rightFromSecond += label == predicted ? 1 : 0;
      }
      previous = label;
    }
    Areas areas = areas();
    double pairs = size - 1.0;
    return new Quality(
        areas.prAuc,
        areas.rocAuc,
        confusion.gMean(),
        confusion.macroF1(),
        confusion.kappa(),
        confusion.accuracy(),
        squares / size,
        losses / size,
        calibration.value(),
        size < 2 ? Double.NaN : ConfusionMatrix.beyond(rightFromSecond / pairs, repeated / pairs));
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

  private Areas areas() {
    if (classes == 2) {
      Ranking ranking = ranking(1);
      return new Areas(ranking.averagePrecision(), ranking.rocAuc());
    }
    double prAuc = 0;
    double rocAuc = 0;
    int occurring = 0;
    for (int k = 0; k < classes; k++) {
      Ranking ranking = ranking(k);
      if (ranking.positives() > 0) {
        prAuc += ranking.averagePrecision();
        rocAuc += ranking.rocAuc();
        occurring++;
      }
    }
    return new Areas(prAuc / occurring, rocAuc / occurring);
  }

  private Ranking ranking(int positive) {
    Ranking ranking = new Ranking(size);
    for (int i = 0; i < end; i++) {
      if (labels[i] != ABSENT) {
        ranking.add(probability(i, positive), labels[i] == positive);
      }
    }
    return ranking;
  }
}
