package io.counterweight.experiment;

import io.counterweight.event.Event;

/**
 * Online multinomial logistic regression on inputs that are standardised by running moments, with
 * AdaGrad (Duchi, Hazan and Singer 2011), one event at a time. What everybody tries first.
 */
final class LogisticRegression implements Contestant {
  private static final double RATE = 0.05;
  private static final double LARGEST_INPUT = 10;

  private final int features;
  private final int classes;
  private final double[] mean;
  private final double[] squares;
  private final double[][] weights;
  private final double[][] gradientSquares;
  private long seen;

  LogisticRegression(int features, int classes) {
    this.features = features;
    this.classes = classes;
    mean = new double[features];
    squares = new double[features];
    weights = new double[classes][features + 1];
    gradientSquares = new double[classes][features + 1];
  }

  private double[] inputs(Event event) {
    double[] inputs = new double[features + 1];
    for (int f = 0; f < features; f++) {
      float raw = event.features()[f];
      double deviation = seen > 1 ? Math.sqrt(squares[f] / seen + 1e-8) : 1;
      double value = Float.isNaN(raw) || seen < 2 ? 0 : (raw - mean[f]) / deviation;
      inputs[f] = Math.max(-LARGEST_INPUT, Math.min(LARGEST_INPUT, value));
    }
    inputs[features] = 1;
    return inputs;
  }

  private double[] probabilities(double[] inputs) {
    double[] p = new double[classes];
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      double logit = 0;
      for (int f = 0; f <= features; f++) {
        logit += weights[k][f] * inputs[f];
      }
      p[k] = Math.exp(Math.max(-30, Math.min(30, logit)));
      sum += p[k];
    }
    for (int k = 0; k < classes; k++) {
      p[k] /= sum;
    }
    return p;
  }

  @Override
  public float[] predict(Event event) {
    double[] p = probabilities(inputs(event));
    float[] probabilities = new float[classes];
    for (int k = 0; k < classes; k++) {
      probabilities[k] = (float) p[k];
    }
    return probabilities;
  }

  @Override
  public void learn(Event event) {
    double[] inputs = inputs(event);
    double[] p = probabilities(inputs);
    for (int k = 0; k < classes; k++) {
      double slope = p[k] - (k == event.label() ? 1 : 0);
      for (int f = 0; f <= features; f++) {
        double gradient = slope * inputs[f];
        gradientSquares[k][f] += gradient * gradient;
        weights[k][f] -= RATE * gradient / Math.sqrt(gradientSquares[k][f] + 1e-8);
      }
    }
    seen++;
    for (int f = 0; f < features; f++) {
      float raw = event.features()[f];
      if (!Float.isNaN(raw)) {
        double before = raw - mean[f];
        mean[f] += before / seen;
        squares[f] += before * (raw - mean[f]);
      }
    }
  }
}
