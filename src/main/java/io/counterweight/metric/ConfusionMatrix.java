package io.counterweight.metric;

/** Counts of true against predicted classes, and what follows from them. Not thread-safe. */
public final class ConfusionMatrix {
  private final long[][] counts;
  private long total;

  /**
   * All zero.
   *
   * @param classes at least 2
   */
  public ConfusionMatrix(int classes) {
    counts = new long[classes][classes];
  }

  /** Counts one event. */
  public void add(int label, int predicted) {
    counts[label][predicted]++;
    total++;
  }

  /** A copy of the counts, {@code [true class][predicted class]}. */
  public long[][] counts() {
    long[][] copy = new long[counts.length][];
    for (int k = 0; k < copy.length; k++) {
      copy[k] = counts[k].clone();
    }
    return copy;
  }

  private long of(int label) {
    long sum = 0;
    for (long count : counts[label]) {
      sum += count;
    }
    return sum;
  }

  private long as(int predicted) {
    long sum = 0;
    for (long[] row : counts) {
      sum += row[predicted];
    }
    return sum;
  }

  /** Share of right predictions, in [0, 1]; NaN without events. */
  public double accuracy() {
    long right = 0;
    for (int k = 0; k < counts.length; k++) {
      right += counts[k][k];
    }
    return (double) right / total;
  }

  /** Geometric mean of the recalls of the classes that occur; NaN unless two do. In [0, 1]. */
  public double gMean() {
    double logs = 0;
    int occurring = 0;
    for (int k = 0; k < counts.length; k++) {
      long of = of(k);
      if (of > 0) {
        logs += Math.log((double) counts[k][k] / of);
        occurring++;
      }
    }
    return occurring < 2 ? Double.NaN : Math.exp(logs / occurring);
  }

  /** Mean F1 of the classes that occur or were predicted, in [0, 1]; NaN without events. */
  public double macroF1() {
    double sum = 0;
    int classes = 0;
    for (int k = 0; k < counts.length; k++) {
      long either = of(k) + as(k);
      if (either > 0) {
        sum += 2.0 * counts[k][k] / either;
        classes++;
      }
    }
    return sum / classes;
  }

  /**
   * Cohen's kappa: agreement beyond that of predictions drawn at random with the same frequencies.
   * At most 1; 0 is chance; NaN where chance alone would always be right.
   */
  public double kappa() {
    double chance = 0;
    for (int k = 0; k < counts.length; k++) {
      chance += (double) of(k) / total * as(k) / total;
    }
    return beyond(accuracy(), chance);
  }

  /** {@code (accuracy − baseline) / (1 − baseline)}, or NaN where nothing is left to gain. */
  static double beyond(double accuracy, double baseline) {
    return baseline >= 1 ? Double.NaN : (accuracy - baseline) / (1 - baseline);
  }
}
