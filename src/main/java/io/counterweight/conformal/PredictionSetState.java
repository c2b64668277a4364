package io.counterweight.conformal;

import java.util.Arrays;

/** What the sets of one class are made from; plain values. */
public final class PredictionSetState {
  static final int LARGEST_WINDOW = 100_000;

  /** Newest scores of trusted events of the class, oldest first from {@code next} on when full. */
  final double[] scores;

  /** The same in rising order. */
  final double[] sorted;

  /** Whether each of the newest trusted events of the class was covered, 1 or 0. */
  final double[] covered;

  /** Threshold of a state that learns no more, {@link #fixed}; null where the scores decide. */
  Double threshold;

  int size;
  int next;
  int coveredCount;

  /** Share of the class that may be missed by the next set; beyond [0, 1] after long misses. */
  double alpha;

  PredictionSetState(int window, double alpha) {
    scores = new double[window];
    sorted = new double[window];
    covered = new double[window];
    this.alpha = alpha;
  }

  /**
   * A stored state.
   *
   * @param values of {@link #toArray}
   * @throws IllegalArgumentException if they are none
   */
  public static PredictionSetState of(double[] values) {
    int events = values.length / 2 - 1;
    boolean plausible =
        values.length >= 2
            && values.length % 2 == 0
            && values[0] >= Math.max(1, events)
            && values[0] <= LARGEST_WINDOW;
    if (!plausible) {
      throw new IllegalArgumentException(
          "A prediction set of " + values.length + " values, expected a window and its events");
    }
    PredictionSetState state = new PredictionSetState((int) values[0], values[1]);
    for (int i = 2; i < values.length; i += 2) {
      if (Double.isNaN(values[i]) || (values[i + 1] != 0 && values[i + 1] != 1)) {
        throw new IllegalArgumentException(
            "A prediction set holds score " + values[i] + " and covered " + values[i + 1]);
      }
      state.add(values[i], values[i + 1] == 1);
    }
    return state;
  }

  /**
   * A state that learns no more: without its scores, what they decided.
   *
   * @param threshold largest score with which the class is in the set; may be infinite
   * @param size trusted events in the window
   * @param coveredCount of them, those that their sets covered
   * @throws IllegalArgumentException if these are none
   */
  public static PredictionSetState fixed(double threshold, int size, int coveredCount) {
    if (Double.isNaN(threshold) || size < 0 || coveredCount < 0 || coveredCount > size) {
      throw new IllegalArgumentException(
          "A fixed prediction set has threshold "
              + threshold
              + " and "
              + coveredCount
              + " of "
              + size
              + " events covered");
    }
    PredictionSetState state = new PredictionSetState(0, 0);
    state.threshold = threshold;
    state.size = size;
    state.coveredCount = coveredCount;
    return state;
  }

  /** Largest score with which the class is in the set, of a state that is {@link #fixed}. */
  public double threshold() {
    return threshold;
  }

  /** Trusted events in the window. */
  public int size() {
    return size;
  }

  /** Of these, the ones that their sets covered. */
  public int coveredCount() {
    return coveredCount;
  }

  /** Trusted events that it holds at the most. */
  public int window() {
    return scores.length;
  }

  /** The newest events of it in another window. */
  PredictionSetState inWindow(int window) {
    PredictionSetState state = new PredictionSetState(window, alpha);
    for (int i = 0; i < size; i++) {
      int at = (next - size + i + scores.length) % scores.length;
      state.add(scores[at], covered[at] == 1);
    }
    return state;
  }

  void add(double score, boolean wasCovered) {
    int sortedSize = size;
    if (size == scores.length) {
      int out = Arrays.binarySearch(sorted, 0, size, scores[next]);
      System.arraycopy(sorted, out + 1, sorted, out, size - out - 1);
      sortedSize--;
    } else {
      size++;
    }
    int in = Arrays.binarySearch(sorted, 0, sortedSize, score);
    in = in < 0 ? -in - 1 : in;
    System.arraycopy(sorted, in, sorted, in + 1, sortedSize - in);
    sorted[in] = score;
    coveredCount += (wasCovered ? 1 : 0) - (int) covered[next];
    scores[next] = score;
    covered[next] = wasCovered ? 1 : 0;
    next = next + 1 == scores.length ? 0 : next + 1;
  }

  /**
   * Everything, oldest event first: window, alpha, then score and whether covered of each event.
   */
  public double[] toArray() {
    double[] values = new double[2 + 2 * size];
    values[0] = scores.length;
    values[1] = alpha;
    for (int i = 0; i < size; i++) {
      int at = (next - size + i + scores.length) % scores.length;
      values[2 + 2 * i] = scores[at];
      values[3 + 2 * i] = covered[at];
    }
    return values;
  }
}
