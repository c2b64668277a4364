package io.counterweight.support;

import static io.counterweight.support.ReferenceComparison.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.support.ReferenceWeightNet.Normalisation;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReferenceWeightNetTest {

  private static final double[] LOSSES = {0.1, 2.0, 0.7, 1.3, 0.4};
  private static final double[] LABELS = {0, 2, 0, 2, 0};
  private static final double[][] CONCEPTS = {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}};

  @Test
  void inputsAreLossThenLabelThenConcepts() {
    ReferenceWeightNet net = net(false, true, true, Normalisation.MEAN);

    double[][] u = net.inputs(LOSSES, LABELS, CONCEPTS);

    assertThat(net.inputs()).isEqualTo(6);
    assertThat(u[1]).containsExactly(2.0, 0, 0, 1, Math.tanh(3), Math.tanh(4));
  }

  @Test
  void standardisedLossHasMeanZeroAndUnbiasedDeviationOne() {
    double[][] u = net(true, false, false, Normalisation.MEAN).inputs(LOSSES, LABELS, CONCEPTS);

    double[] standardised = Arrays.stream(u).mapToDouble(row -> row[0]).toArray();
    double squares = Arrays.stream(standardised).map(value -> value * value).sum();

    assertThat(Arrays.stream(standardised).sum()).isCloseTo(0, within(1e-12));
    assertThat(squares / (LOSSES.length - 1)).isCloseTo(1, within(1e-7));
  }

  @Test
  void sumWeightsSumToOneAndMeanWeightsAreValuesOverEvents() {
    ReferenceWeightNet sum = net(false, false, false, Normalisation.SUM);
    ReferenceWeightNet mean = net(false, false, false, Normalisation.MEAN);
    double[] theta = theta(sum, 3);
    double[][] u = sum.inputs(LOSSES, LABELS, CONCEPTS);

    double[] values = sum.values(theta, u, null);
    double[] meanWeights = mean.weights(theta, u, null, LABELS);

    assertThat(Arrays.stream(sum.weights(theta, u, null, LABELS)).sum())
        .isCloseTo(1, within(1e-12));
    for (int i = 0; i < values.length; i++) {
      assertThat(meanWeights[i]).isCloseTo(values[i] / values.length, within(1e-15));
    }
  }

  @Test
  void classWeightsHaveMeanOneInsideEachLabel() {
    ReferenceWeightNet net = net(false, true, false, Normalisation.CLASS);

    double[] weights =
        net.weights(theta(net, 3), net.inputs(LOSSES, LABELS, CONCEPTS), null, LABELS);

    int n = weights.length;
    assertThat((weights[0] + weights[2] + weights[4]) * n / 3).isCloseTo(1, within(1e-12));
    assertThat((weights[1] + weights[3]) * n / 2).isCloseTo(1, within(1e-12));
  }

  @Test
  void priorIsTheLogitOfAWeightWithoutNet() {
    ReferenceWeightNet net = net(false, false, false, Normalisation.MEAN);
    double[] prior = {-1, 0, 1, 2, 3};

    double[] values =
        net.values(new double[net.size()], net.inputs(LOSSES, LABELS, CONCEPTS), prior);

    for (int i = 0; i < prior.length; i++) {
      assertThat(values[i]).isCloseTo(1 / (1 + Math.exp(-prior[i])), within(1e-15));
    }
  }

  @ParameterizedTest
  @EnumSource(Normalisation.class)
  void vjpEqualsCentralDifferences(Normalisation normalisation) {
    ReferenceWeightNet net = net(true, true, true, normalisation);
    double[][] u = net.inputs(LOSSES, LABELS, CONCEPTS);
    double[] prior = {-1, 0.5, 0.2, 2, 0};
    double[] upstream = {0.3, -1, 0.8, 0.5, -0.2};
    for (long seed = 1; seed <= 10; seed++) {
      double[] theta = theta(net, seed);
      if (net.distanceToKink(theta, u) < 1e-3) {
        continue;
      }

      double[] differences =
          CentralDifferences.gradient(
              moved -> {
                double[] weights = net.weights(moved, u, prior, LABELS);
                double sum = 0;
                for (int i = 0; i < weights.length; i++) {
                  sum += upstream[i] * weights[i];
                }
                return sum;
              },
              theta);

      assertClose(
          "seed " + seed + ", " + normalisation,
          "vjp",
          differences,
          net.vjp(theta, u, prior, LABELS, upstream),
          1e-8);
    }
  }

  @Test
  void regressionHasNoLabelsToNormaliseBy() {
    assertThatThrownBy(
            () -> new ReferenceWeightNet(4, false, false, false, 1, 2, Normalisation.CLASS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("outputs is 1");
  }

  private static ReferenceWeightNet net(
      boolean standardised, boolean label, boolean concepts, Normalisation normalisation) {
    return new ReferenceWeightNet(4, standardised, label, concepts, 3, 2, normalisation);
  }

  private static double[] theta(ReferenceWeightNet net, long seed) {
    return new Random(seed).doubles(net.size(), -0.5, 0.5).toArray();
  }
}
