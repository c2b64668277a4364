package io.counterweight.support;

/**
 * Adam with decoupled weight decay, and the diagonal by which the look-ahead may use the same
 * metric. Stateless; no method changes its arguments.
 *
 * @param learningRate alpha
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay parameters shrink by learningRate · weightDecay in each step
 */
public record ReferenceAdam(
    double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {

  /**
   * Moments after a number of steps.
   *
   * @param step steps made
   * @param first moment of the gradient, not bias-corrected
   * @param second moment of the gradient, not bias-corrected
   */
  public record State(int step, double[] first, double[] second) {
    /** Before the first step. */
    public static State start(int size) {
      return new State(0, new double[size], new double[size]);
    }
  }

  /** Result of a step. */
  public record Update(double[] parameters, State state) {}

  public Update step(State state, double[] parameters, double[] gradient) {
    int step = state.step() + 1;
    int size = parameters.length;
    double[] first = new double[size];
    double[] second = new double[size];
    double[] updated = new double[size];
    for (int j = 0; j < size; j++) {
      first[j] = beta1 * state.first()[j] + (1 - beta1) * gradient[j];
      second[j] = beta2 * state.second()[j] + (1 - beta2) * gradient[j] * gradient[j];
      double mean = first[j] / (1 - Math.pow(beta1, step));
      double square = second[j] / (1 - Math.pow(beta2, step));
      updated[j] =
          parameters[j] * (1 - learningRate * weightDecay)
              - learningRate * mean / (Math.sqrt(square) + epsilon);
    }
    return new Update(updated, new State(step, first, second));
  }

  /**
   * d(update)/d(gradient) of the next step at frozen moments: (1 − beta1) / (1 − beta1^(t+1)) /
   * (sqrt(second / (1 − beta2^t)) + epsilon). Before the first step, where there is no second
   * moment yet, all ones.
   */
  public double[] metric(State state) {
    double[] metric = new double[state.second().length];
    double scale = (1 - beta1) / (1 - Math.pow(beta1, state.step() + 1));
    for (int j = 0; j < metric.length; j++) {
      double square = state.second()[j] / (1 - Math.pow(beta2, state.step()));
      metric[j] = state.step() == 0 ? 1 : scale / (Math.sqrt(square) + epsilon);
    }
    return metric;
  }
}
