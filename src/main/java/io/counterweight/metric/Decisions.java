package io.counterweight.metric;

/** From probabilities to a class. */
public final class Decisions {
  private Decisions() {}

  /** The most probable class. */
  public static int mostProbable(float[] probabilities) {
    int best = 0;
    for (int k = 1; k < probabilities.length; k++) {
      if (probabilities[k] > probabilities[best]) {
        best = k;
      }
    }
    return best;
  }

  /**
   * The class whose probability has risen most over its share in the stream, by factors: the most
   * probable one if all classes were equally frequent.
   *
   * @param shares {@code [classes]}, positive; empty for equal ones
   */
  public static int balanced(float[] probabilities, float[] shares) {
    if (shares.length == 0) {
      return mostProbable(probabilities);
    }
    int best = 0;
    for (int k = 1; k < probabilities.length; k++) {
      if (probabilities[k] * shares[best] > probabilities[best] * shares[k]) {
        best = k;
      }
    }
    return best;
  }
}
