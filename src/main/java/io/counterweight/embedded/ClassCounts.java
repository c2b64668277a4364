package io.counterweight.embedded;

import java.util.Arrays;

/** Running class counts; one event of each class is taken as seen at the start. */
final class ClassCounts {
  private final long[] counts;
  private long total;

  ClassCounts(int classes) {
    counts = new long[classes];
    Arrays.fill(counts, 1);
    total = classes;
  }

  void add(int label) {
    counts[label]++;
    total++;
  }

  /** Share of each class among the events so far, each in (0, 1). */
  double[] priors() {
    double[] priors = new double[counts.length];
    for (int label = 0; label < counts.length; label++) {
      priors[label] = (double) counts[label] / total;
    }
    return priors;
  }
}
