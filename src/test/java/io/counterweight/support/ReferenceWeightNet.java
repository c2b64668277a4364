package io.counterweight.support;

/**
 * MetaWeightNet (SPEC 4.2) in plain loops: V(u; Θ) = sigmoid(prior + W2 relu(W1 u + b1) + b2), then
 * normalised over the batch. Θ is flat: {@code W1 [hidden x inputs]}, {@code b1 [hidden]}, {@code
 * W2 [1 x hidden]}, {@code b2 [1]}. The inputs u are constants to every derivative.
 *
 * @param hidden width of the hidden layer
 * @param standardisedLoss whether the loss is standardised over the batch (unbiased deviation)
 * @param label whether the observed label, one-hot, follows the loss
 * @param withConcepts whether tanh of the concepts z follows after that
 * @param outputs classes K of the model, or 1 for regression
 * @param concepts concepts C of the model
 * @param normalisation of the weights over the batch
 */
public record ReferenceWeightNet(
    int hidden,
    boolean standardisedLoss,
    boolean label,
    boolean withConcepts,
    int outputs,
    int concepts,
    Normalisation normalisation) {

  /** How V becomes the weights w of the n events of a batch. */
  public enum Normalisation {
    /** w = v / Σ v. */
    SUM,
    /** w = v / n. */
    MEAN,
    /** w = v / n, divided by the mean of v over the events of the same label. */
    CLASS
  }

  private static final double SMALLEST_SUM = 1e-12;

  public ReferenceWeightNet {
    if (outputs < 2 && (label || normalisation == Normalisation.CLASS)) {
      throw new IllegalArgumentException(
          "outputs is " + outputs + ", expected at least 2 for weights that depend on the label");
    }
  }

  /** Width of u. */
  public int inputs() {
    return 1 + (label ? outputs : 0) + (withConcepts ? concepts : 0);
  }

  /** Entries of Θ. */
  public int size() {
    return hidden * inputs() + 2 * hidden + 1;
  }

  /**
   * Inputs u {@code [events x inputs]}.
   *
   * @param losses {@code [events]}
   * @param y labels {@code [events]}
   * @param z concepts {@code [events x concepts]}
   */
  public double[][] inputs(double[] losses, double[] y, double[][] z) {
    int n = losses.length;
    double mean = 0;
    for (double loss : losses) {
      mean += loss / n;
    }
    double squares = 0;
    for (double loss : losses) {
      squares += (loss - mean) * (loss - mean);
    }
    double deviation = Math.sqrt(squares / (n - 1));
    double[][] u = new double[n][inputs()];
    for (int i = 0; i < n; i++) {
      u[i][0] = standardisedLoss ? (losses[i] - mean) / (deviation + 1e-8) : losses[i];
      int at = 1;
      if (label) {
        u[i][at + (int) y[i]] = 1;
        at += outputs;
      }
      if (withConcepts) {
        for (int c = 0; c < concepts; c++) {
          u[i][at + c] = Math.tanh(z[i][c]);
        }
      }
    }
    return u;
  }

  /**
   * V(u) in (0, 1) {@code [events]}.
   *
   * @param prior logit added to each event's, or null for none
   */
  public double[] values(double[] theta, double[][] u, double[] prior) {
    double[] values = new double[u.length];
    for (int i = 0; i < u.length; i++) {
      double logit = theta[b2()] + (prior == null ? 0 : prior[i]);
      for (int h = 0; h < hidden; h++) {
        logit += theta[w2() + h] * Math.max(0, activation(theta, u[i], h));
      }
      values[i] = 1 / (1 + Math.exp(-logit));
    }
    return values;
  }

  /** Weights w {@code [events]}: normalised values. */
  public double[] weights(double[] theta, double[][] u, double[] prior, double[] y) {
    double[] values = values(theta, u, prior);
    double[] scales = scales(values, y);
    double[] weights = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      weights[i] = values[i] * scales[i];
    }
    return weights;
  }

  /**
   * Gradient of Σ upstreamᵢ wᵢ by Θ, through the normalisation.
   *
   * @param upstream {@code [events]}
   */
  public double[] vjp(double[] theta, double[][] u, double[] prior, double[] y, double[] upstream) {
    double[] values = values(theta, u, prior);
    double[] dValues = normalisationVjp(values, y, upstream);
    double[] gradient = new double[size()];
    for (int i = 0; i < u.length; i++) {
      double dLogit = dValues[i] * values[i] * (1 - values[i]);
      gradient[b2()] += dLogit;
      for (int h = 0; h < hidden; h++) {
        double activation = activation(theta, u[i], h);
        if (activation > 0) {
          gradient[w2() + h] += dLogit * activation;
          double dActivation = dLogit * theta[w2() + h];
          gradient[b1() + h] += dActivation;
          for (int j = 0; j < inputs(); j++) {
            gradient[h * inputs() + j] += dActivation * u[i][j];
          }
        }
      }
    }
    return gradient;
  }

  /** Distance of the nearest hidden unit from the kink of its ReLU. */
  public double distanceToKink(double[] theta, double[][] u) {
    double distance = Double.POSITIVE_INFINITY;
    for (double[] row : u) {
      for (int h = 0; h < hidden; h++) {
        distance = Math.min(distance, Math.abs(activation(theta, row, h)));
      }
    }
    return distance;
  }

  /** w / v of each event. */
  private double[] scales(double[] values, double[] y) {
    int n = values.length;
    double[] scales = new double[n];
    for (int i = 0; i < n; i++) {
      scales[i] =
          switch (normalisation) {
            case MEAN -> 1.0 / n;
            case SUM -> 1 / Math.max(peerSum(values, y, i), SMALLEST_SUM);
            case CLASS -> peers(y, i) / Math.max(peerSum(values, y, i), SMALLEST_SUM) / n;
          };
    }
    return scales;
  }

  /** Slopes of Σ upstreamᵢ wᵢ by the values. */
  private double[] normalisationVjp(double[] values, double[] y, double[] upstream) {
    int n = values.length;
    double[] scales = scales(values, y);
    double[] dValues = new double[n];
    for (int i = 0; i < n; i++) {
      dValues[i] += upstream[i] * scales[i];
      double sum = peerSum(values, y, i);
      if (normalisation == Normalisation.MEAN || sum < SMALLEST_SUM) {
        continue;
      }
      for (int j = 0; j < n; j++) {
        if (arePeers(y, i, j)) {
          dValues[j] -= upstream[i] * values[i] * scales[i] / sum;
        }
      }
    }
    return dValues;
  }

  /** Whether event j's value enters the normalisation of event i. */
  private boolean arePeers(double[] y, int i, int j) {
    return normalisation == Normalisation.SUM || y[i] == y[j];
  }

  private double peerSum(double[] values, double[] y, int i) {
    double sum = 0;
    for (int j = 0; j < values.length; j++) {
      sum += arePeers(y, i, j) ? values[j] : 0;
    }
    return sum;
  }

  private double peers(double[] y, int i) {
    double count = 0;
    for (int j = 0; j < y.length; j++) {
      count += arePeers(y, i, j) ? 1 : 0;
    }
    return count;
  }

  private double activation(double[] theta, double[] u, int h) {
    double sum = theta[b1() + h];
    for (int j = 0; j < inputs(); j++) {
      sum += theta[h * inputs() + j] * u[j];
    }
    return sum;
  }

  private int b1() {
    return hidden * inputs();
  }

  private int w2() {
    return b1() + hidden;
  }

  private int b2() {
    return w2() + hidden;
  }
}
