package io.counterweight.metric;

/**
 * Prequential metrics of a running job with exponential forgetting (Gama, Sebastião and Rodrigues
 * 2013), from a fading confusion matrix and, for two classes, fading histograms of the score.
 * Constant memory; ROC-AUC and PR-AUC are exact up to the width of a bin (1/32 of a logit unit
 * between −8 and 8). Values are NaN until every class they need was seen. Not thread-safe; readers
 * of a metric may see a value that is one event old.
 */
public final class FadingMetrics {
  private static final int BINS = 512;
  private static final int CALIBRATION_BINS = 15;
  private static final double LARGEST_LOGIT = 8;
  private static final double RESCALE_AT = 1e100;

  private final int classes;
  private final double growth;
  private final double[][] confusion;
  private final double[][] histogram;

  /**
   * By the probability of class 1, or of the predicted class: weight, sum of probabilities, hits.
   */
  private final double[][] calibration = new double[3][CALIBRATION_BINS];

  private double gain = 1;
  private double total;
  private double lossSum;
  private double brierSum;

  /**
   * Nothing observed yet.
   *
   * @param classes at least 2
   * @param horizon events that the metrics remember, at least 2
   */
  public FadingMetrics(int classes, int horizon) {
    if (classes < 2 || horizon < 2) {
      throw new IllegalArgumentException(
          "classes is " + classes + " and horizon " + horizon + ", expected both at least 2");
    }
    this.classes = classes;
    growth = 1 / (1 - 1.0 / horizon);
    confusion = new double[classes][classes];
    histogram = new double[2][BINS];
  }

  /**
   * Counts one prediction.
   *
   * @param probabilities {@code [classes]}
   * @param predicted the class that was decided for
   * @param label the class it is compared with
   */
  public synchronized void observe(float[] probabilities, int predicted, int label) {
    gain *= growth;
    double brier = 0;
    for (int k = 0; k < classes; k++) {
      double miss = probabilities[k] - (k == label ? 1 : 0);
      brier += miss * miss;
    }
    confusion[label][predicted] += gain;
    total += gain;
    brierSum += gain * brier / (classes == 2 ? 2 : 1);
    lossSum -= gain * Math.log(Math.max(probabilities[label], 1e-15));
    int calibrated = classes == 2 ? 1 : Decisions.mostProbable(probabilities);
    float p = probabilities[calibrated];
    int bin = Math.min(CALIBRATION_BINS - 1, (int) (p * CALIBRATION_BINS));
    calibration[0][bin] += gain;
    calibration[1][bin] += gain * p;
    calibration[2][bin] += label == calibrated ? gain : 0;
    if (classes == 2) {
      histogram[label][bin(probabilities[1])] += gain;
    }
    if (gain > RESCALE_AT) {
      rescale();
    }
  }

  private static int bin(double probability) {
    double p = Math.min(1 - 1e-9, Math.max(1e-9, probability));
    double logit = Math.log(p / (1 - p));
    double place = (logit + LARGEST_LOGIT) / (2 * LARGEST_LOGIT) * BINS;
    return (int) Math.max(0, Math.min(BINS - 1, place));
  }

  private void rescale() {
    double scale = 1 / gain;
    for (double[] row : confusion) {
      multiply(row, scale);
    }
    for (double[] row : histogram) {
      multiply(row, scale);
    }
    for (double[] row : calibration) {
      multiply(row, scale);
    }
    total *= scale;
    lossSum *= scale;
    brierSum *= scale;
    gain = 1;
  }

  private static void multiply(double[] values, double scale) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale;
    }
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  /** Share of right predictions, in [0, 1]. */
  public synchronized double accuracy() {
    double right = 0;
    for (int k = 0; k < classes; k++) {
      right += confusion[k][k];
    }
    return right / total;
  }

  /** Geometric mean of the recalls of the classes seen, in [0, 1]. */
  public synchronized double gMean() {
    double logs = 0;
    int seen = 0;
    for (int k = 0; k < classes; k++) {
      double of = sum(confusion[k]);
      if (of > 0) {
        logs += Math.log(confusion[k][k] / of);
        seen++;
      }
    }
    return seen < 2 ? Double.NaN : Math.exp(logs / seen);
  }

  /** Mean log-loss, in nats. */
  public synchronized double logLoss() {
    return lossSum / total;
  }

  /** Mean squared error of the probability of class 1, or summed over more than two classes. */
  public synchronized double brier() {
    return brierSum / total;
  }

  /**
   * Expected calibration error over 15 bins: of the probability of class 1, or with more classes of
   * the most probable one's.
   */
  public synchronized double calibrationError() {
    double error = 0;
    for (int b = 0; b < CALIBRATION_BINS; b++) {
      error += Math.abs(calibration[1][b] - calibration[2][b]);
    }
    return error / total;
  }

  /** Area under the ROC curve of two classes, ties counted half, in [0, 1]. */
  public synchronized double rocAuc() {
    double positives = sum(histogram[1]);
    double negatives = sum(histogram[0]);
    double below = 0;
    double pairs = 0;
    for (int b = 0; b < BINS; b++) {
      pairs += histogram[1][b] * (below + histogram[0][b] / 2);
      below += histogram[0][b];
    }
    return pairs / (positives * negatives);
  }

  /** Area under the precision-recall curve of class 1 (average precision), in [0, 1]. */
  public synchronized double prAuc() {
    double positives = sum(histogram[1]);
    double hits = 0;
    double alarms = 0;
    double area = 0;
    for (int b = BINS - 1; b >= 0; b--) {
      if (histogram[1][b] > 0) {
        hits += histogram[1][b];
        alarms += histogram[1][b] + histogram[0][b];
        area += histogram[1][b] / positives * hits / alarms;
      } else {
        alarms += histogram[0][b];
      }
    }
    return positives > 0 && sum(histogram[0]) > 0 ? area : Double.NaN;
  }
}
