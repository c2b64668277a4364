package io.counterweight.support;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.ParameterLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * BATM (SPEC 4.1) in plain loops. Stateless: parameters and statistics are flat arrays in the order
 * of {@link ParameterLayout}, every method leaves its arguments as they were, and what a later
 * method needs of a forward pass is in the {@link Pass}.
 *
 * <p>Per hidden layer: linear (or EXU), normalisation, dropout, LeakyReLU. Mini-batches are rows
 * {@code [events x features]}; labels are class numbers as doubles, or regression targets.
 *
 * <p>The spec's floats are read as the decimals that they were written as: {@code 0.01f} is 2e-8
 * away from 0.01, which a comparison with the float64 reference would see.
 */
public final class ReferenceBatm {

  /**
   * A forward pass and all that its derivatives need.
   *
   * @param parameters that it was made with
   * @param batchStatistics whether normalised on the batch's own statistics, which then depend on
   *     the parameters; otherwise the statistics are constants
   * @param layers the hidden layers, empty without an encoder
   * @param lastInput input of the last linear unit {@code [events x concepts x width]}, or null
   *     without an encoder
   * @param concepts z {@code [events x concepts]}
   * @param logits {@code [events x outputs]}
   */
  public record Pass(
      double[] parameters,
      boolean batchStatistics,
      List<Layer> layers,
      double[][][] lastInput,
      double[][] concepts,
      double[][] logits) {}

  /**
   * One hidden layer of a pass; arrays are {@code [events x concepts x units]} unless said
   * otherwise.
   *
   * @param input its units are features of the concept in layer 0
   * @param unclipped output of the linear map, before EXU's clip
   * @param linear output of the linear map
   * @param mean {@code [concepts x units]}, null where nothing is normalised
   * @param variance {@code [concepts x units]}, null where nothing is normalised
   * @param normalised (linear − mean) / sqrt(variance + epsilon), or linear itself
   * @param mask 0 or 1 / (1 − dropout), null for all ones
   * @param activation input of LeakyReLU
   */
  public record Layer(
      double[][][] input,
      double[][][] unclipped,
      double[][][] linear,
      double[][] mean,
      double[][] variance,
      double[][][] normalised,
      double[][][] mask,
      double[][][] activation) {}

  private final BatmSpec spec;
  private final ParameterLayout layout;
  private final ParameterLayout statisticsLayout;
  private final int concepts;
  private final int outputs;
  private final int rank;
  private final boolean exu;
  private final double momentum;
  private final double epsilon;
  private final double leakySlope;
  private final double expansionPoint;
  private final double outputPenalty;

  public ReferenceBatm(BatmSpec spec) {
    this.spec = spec;
    layout = ParameterLayout.parameters(spec);
    statisticsLayout = ParameterLayout.statistics(spec);
    concepts = spec.conceptCount();
    outputs = spec.outputs();
    rank = spec.rank();
    exu = spec.encoder() && spec.inputLayer() == InputLayer.EXU;
    momentum = decimal(spec.normalisationMomentum());
    epsilon = decimal(spec.normalisationEpsilon());
    leakySlope = decimal(spec.leakySlope());
    expansionPoint = decimal(spec.expansionPoint());
    outputPenalty = decimal(spec.outputPenalty());
  }

  static double decimal(float value) {
    return Double.parseDouble(Float.toString(value));
  }

  public BatmSpec spec() {
    return spec;
  }

  /** Coefficient of mean(z²) in the training objective. */
  public double outputPenalty() {
    return outputPenalty;
  }

  // ------------------------------------------------------------------------------------ forward

  /**
   * The forward pass inside a training step: the batch's own statistics with {@code BATCH}, the
   * given ones as constants with {@code RUNNING}.
   *
   * @param masks dropout {@code [layers x events x concepts x units]}, 0 or 1 / (1 − dropout); or
   *     null for none
   */
  public Pass stepForward(
      double[] parameters, double[] statistics, double[][] x, double[][][][] masks) {
    return forward(parameters, statistics, x, spec.normalisation() == Normalisation.BATCH, masks);
  }

  /** The forward pass of a prediction: the given statistics, no dropout. */
  public Pass evalForward(double[] parameters, double[] statistics, double[][] x) {
    return forward(parameters, statistics, x, false, null);
  }

  private Pass forward(
      double[] parameters,
      double[] statistics,
      double[][] x,
      boolean batchStatistics,
      double[][][][] masks) {
    requireLength("parameters", layout.size(), parameters.length);
    requireLength("statistics", statisticsLayout.size(), statistics.length);
    List<Layer> layers = new ArrayList<>();
    double[][] z = new double[x.length][];
    double[][][] a = null;
    if (spec.encoder()) {
      a = featuresByConcept(x);
      for (int l = 0; l < spec.hidden().size(); l++) {
        double[][] mean = null;
        double[][] variance = null;
        double[][][] unclipped = linear(parameters, l, a);
        double[][][] linear = isExu(l) ? clip(unclipped) : unclipped;
        if (spec.isNormalised()) {
          mean = batchStatistics ? meanOf(linear) : statistic(statistics, l, "mean");
          variance =
              batchStatistics ? squaresAround(linear, mean) : statistic(statistics, l, "var");
        }
        double[][][] normalised = normalise(linear, mean, variance);
        double[][][] mask = masks == null ? null : masks[l];
        double[][][] activation = masked(scaled(parameters, l, normalised), mask);
        layers.add(new Layer(a, unclipped, linear, mean, variance, normalised, mask, activation));
        a = leakyRelu(activation);
      }
      double[][][] last = linear(parameters, spec.hidden().size(), a);
      for (int i = 0; i < x.length; i++) {
        z[i] = new double[concepts];
        for (int c = 0; c < concepts; c++) {
          z[i][c] = last[i][c][0];
        }
      }
    } else {
      for (int i = 0; i < x.length; i++) {
        requireLength("features of event " + i, spec.features(), x[i].length);
        z[i] = x[i].clone();
      }
    }
    return new Pass(parameters.clone(), batchStatistics, layers, a, z, polynomial(parameters, z));
  }

  /** f(z) {@code [events x outputs]} for concepts z {@code [events x concepts]}. */
  public double[][] polynomial(double[] parameters, double[][] z) {
    double[][] logits = new double[z.length][outputs];
    for (int i = 0; i < z.length; i++) {
      double[] centred = centred(z[i]);
      for (int q = 0; q < outputs; q++) {
        logits[i][q] = parameters[layout.offset("const") + q];
      }
      for (int k = 1; k <= spec.order(); k++) {
        double[] core = core(parameters, k, kronecker(factors(parameters, k, centred)));
        int o = layout.offset("O" + k);
        for (int q = 0; q < outputs; q++) {
          for (int a = 0; a < rank; a++) {
            logits[i][q] += parameters[o + q * rank + a] * core[a];
          }
        }
      }
    }
    return logits;
  }

  /** Softmax cross-entropy of each event, or its squared error for one output {@code [events]}. */
  public double[] losses(Pass pass, double[] y) {
    requireLength("labels", pass.logits().length, y.length);
    double[] losses = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      double[] f = pass.logits()[i];
      losses[i] = outputs == 1 ? (f[0] - y[i]) * (f[0] - y[i]) : logSumExp(f) - f[label(y[i])];
    }
    return losses;
  }

  /** Σ wᵢ lossᵢ + penalty · mean(z²). */
  public double objective(Pass pass, double[] y, double[] weights, double penalty) {
    double[] losses = losses(pass, y);
    double sum = 0;
    for (int i = 0; i < losses.length; i++) {
      sum += weights[i] * losses[i];
    }
    double squares = 0;
    for (double[] z : pass.concepts()) {
      for (double value : z) {
        squares += value * value;
      }
    }
    return sum + penalty * squares / (losses.length * concepts);
  }

  // ----------------------------------------------------------------------------------- backward

  /**
   * Gradient of {@link #objective} by the parameters, weights held constant, batch statistics not.
   *
   * @param weights {@code [events]}
   * @param penalty {@link #outputPenalty()}, or 0 for a loss without penalty
   * @return in the order of the parameters
   */
  public double[] gradient(Pass pass, double[] y, double[] weights, double penalty) {
    int n = pass.logits().length;
    requireLength("weights", n, weights.length);
    double[] p = pass.parameters();
    double[] gradient = new double[layout.size()];
    double[][] dz = new double[n][concepts];
    for (int i = 0; i < n; i++) {
      double[] dLogits = lossSlopes(pass.logits()[i], y[i]);
      for (int q = 0; q < outputs; q++) {
        dLogits[q] *= weights[i];
        gradient[layout.offset("const") + q] += dLogits[q];
      }
      double[] z = pass.concepts()[i];
      for (int c = 0; c < concepts; c++) {
        dz[i][c] = 2 * penalty * z[c] / (n * concepts);
      }
      for (int k = 1; k <= spec.order(); k++) {
        termBackward(p, k, centred(z), dLogits, gradient, dz[i]);
      }
    }
    if (spec.encoder()) {
      encoderBackward(pass, dz, gradient);
    }
    return gradient;
  }

  /** Adds to {@code gradient} and {@code dz} what order k passes back for one event. */
  private void termBackward(
      double[] p, int k, double[] centred, double[] dLogits, double[] gradient, double[] dz) {
    int o = layout.offset("O" + k);
    int in = layout.offset("I" + k);
    int g = layout.offset("G" + k);
    double[][] u = factors(p, k, centred);
    double[] kronecker = kronecker(u);
    double[] core = core(p, k, kronecker);
    double[] dCore = new double[rank];
    for (int q = 0; q < outputs; q++) {
      for (int a = 0; a < rank; a++) {
        gradient[o + q * rank + a] += dLogits[q] * core[a];
        dCore[a] += dLogits[q] * p[o + q * rank + a];
      }
    }
    double[][] du = new double[k][rank];
    for (int e = 0; e < kronecker.length; e++) {
      double dKronecker = 0;
      for (int a = 0; a < rank; a++) {
        gradient[g + a * kronecker.length + e] += dCore[a] * kronecker[e];
        dKronecker += dCore[a] * p[g + a * kronecker.length + e];
      }
      for (int j = 0; j < k; j++) {
        du[j][digit(e, j)] += dKronecker * productWithout(u, e, j);
      }
    }
    for (int j = 0; j < k; j++) {
      for (int a = 0; a < rank; a++) {
        for (int c = 0; c < concepts; c++) {
          int at = in + (j * rank + a) * concepts + c;
          gradient[at] += du[j][a] * centred[c];
          dz[c] += du[j][a] * p[at];
        }
      }
    }
  }

  private void encoderBackward(Pass pass, double[][] dz, double[] gradient) {
    double[] p = pass.parameters();
    double[][][] d = new double[dz.length][concepts][1];
    for (int i = 0; i < dz.length; i++) {
      for (int c = 0; c < concepts; c++) {
        d[i][c][0] = dz[i][c];
      }
    }
    int last = spec.hidden().size();
    d = linearBackward(p, last, pass.lastInput(), d, gradient);
    for (int l = last - 1; l >= 0; l--) {
      Layer layer = pass.layers().get(l);
      int width = spec.hidden().get(l);
      for (int i = 0; i < d.length; i++) {
        for (int c = 0; c < concepts; c++) {
          for (int o = 0; o < width; o++) {
            d[i][c][o] *= leakySlope(layer.activation()[i][c][o]);
            d[i][c][o] *= layer.mask() == null ? 1 : layer.mask()[i][c][o];
          }
        }
      }
      if (spec.isNormalised()) {
        normaliseBackward(pass, l, d, gradient);
      }
      if (isExu(l)) {
        exuBackward(p, layer, d, gradient);
      } else {
        d = linearBackward(p, l, layer.input(), d, gradient);
      }
    }
  }

  /** Turns d from the slope by a normalised layer's output into that by its input, in place. */
  private void normaliseBackward(Pass pass, int l, double[][][] d, double[] gradient) {
    Layer layer = pass.layers().get(l);
    int n = d.length;
    int width = spec.hidden().get(l);
    for (int c = 0; c < concepts; c++) {
      for (int o = 0; o < width; o++) {
        int gamma = layout.offset("bn" + l + ".gamma") + c * width + o;
        int beta = layout.offset("bn" + l + ".beta") + c * width + o;
        double sum = 0;
        double sumTimesNormalised = 0;
        for (int i = 0; i < n; i++) {
          sum += d[i][c][o];
          sumTimesNormalised += d[i][c][o] * layer.normalised()[i][c][o];
        }
        gradient[beta] += sum;
        gradient[gamma] += sumTimesNormalised;
        double scale = pass.parameters()[gamma] / Math.sqrt(layer.variance()[c][o] + epsilon);
        for (int i = 0; i < n; i++) {
          double own = d[i][c][o];
          if (pass.batchStatistics()) {
            own -= (sum + layer.normalised()[i][c][o] * sumTimesNormalised) / n;
          }
          d[i][c][o] = scale * own;
        }
      }
    }
  }

  private double[][][] linearBackward(
      double[] p, int l, double[][][] input, double[][][] d, double[] gradient) {
    double[][][] dInput = new double[d.length][concepts][];
    for (int c = 0; c < concepts; c++) {
      int weights = weights(l, c);
      int biases = biases(l, c);
      for (int i = 0; i < d.length; i++) {
        int in = input[i][c].length;
        dInput[i][c] = new double[in];
        for (int o = 0; o < d[i][c].length; o++) {
          gradient[biases + o] += d[i][c][o];
          for (int j = 0; j < in; j++) {
            gradient[weights + o * in + j] += d[i][c][o] * input[i][c][j];
            dInput[i][c][j] += d[i][c][o] * p[weights + o * in + j];
          }
        }
      }
    }
    return dInput;
  }

  private void exuBackward(double[] p, Layer layer, double[][][] d, double[] gradient) {
    for (int c = 0; c < concepts; c++) {
      int weights = weights(0, c);
      int biases = biases(0, c);
      for (int i = 0; i < d.length; i++) {
        int width = d[i][c].length;
        for (int o = 0; o < width; o++) {
          if (isClipped(layer.unclipped()[i][c][o])) {
            continue;
          }
          for (int j = 0; j < layer.input()[i][c].length; j++) {
            double exp = Math.exp(p[weights + j * width + o]);
            gradient[weights + j * width + o] +=
                d[i][c][o] * (layer.input()[i][c][j] - p[biases + j]) * exp;
            gradient[biases + j] -= d[i][c][o] * exp;
          }
        }
      }
    }
  }

  // ---------------------------------------------------------------------------------------- JVP

  /**
   * Tangent of every event's loss along a direction of the parameters: d/dε lossᵢ(p + ε direction)
   * at ε = 0 {@code [events]}, through batch statistics where the pass used them.
   */
  public double[] lossTangents(Pass pass, double[] y, double[] direction) {
    requireLength("direction", layout.size(), direction.length);
    double[][] dz = conceptTangents(pass, direction);
    double[] tangents = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      double[] dLogits = logitTangents(pass.parameters(), direction, pass.concepts()[i], dz[i]);
      double[] slopes = lossSlopes(pass.logits()[i], y[i]);
      for (int q = 0; q < outputs; q++) {
        tangents[i] += slopes[q] * dLogits[q];
      }
    }
    return tangents;
  }

  private double[] logitTangents(double[] p, double[] direction, double[] z, double[] dz) {
    double[] centred = centred(z);
    double[] tangents = new double[outputs];
    for (int q = 0; q < outputs; q++) {
      tangents[q] = direction[layout.offset("const") + q];
    }
    for (int k = 1; k <= spec.order(); k++) {
      int o = layout.offset("O" + k);
      double[][] u = factors(p, k, centred);
      double[][] du = factors(direction, k, centred);
      double[][] duByConcepts = factors(p, k, dz);
      for (int j = 0; j < k; j++) {
        for (int a = 0; a < rank; a++) {
          du[j][a] += duByConcepts[j][a];
        }
      }
      double[] kronecker = kronecker(u);
      double[] dKronecker = new double[kronecker.length];
      for (int e = 0; e < kronecker.length; e++) {
        for (int j = 0; j < k; j++) {
          dKronecker[e] += du[j][digit(e, j)] * productWithout(u, e, j);
        }
      }
      double[] core = core(p, k, kronecker);
      double[] dCore = core(direction, k, kronecker);
      double[] dCoreByFactors = core(p, k, dKronecker);
      for (int q = 0; q < outputs; q++) {
        for (int a = 0; a < rank; a++) {
          tangents[q] +=
              direction[o + q * rank + a] * core[a]
                  + p[o + q * rank + a] * (dCore[a] + dCoreByFactors[a]);
        }
      }
    }
    return tangents;
  }

  private double[][] conceptTangents(Pass pass, double[] direction) {
    int n = pass.concepts().length;
    double[][] dz = new double[n][concepts];
    if (!spec.encoder()) {
      return dz;
    }
    double[] p = pass.parameters();
    double[][][] da = null; // the features do not depend on the parameters
    for (int l = 0; l < spec.hidden().size(); l++) {
      Layer layer = pass.layers().get(l);
      double[][][] d =
          isExu(l)
              ? exuTangents(p, direction, layer)
              : linearTangents(p, direction, l, layer.input(), da);
      if (spec.isNormalised()) {
        d = normaliseTangents(pass, direction, l, d);
      }
      for (int i = 0; i < n; i++) {
        for (int c = 0; c < concepts; c++) {
          for (int o = 0; o < d[i][c].length; o++) {
            d[i][c][o] *= layer.mask() == null ? 1 : layer.mask()[i][c][o];
            d[i][c][o] *= leakySlope(layer.activation()[i][c][o]);
          }
        }
      }
      da = d;
    }
    double[][][] last = linearTangents(p, direction, spec.hidden().size(), pass.lastInput(), da);
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < concepts; c++) {
        dz[i][c] = last[i][c][0];
      }
    }
    return dz;
  }

  private double[][][] linearTangents(
      double[] p, double[] direction, int l, double[][][] input, double[][][] dInput) {
    double[][][] d = new double[input.length][concepts][width(l)];
    for (int c = 0; c < concepts; c++) {
      int weights = weights(l, c);
      for (int i = 0; i < input.length; i++) {
        int in = input[i][c].length;
        for (int o = 0; o < width(l); o++) {
          d[i][c][o] = direction[biases(l, c) + o];
          for (int j = 0; j < in; j++) {
            d[i][c][o] += direction[weights + o * in + j] * input[i][c][j];
            if (dInput != null) {
              d[i][c][o] += p[weights + o * in + j] * dInput[i][c][j];
            }
          }
        }
      }
    }
    return d;
  }

  private double[][][] exuTangents(double[] p, double[] direction, Layer layer) {
    double[][][] input = layer.input();
    double[][][] d = new double[input.length][concepts][width(0)];
    for (int c = 0; c < concepts; c++) {
      for (int i = 0; i < input.length; i++) {
        for (int o = 0; o < width(0); o++) {
          if (isClipped(layer.unclipped()[i][c][o])) {
            continue;
          }
          for (int j = 0; j < input[i][c].length; j++) {
            int weight = weights(0, c) + j * width(0) + o;
            int bias = biases(0, c) + j;
            d[i][c][o] +=
                Math.exp(p[weight])
                    * ((input[i][c][j] - p[bias]) * direction[weight] - direction[bias]);
          }
        }
      }
    }
    return d;
  }

  private double[][][] normaliseTangents(
      Pass pass, double[] direction, int l, double[][][] dLinear) {
    Layer layer = pass.layers().get(l);
    int n = dLinear.length;
    int width = spec.hidden().get(l);
    double[][][] d = new double[n][concepts][width];
    for (int c = 0; c < concepts; c++) {
      for (int o = 0; o < width; o++) {
        int gamma = layout.offset("bn" + l + ".gamma") + c * width + o;
        int beta = layout.offset("bn" + l + ".beta") + c * width + o;
        double deviation = Math.sqrt(layer.variance()[c][o] + epsilon);
        double dMean = 0;
        double dVariance = 0;
        if (pass.batchStatistics()) {
          for (int i = 0; i < n; i++) {
            dMean += dLinear[i][c][o] / n;
          }
          for (int i = 0; i < n; i++) {
            double centred = layer.linear()[i][c][o] - layer.mean()[c][o];
            dVariance += 2 * centred * (dLinear[i][c][o] - dMean) / n;
          }
        }
        double dDeviation = dVariance / (2 * deviation);
        for (int i = 0; i < n; i++) {
          double normalised = layer.normalised()[i][c][o];
          double dNormalised = (dLinear[i][c][o] - dMean - normalised * dDeviation) / deviation;
          d[i][c][o] =
              direction[gamma] * normalised
                  + pass.parameters()[gamma] * dNormalised
                  + direction[beta];
        }
      }
    }
    return d;
  }

  // --------------------------------------------------------------------------------- statistics

  /** Statistics before any event: mean 0, variance 1, count 0. */
  public double[] initialStatistics() {
    double[] statistics = new double[statisticsLayout.size()];
    for (ParameterLayout.Block block : statisticsLayout.blocks()) {
      if (block.name().endsWith(".var")) {
        Arrays.fill(statistics, block.offset(), block.offset() + block.size(), 1);
      }
    }
    return statistics;
  }

  /**
   * {@code RUNNING}: statistics with a train batch folded in, layer by layer, each layer normalised
   * by what was just folded; no dropout. The first batch sets mean and biased variance. Later
   * variance ← (1 − m) variance + m mean((a − old mean)²) and mean ← (1 − m) mean + m mean(a). A
   * model that is not normalised keeps its (empty) statistics.
   */
  public double[] foldRunning(double[] parameters, double[] statistics, double[][] x) {
    double[] folded = statistics.clone();
    if (!spec.isNormalised()) {
      return folded;
    }
    if (spec.normalisation() != Normalisation.RUNNING) {
      throw new IllegalArgumentException(
          "Normalisation is " + spec.normalisation() + ", expected RUNNING; see foldBatch");
    }
    int count = statisticsLayout.offset("count");
    boolean first = statistics[count] == 0;
    double[][][] a = featuresByConcept(x);
    for (int l = 0; l < spec.hidden().size(); l++) {
      double[][][] linear = linear(parameters, l, a);
      if (isExu(l)) {
        linear = clip(linear);
      }
      double[][] batchMean = meanOf(linear);
      double[][] oldMean = statistic(statistics, l, "mean");
      double[][] squares = squaresAround(linear, first ? batchMean : oldMean);
      fold(folded, l, "mean", batchMean, first ? 1 : momentum);
      fold(folded, l, "var", squares, first ? 1 : momentum);
      a =
          leakyRelu(
              scaled(
                  parameters,
                  l,
                  normalise(linear, statistic(folded, l, "mean"), statistic(folded, l, "var"))));
    }
    folded[count]++;
    return folded;
  }

  /**
   * {@code BATCH}: the statistics of predictions after a pass on the batch's own: exponential means
   * of its means and unbiased variances. A model that is not normalised keeps its (empty)
   * statistics.
   */
  public double[] foldBatch(Pass pass, double[] statistics) {
    double[] folded = statistics.clone();
    if (!spec.isNormalised()) {
      return folded;
    }
    int n = pass.logits().length;
    if (!pass.batchStatistics() || n < 2) {
      throw new IllegalArgumentException(
          "Expected a training pass with BATCH normalisation of at least 2 events, found "
              + spec.normalisation()
              + " and "
              + n
              + " events");
    }
    for (int l = 0; l < spec.hidden().size(); l++) {
      Layer layer = pass.layers().get(l);
      double[][] unbiased = new double[concepts][width(l)];
      for (int c = 0; c < concepts; c++) {
        for (int o = 0; o < width(l); o++) {
          unbiased[c][o] = layer.variance()[c][o] * n / (n - 1);
        }
      }
      fold(folded, l, "mean", layer.mean(), momentum);
      fold(folded, l, "var", unbiased, momentum);
    }
    return folded;
  }

  private void fold(double[] statistics, int l, String name, double[][] newest, double weight) {
    int offset = statisticsLayout.offset("bn" + l + "." + name);
    for (int c = 0; c < concepts; c++) {
      for (int o = 0; o < width(l); o++) {
        int at = offset + c * width(l) + o;
        statistics[at] = (1 - weight) * statistics[at] + weight * newest[c][o];
      }
    }
  }

  private double[][] statistic(double[] statistics, int l, String name) {
    int offset = statisticsLayout.offset("bn" + l + "." + name);
    double[][] values = new double[concepts][];
    for (int c = 0; c < concepts; c++) {
      values[c] =
          Arrays.copyOfRange(statistics, offset + c * width(l), offset + (c + 1) * width(l));
    }
    return values;
  }

  // -------------------------------------------------------------------- interpretation, sparsity

  /**
   * Coefficients of the polynomial in z − x0, not symmetrised: entry 0 is const {@code [K]}, entry
   * k is A_k {@code [K x C x … x C]} row-major, k times C, the concept of factor 0 first.
   */
  public List<double[]> taylorCoefficients(double[] parameters) {
    List<double[]> coefficients = new ArrayList<>();
    int constant = layout.offset("const");
    coefficients.add(Arrays.copyOfRange(parameters, constant, constant + outputs));
    for (int k = 1; k <= spec.order(); k++) {
      int o = layout.offset("O" + k);
      int in = layout.offset("I" + k);
      int g = layout.offset("G" + k);
      int cores = power(rank, k);
      int monomials = power(concepts, k);
      double[] terms = new double[outputs * monomials];
      for (int q = 0; q < outputs; q++) {
        for (int e = 0; e < cores; e++) {
          double core = 0;
          for (int a = 0; a < rank; a++) {
            core += parameters[o + q * rank + a] * parameters[g + a * cores + e];
          }
          for (int t = 0; t < monomials; t++) {
            double product = core;
            for (int j = 0; j < k; j++) {
              int c = t / power(concepts, k - 1 - j) % concepts;
              product *= parameters[in + (j * rank + digit(e, j)) * concepts + c];
            }
            terms[q * monomials + t] += product;
          }
        }
      }
      coefficients.add(terms);
    }
    return coefficients;
  }

  /**
   * Exact additive attribution against z = x0: φ_c = (z_c − x0) Σ_k (1/k) ∂f_k/∂z_c, so that const
   * + Σ φ_c = f(z).
   *
   * @param z {@code [events x concepts]}
   * @return {@code [events x outputs x concepts]}
   */
  public double[][][] contributions(double[] parameters, double[][] z) {
    double[][][] phi = new double[z.length][outputs][concepts];
    for (int i = 0; i < z.length; i++) {
      double[] centred = centred(z[i]);
      for (int q = 0; q < outputs; q++) {
        double[] onlyThisOutput = new double[outputs];
        onlyThisOutput[q] = 1;
        for (int k = 1; k <= spec.order(); k++) {
          double[] slopes = new double[concepts];
          termBackward(parameters, k, centred, onlyThisOutput, new double[layout.size()], slopes);
          for (int c = 0; c < concepts; c++) {
            phi[i][q][c] += centred[c] * slopes[c] / k;
          }
        }
      }
    }
    return phi;
  }

  /**
   * Proximal group lasso, one group for each concept: all I_k[:, :, c] of all orders, shrunk to
   * norm max(0, norm − threshold · sqrt(entries of the group)).
   *
   * @param threshold learning rate times lambda
   * @return new parameters
   */
  public double[] proxConceptGroupLasso(double[] parameters, double threshold) {
    double[] shrunk = parameters.clone();
    for (int c = 0; c < concepts; c++) {
      int size = 0;
      double squares = 0;
      for (int k = 1; k <= spec.order(); k++) {
        for (int row = 0; row < k * rank; row++) {
          double entry = parameters[layout.offset("I" + k) + row * concepts + c];
          squares += entry * entry;
          size++;
        }
      }
      double norm = Math.max(Math.sqrt(squares), 1e-30);
      double scale = Math.max(0, 1 - threshold * Math.sqrt(size) / norm);
      for (int k = 1; k <= spec.order(); k++) {
        for (int row = 0; row < k * rank; row++) {
          shrunk[layout.offset("I" + k) + row * concepts + c] *= scale;
        }
      }
    }
    return shrunk;
  }

  /**
   * How far the pass is from the nearest kink of LeakyReLU or of EXU's clip, in units of what is
   * compared there: where differences may be trusted. What EXU clips to 0 is at LeakyReLU's kink,
   * but stays there.
   */
  public double distanceToKink(Pass pass) {
    double distance = Double.POSITIVE_INFINITY;
    for (int l = 0; l < pass.layers().size(); l++) {
      Layer layer = pass.layers().get(l);
      for (int i = 0; i < layer.activation().length; i++) {
        for (int c = 0; c < concepts; c++) {
          for (int o = 0; o < width(l); o++) {
            boolean exactly0 = isExu(l) && !spec.isNormalised() && layer.unclipped()[i][c][o] < 0;
            boolean dropped = layer.mask() != null && layer.mask()[i][c][o] == 0;
            if (!exactly0 && !dropped) {
              distance = Math.min(distance, Math.abs(layer.activation()[i][c][o]));
            }
            if (isExu(l)) {
              double value = layer.unclipped()[i][c][o];
              distance = Math.min(distance, Math.min(Math.abs(value), Math.abs(value - 1)));
            }
          }
        }
      }
    }
    return distance;
  }

  // --------------------------------------------------------------------------------- the encoder

  private double[][][] featuresByConcept(double[][] x) {
    double[][][] grouped = new double[x.length][concepts][];
    for (int i = 0; i < x.length; i++) {
      requireLength("features of event " + i, spec.features(), x[i].length);
      for (int c = 0; c < concepts; c++) {
        List<Integer> features = spec.concepts().get(c).features();
        grouped[i][c] = new double[features.size()];
        for (int j = 0; j < features.size(); j++) {
          grouped[i][c][j] = x[i][features.get(j)];
        }
      }
    }
    return grouped;
  }

  /** W a + b of layer l, or (a − b) exp(W), not yet clipped, of an EXU layer. */
  private double[][][] linear(double[] p, int l, double[][][] a) {
    int width = width(l);
    double[][][] out = new double[a.length][concepts][width];
    for (int c = 0; c < concepts; c++) {
      int weights = weights(l, c);
      int biases = biases(l, c);
      for (int i = 0; i < a.length; i++) {
        int in = a[i][c].length;
        for (int o = 0; o < width; o++) {
          double sum = isExu(l) ? 0 : p[biases + o];
          for (int j = 0; j < in; j++) {
            sum +=
                isExu(l)
                    ? (a[i][c][j] - p[biases + j]) * Math.exp(p[weights + j * width + o])
                    : a[i][c][j] * p[weights + o * in + j];
          }
          out[i][c][o] = sum;
        }
      }
    }
    return out;
  }

  private double[][][] clip(double[][][] values) {
    double[][][] clipped = like(values);
    for (int i = 0; i < values.length; i++) {
      for (int c = 0; c < concepts; c++) {
        for (int o = 0; o < values[i][c].length; o++) {
          clipped[i][c][o] = Math.min(1, Math.max(0, values[i][c][o]));
        }
      }
    }
    return clipped;
  }

  private double[][][] normalise(double[][][] linear, double[][] mean, double[][] variance) {
    if (!spec.isNormalised()) {
      return linear;
    }
    double[][][] normalised = like(linear);
    for (int i = 0; i < linear.length; i++) {
      for (int c = 0; c < concepts; c++) {
        for (int o = 0; o < linear[i][c].length; o++) {
          normalised[i][c][o] =
              (linear[i][c][o] - mean[c][o]) / Math.sqrt(variance[c][o] + epsilon);
        }
      }
    }
    return normalised;
  }

  private double[][][] scaled(double[] p, int l, double[][][] normalised) {
    if (!spec.isNormalised()) {
      return normalised;
    }
    int gammas = layout.offset("bn" + l + ".gamma");
    int betas = layout.offset("bn" + l + ".beta");
    double[][][] scaled = like(normalised);
    for (int i = 0; i < normalised.length; i++) {
      for (int c = 0; c < concepts; c++) {
        for (int o = 0; o < width(l); o++) {
          int at = c * width(l) + o;
          scaled[i][c][o] = normalised[i][c][o] * p[gammas + at] + p[betas + at];
        }
      }
    }
    return scaled;
  }

  private double[][][] masked(double[][][] values, double[][][] mask) {
    if (mask == null) {
      return values;
    }
    double[][][] masked = like(values);
    for (int i = 0; i < values.length; i++) {
      for (int c = 0; c < concepts; c++) {
        for (int o = 0; o < values[i][c].length; o++) {
          masked[i][c][o] = values[i][c][o] * mask[i][c][o];
        }
      }
    }
    return masked;
  }

  private double[][][] leakyRelu(double[][][] values) {
    double[][][] out = like(values);
    for (int i = 0; i < values.length; i++) {
      for (int c = 0; c < concepts; c++) {
        for (int o = 0; o < values[i][c].length; o++) {
          out[i][c][o] = values[i][c][o] * leakySlope(values[i][c][o]);
        }
      }
    }
    return out;
  }

  private double leakySlope(double value) {
    return value > 0 ? 1 : leakySlope;
  }

  /** The boundary itself passes gradients, as in the reference's clamp. */
  private static boolean isClipped(double value) {
    return value < 0 || value > 1;
  }

  private static double[][] meanOf(double[][][] values) {
    double[][] mean = new double[values[0].length][values[0][0].length];
    for (double[][] event : values) {
      for (int c = 0; c < event.length; c++) {
        for (int o = 0; o < event[c].length; o++) {
          mean[c][o] += event[c][o] / values.length;
        }
      }
    }
    return mean;
  }

  /** Mean over the events of (value − centre)². */
  private static double[][] squaresAround(double[][][] values, double[][] centre) {
    double[][] squares = new double[values[0].length][values[0][0].length];
    for (double[][] event : values) {
      for (int c = 0; c < event.length; c++) {
        for (int o = 0; o < event[c].length; o++) {
          double centred = event[c][o] - centre[c][o];
          squares[c][o] += centred * centred / values.length;
        }
      }
    }
    return squares;
  }

  private static double[][][] like(double[][][] values) {
    double[][][] zeros = new double[values.length][][];
    for (int i = 0; i < values.length; i++) {
      zeros[i] = new double[values[i].length][];
      for (int c = 0; c < values[i].length; c++) {
        zeros[i][c] = new double[values[i][c].length];
      }
    }
    return zeros;
  }

  private boolean isExu(int l) {
    return exu && l == 0;
  }

  private int width(int l) {
    return l < spec.hidden().size() ? spec.hidden().get(l) : 1;
  }

  /** Offset of concept c's weights of layer l: [out x in], or [in x out] for EXU. */
  private int weights(int l, int c) {
    if (l == 0) {
      return layout.offset("enc0." + c + ".W");
    }
    return layout.offset("enc" + l + ".W") + c * width(l) * width(l - 1);
  }

  /** Offset of concept c's biases of layer l: [out], or [in] for EXU. */
  private int biases(int l, int c) {
    if (l == 0) {
      return layout.offset("enc0." + c + ".b");
    }
    return layout.offset("enc" + l + ".b") + c * width(l);
  }

  // ------------------------------------------------------------------------------ the polynomial

  private double[] centred(double[] z) {
    double[] centred = new double[concepts];
    for (int c = 0; c < concepts; c++) {
      centred[c] = z[c] - expansionPoint;
    }
    return centred;
  }

  /** u_k^(j) = I_k[j] z {@code [k x rank]}. */
  private double[][] factors(double[] p, int k, double[] z) {
    int in = layout.offset("I" + k);
    double[][] u = new double[k][rank];
    for (int j = 0; j < k; j++) {
      for (int a = 0; a < rank; a++) {
        for (int c = 0; c < concepts; c++) {
          u[j][a] += p[in + (j * rank + a) * concepts + c] * z[c];
        }
      }
    }
    return u;
  }

  /** u^(k−1) ⊗ … ⊗ u^(0), factor 0 the fastest index {@code [rank^k]}. */
  private double[] kronecker(double[][] u) {
    double[] products = new double[power(rank, u.length)];
    for (int e = 0; e < products.length; e++) {
      products[e] = productWithout(u, e, -1);
    }
    return products;
  }

  /** Entry e of the Kronecker product, leaving out one factor, or none for −1. */
  private double productWithout(double[][] u, int e, int leftOut) {
    double product = 1;
    for (int j = 0; j < u.length; j++) {
      if (j != leftOut) {
        product *= u[j][digit(e, j)];
      }
    }
    return product;
  }

  /** G_k times a vector of {@code [rank^k]}: {@code [rank]}. */
  private double[] core(double[] p, int k, double[] kronecker) {
    int g = layout.offset("G" + k);
    double[] core = new double[rank];
    for (int a = 0; a < rank; a++) {
      for (int e = 0; e < kronecker.length; e++) {
        core[a] += p[g + a * kronecker.length + e] * kronecker[e];
      }
    }
    return core;
  }

  /** Index into factor j of entry e of the Kronecker product. */
  private int digit(int e, int j) {
    return e / power(rank, j) % rank;
  }

  private static int power(int base, int exponent) {
    int power = 1;
    for (int i = 0; i < exponent; i++) {
      power = Math.multiplyExact(power, base);
    }
    return power;
  }

  // ------------------------------------------------------------------------------------ the loss

  /** Slopes of one event's loss by its logits. */
  private double[] lossSlopes(double[] logits, double y) {
    if (outputs == 1) {
      return new double[] {2 * (logits[0] - y)};
    }
    double logSumExp = logSumExp(logits);
    double[] slopes = new double[outputs];
    for (int q = 0; q < outputs; q++) {
      slopes[q] = Math.exp(logits[q] - logSumExp) - (q == label(y) ? 1 : 0);
    }
    return slopes;
  }

  private int label(double y) {
    int label = (int) y;
    if (label != y || label < 0 || label >= outputs) {
      throw new IllegalArgumentException(
          "Label is " + y + ", expected a class of 0 to " + (outputs - 1));
    }
    return label;
  }

  private static double logSumExp(double[] values) {
    double largest = Arrays.stream(values).max().orElseThrow();
    double sum = 0;
    for (double value : values) {
      sum += Math.exp(value - largest);
    }
    return largest + Math.log(sum);
  }

  private static void requireLength(String name, int expected, int found) {
    if (expected != found) {
      throw new IllegalArgumentException(
          "Expected " + expected + " " + name + " but found " + found);
    }
  }
}
