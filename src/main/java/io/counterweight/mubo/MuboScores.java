package io.counterweight.mubo;

import io.counterweight.sampling.LabelledRows;

/**
 * Precision, recall and F1 of each class and their means (macro averages), in [0, 1].
 *
 * @param rarePrecision of the rare class
 * @param frequentPrecision of the frequent class
 */
public record MuboScores(
    double rarePrecision, double frequentPrecision, double rareRecall, double frequentRecall) {

  /** Of probabilities of the rare class; from .5 on it is predicted. */
  static MuboScores of(LabelledRows rows, double[] probabilities) {
    long[][] counts = new long[2][2];
    for (int i = 0; i < probabilities.length; i++) {
      counts[rows.y()[i]][probabilities[i] >= 0.5 ? 1 : 0]++;
    }
    return new MuboScores(
        share(counts[1][1], counts[0][1]),
        share(counts[0][0], counts[1][0]),
        share(counts[1][1], counts[1][0]),
        share(counts[0][0], counts[0][1]));
  }

  /** Part of both; 0 of nothing. */
  private static double share(long part, long rest) {
    return part == 0 ? 0 : (double) part / (part + rest);
  }

  private static double harmonic(double a, double b) {
    return a + b == 0 ? 0 : 2 * a * b / (a + b);
  }

  public double rareF1() {
    return harmonic(rarePrecision, rareRecall);
  }

  public double frequentF1() {
    return harmonic(frequentPrecision, frequentRecall);
  }

  /** Mean of both classes. */
  public double f1() {
    return (rareF1() + frequentF1()) / 2;
  }

  /** Mean of both classes. */
  public double precision() {
    return (rarePrecision + frequentPrecision) / 2;
  }

  /** Mean of both classes. */
  public double recall() {
    return (rareRecall + frequentRecall) / 2;
  }
}
