package io.counterweight.sampling;

import io.counterweight.compute.cpu.DenseNetwork;
import io.counterweight.compute.cpu.Kernels;
import io.counterweight.model.SeededRandom;
import io.counterweight.optim.Adam;
import io.counterweight.optim.AdamState;
import java.util.Arrays;
import java.util.List;

/**
 * The lower level of MUBO (paper, section 4.1): a network of 256 and 128 units, the second ones
 * rectified, with two outputs and binary cross-entropy, trained by Adam in mini-batches. Not
 * thread-safe.
 */
public final class SoftmaxNetwork {
  private static final int CLASSES = 2;
  private static final int FIRST_UNITS = 256;
  private static final int SECOND_UNITS = 128;
  private static final int ROWS_AT_A_TIME = 64;

  /**
   * How it trains.
   *
   * @param adam the optimiser
   * @param batch rows of a step, 1 to 64
   * @param tolerance norm of the gradient at which training ends, not negative
   * @param mostEpochs passes over the rows at most, at least 1
   * @param doubleSoftmax whether the probabilities go through the softmax once more before the
   *     cross-entropy, as in the published code: then a loss is never below .3133
   * @param lastBatchOnly whether the norm is that of the epoch's last mini-batch, as in the
   *     published code; otherwise of the mean gradient of the epoch
   */
  public record Training(
      Adam adam,
      int batch,
      double tolerance,
      int mostEpochs,
      boolean doubleSoftmax,
      boolean lastBatchOnly) {
    public Training {
      if (batch < 1 || batch > ROWS_AT_A_TIME || mostEpochs < 1 || !(tolerance >= 0)) {
        throw new IllegalArgumentException(
            "Training has batch "
                + batch
                + ", "
                + mostEpochs
                + " epochs and tolerance "
                + tolerance
                + ", expected 1 to "
                + ROWS_AT_A_TIME
                + ", at least 1, at least 0");
      }
    }

    /** The paper's: Adam 1e-4, mini-batches of 32. */
    public static Training paper(double tolerance, int mostEpochs) {
      return new Training(Adam.withRate(1e-4f), 32, tolerance, mostEpochs, false, false);
    }
  }

  /**
   * Everything that training changes.
   *
   * @param parameters of the network
   * @param adam of the optimiser
   * @param random of the order of rows
   */
  public record State(float[] parameters, AdamState adam, long random) {
    /** A deep copy. */
    public State copy() {
      return new State(parameters.clone(), adam.copy(), random);
    }
  }

  private final DenseNetwork network;
  private final Training training;
  private final float[] gradient;
  private final double[] meanGradient;
  private State state;

  /** A network with random parameters. */
  public SoftmaxNetwork(Kernels kernels, int features, Training training, long seed) {
    network =
        new DenseNetwork(
            kernels,
            List.of(
                new DenseNetwork.Layer(features, FIRST_UNITS, false),
                new DenseNetwork.Layer(FIRST_UNITS, SECOND_UNITS, true),
                new DenseNetwork.Layer(SECOND_UNITS, CLASSES, false)),
            ROWS_AT_A_TIME);
    this.training = training;
    SeededRandom random = new SeededRandom(seed);
    float[] parameters = network.initialise(random);
    state = new State(parameters, new AdamState(parameters.length), random.state());
    gradient = new float[parameters.length];
    meanGradient = new double[parameters.length];
  }

  /** A copy of all that training changes. */
  public State save() {
    return state.copy();
  }

  /** Goes back to what was saved; takes ownership of it. */
  public void restore(State saved) {
    state = saved;
  }

  /**
   * Trains until the norm of the gradient is at most the tolerance, or as many epochs as allowed.
   *
   * @return epochs
   */
  public int train(LabelledRows rows) {
    SeededRandom random = new SeededRandom(state.random);
    int[] order = Indices.range(rows.size());
    int epochs = 0;
    double norm = Double.POSITIVE_INFINITY;
    while (epochs < training.mostEpochs && norm > training.tolerance) {
      Indices.shuffle(order, random);
      norm = epoch(rows, order);
      epochs++;
    }
    state = new State(state.parameters, state.adam, random.state());
    return epochs;
  }

  /** One pass; returns the norm of the gradient. */
  private double epoch(LabelledRows rows, int[] order) {
    Arrays.fill(meanGradient, 0);
    for (int from = 0; from < order.length; from += training.batch) {
      int n = Math.min(training.batch, order.length - from);
      load(rows, order, from, n);
      float[] logits = network.forward(state.parameters, n);
      slopes(rows, order, from, n, logits);
      network.backward(state.parameters, n, gradient);
      if (!training.lastBatchOnly) {
        double share = (double) n / order.length;
        for (int i = 0; i < gradient.length; i++) {
          meanGradient[i] += share * gradient[i];
        }
      }
      training.adam.step(state.parameters, gradient, state.adam);
    }
    double squares = 0;
    for (int i = 0; i < gradient.length; i++) {
      double g = training.lastBatchOnly ? gradient[i] : meanGradient[i];
      squares += g * g;
    }
    return Math.sqrt(squares);
  }

  private void load(LabelledRows rows, int[] order, int from, int n) {
    for (int r = 0; r < n; r++) {
      float[] row = rows.x()[order == null ? from + r : order[from + r]];
      System.arraycopy(row, 0, network.inputs(), network.inputAt(r), row.length);
    }
  }

  /** Gradient of the mean loss by the logits. */
  private void slopes(LabelledRows rows, int[] order, int from, int n, float[] logits) {
    int stride = network.outputStride();
    float[] slopes = network.outputSlopes();
    for (int r = 0; r < n; r++) {
      int label = rows.y()[order[from + r]];
      // The logits' difference is all that a softmax of two sees.
      double p = sigmoid((double) logits[r * stride + 1] - logits[r * stride]);
      double slope;
      if (training.doubleSoftmax) {
        double again = sigmoid(p - (1 - p));
        slope = (again - label) * 2 * p * (1 - p);
      } else {
        slope = p - label;
      }
      slopes[r * stride] = (float) (-slope / n);
      slopes[r * stride + 1] = (float) (slope / n);
    }
  }

  private static double sigmoid(double margin) {
    return margin >= 0 ? 1 / (1 + Math.exp(-margin)) : Math.exp(margin) / (1 + Math.exp(margin));
  }

  /** Probability of the rare class of each row, {@code [n]}. */
  public double[] predict(LabelledRows rows) {
    double[] p = new double[rows.size()];
    int stride = network.outputStride();
    for (int from = 0; from < p.length; from += ROWS_AT_A_TIME) {
      int n = Math.min(ROWS_AT_A_TIME, p.length - from);
      load(rows, null, from, n);
      float[] logits = network.forward(state.parameters, n);
      for (int r = 0; r < n; r++) {
        p[from + r] = sigmoid((double) logits[r * stride + 1] - logits[r * stride]);
      }
    }
    return p;
  }

  /** The majority part of the mean loss: J(S) = (1/|S|) Σ of the frequent class's losses. */
  public double majorityLoss(LabelledRows rows) {
    double[] p = predict(rows);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      if (rows.y()[i] == LabelledRows.MAJORITY) {
        double wrong = training.doubleSoftmax ? sigmoid(2 * p[i] - 1) : p[i];
        sum -= Math.log(Math.max(1 - wrong, Double.MIN_NORMAL));
      }
    }
    return sum / p.length;
  }
}
