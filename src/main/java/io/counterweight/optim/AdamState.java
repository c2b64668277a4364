package io.counterweight.optim;

/** Moments of {@link Adam}, in the layout of the parameters, and the number of steps taken. */
public final class AdamState {
  public final float[] firstMoment;
  public final float[] secondMoment;
  public long steps;

  public AdamState(int size) {
    this(new float[size], new float[size], 0);
  }

  /** Takes ownership of the arrays. */
  public AdamState(float[] firstMoment, float[] secondMoment, long steps) {
    if (firstMoment.length != secondMoment.length || steps < 0) {
      throw new IllegalArgumentException(
          "Adam state has "
              + firstMoment.length
              + " first and "
              + secondMoment.length
              + " second moments after "
              + steps
              + " steps");
    }
    this.firstMoment = firstMoment;
    this.secondMoment = secondMoment;
    this.steps = steps;
  }

  /** A deep copy. */
  public AdamState copy() {
    return new AdamState(firstMoment.clone(), secondMoment.clone(), steps);
  }
}
