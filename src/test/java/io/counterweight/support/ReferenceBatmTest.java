package io.counterweight.support;

import static io.counterweight.support.ReferenceComparison.assertClose;
import static io.counterweight.support.ReferenceComparison.flat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.ParameterLayout;
import io.counterweight.support.RandomProblem.Options;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceBatmTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void contributionsAndConstantSumToTheOutput(int order) {
    RandomProblem problem = problem(Normalisation.RUNNING, order);
    ReferenceBatm batm = new ReferenceBatm(problem.spec());
    double[][] z = concepts(problem, batm);

    double[][][] phi = batm.contributions(problem.parameters(), z);
    double[][] sums = new double[z.length][3];
    for (int i = 0; i < z.length; i++) {
      for (int q = 0; q < 3; q++) {
        int constant = ParameterLayout.parameters(problem.spec()).offset("const") + q;
        sums[i][q] = problem.parameters()[constant] + Arrays.stream(phi[i][q]).sum();
      }
    }

    double[][] outputs = batm.polynomial(problem.parameters(), z);
    assertClose("seed 11, order " + order, "sum", flat(outputs), flat(sums), 1e-13);
  }

  @Test
  void coefficientsRebuildThePolynomial() {
    RandomProblem problem = problem(Normalisation.RUNNING, 3);
    ReferenceBatm batm = new ReferenceBatm(problem.spec());
    double[][] z = concepts(problem, batm);
    List<double[]> a = batm.taylorCoefficients(problem.parameters());

    double[][] rebuilt = new double[z.length][3];
    for (int i = 0; i < z.length; i++) {
      double[] t = Arrays.stream(z[i]).map(value -> value - 0.3).toArray();
      for (int q = 0; q < 3; q++) {
        rebuilt[i][q] = a.get(0)[q];
        for (int c0 = 0; c0 < 3; c0++) {
          rebuilt[i][q] += a.get(1)[q * 3 + c0] * t[c0];
          for (int c1 = 0; c1 < 3; c1++) {
            rebuilt[i][q] += a.get(2)[(q * 3 + c0) * 3 + c1] * t[c0] * t[c1];
            for (int c2 = 0; c2 < 3; c2++) {
              rebuilt[i][q] += a.get(3)[((q * 3 + c0) * 3 + c1) * 3 + c2] * t[c0] * t[c1] * t[c2];
            }
          }
        }
      }
    }

    double[][] outputs = batm.polynomial(problem.parameters(), z);
    assertClose("seed 11", "polynomial", flat(outputs), flat(rebuilt), 1e-12);
  }

  @Test
  void hugeThresholdRemovesEveryConcept() {
    RandomProblem problem = problem(Normalisation.RUNNING, 3);
    ReferenceBatm batm = new ReferenceBatm(problem.spec());
    double[][] z = concepts(problem, batm);

    double[] shrunk = batm.proxConceptGroupLasso(problem.parameters(), 1e9);

    int constant = ParameterLayout.parameters(problem.spec()).offset("const");
    for (double[] output : batm.polynomial(shrunk, z)) {
      assertThat(output)
          .containsExactly(Arrays.copyOfRange(problem.parameters(), constant, constant + 3));
    }
  }

  @Test
  void firstBatchSetsRunningStatistics() {
    RandomProblem problem = problem(Normalisation.RUNNING, 2);
    ReferenceBatm batm = new ReferenceBatm(problem.spec());
    double[][] x = problem.batch(8, 0).x();

    double[] folded = batm.foldRunning(problem.parameters(), batm.initialStatistics(), x);
    ReferenceBatm.Pass pass = batm.stepForward(problem.parameters(), folded, x, null);

    // Normalised by its own statistics, each unit has mean 0 and variance 1.
    for (ReferenceBatm.Layer layer : pass.layers()) {
      double sum = 0;
      double squares = 0;
      for (double[][] event : layer.normalised()) {
        sum += event[0][0];
        squares += event[0][0] * event[0][0];
      }
      assertThat(sum / 8).isCloseTo(0, within(1e-12));
      assertThat(squares / 8).isCloseTo(1, within(1e-2));
    }
    assertThat(folded[folded.length - 1]).isEqualTo(1);
  }

  @Test
  void foldingDoesNotChangeItsArguments() {
    RandomProblem problem = problem(Normalisation.RUNNING, 2);
    ReferenceBatm batm = new ReferenceBatm(problem.spec());
    double[] before = problem.statistics().clone();

    double[] folded =
        batm.foldRunning(problem.parameters(), problem.statistics(), problem.batch(8, 0).x());

    assertThat(problem.statistics()).containsExactly(before);
    assertThat(folded).isNotEqualTo(before);
  }

  @Test
  void batchNormalisationOfOneEventHasNoUnbiasedVariance() {
    RandomProblem problem = problem(Normalisation.BATCH, 2);
    ReferenceBatm batm = new ReferenceBatm(problem.spec());
    ReferenceBatm.Pass pass =
        batm.stepForward(problem.parameters(), problem.statistics(), problem.batch(1, 0).x(), null);

    assertThatThrownBy(() -> batm.foldBatch(pass, problem.statistics()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 2 events");
  }

  private static RandomProblem problem(Normalisation normalisation, int order) {
    return RandomProblem.draw(
        new Options(normalisation, InputLayer.LINEAR, order, 3, true, false, 0.3f), 11);
  }

  private static double[][] concepts(RandomProblem problem, ReferenceBatm batm) {
    return batm.stepForward(
            problem.parameters(), problem.statistics(), problem.batch(6, 0).x(), null)
        .concepts();
  }
}
