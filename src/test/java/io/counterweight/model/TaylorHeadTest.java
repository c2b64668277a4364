package io.counterweight.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.support.Floats;
import io.counterweight.support.ReferenceBatm;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaylorHeadTest {
  private static final int CONCEPTS = 5;
  private static final int OUTPUTS = 3;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void contributionsSumToTheDifferenceFromTheBaseline(int order) {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(100L * order + seed);
      BatmSpec spec = spec(order);
      TaylorHead head = head(spec);
      float[] parameters = parameters(spec, random);
      double[] z = point(random);
      double[] baseline = point(random);
      double[] mix = {-1, 0.25, random.nextGaussian()};
      double[] phi = new double[CONCEPTS];

      head.contributions(parameters, mix, z, baseline, phi);

      double difference = value(spec, parameters, mix, z) - value(spec, parameters, mix, baseline);
      assertThat(Arrays.stream(phi).sum())
          .as("order %d, seed %d", order, seed)
          .isCloseTo(difference, within(1e-9 * Math.max(1, Math.abs(difference))));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aConceptAtItsBaselineContributesNothing(int order) {
    Random random = new Random(order);
    BatmSpec spec = spec(order);
    float[] parameters = parameters(spec, random);
    double[] z = point(random);
    double[] baseline = point(random);
    baseline[2] = z[2];
    double[] phi = new double[CONCEPTS];

    head(spec).contributions(parameters, new double[] {1, -1, 0}, z, baseline, phi);

    assertThat(phi[2]).isZero();
    assertThat(phi[1]).isNotZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aroundTheExpansionPointContributionsAreThePapers(int order) {
    Random random = new Random(order);
    BatmSpec spec = spec(order);
    float[] parameters = parameters(spec, random);
    double[] z = point(random);
    double[] baseline = new double[CONCEPTS];
    Arrays.fill(baseline, spec.expansionPoint());
    double[] phi = new double[CONCEPTS];

    head(spec).contributions(parameters, new double[] {0, 1, 0}, z, baseline, phi);

    double[] expected =
        new ReferenceBatm(spec).contributions(Floats.toDoubles(parameters), rows(z))[0][1];
    for (int c = 0; c < CONCEPTS; c++) {
      assertThat(phi[c]).isCloseTo(expected[c], within(1e-9));
    }
  }

  /** Single terms by moving one concept at a time, pairs by moving two, by the twin. */
  @Test
  void pairsAreWhatTwoConceptsAddTogetherAndHalfOfThemIsInEachContribution() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      BatmSpec spec = spec(2);
      TaylorHead head = head(spec);
      float[] parameters = parameters(spec, random);
      double[] z = point(random);
      double[] baseline = point(random);
      double[] mix = {-1, 0.25, random.nextGaussian()};
      double[] pairs = new double[CONCEPTS * CONCEPTS];
      double[] phi = new double[CONCEPTS];

      head.addPairs(parameters, mix, z, baseline, new int[] {0, 1, 2, 3, 4}, 0.5, pairs);
      head.addPairs(parameters, mix, z, baseline, new int[] {0, 1, 2, 3, 4}, 0.5, pairs);
      head.contributions(parameters, mix, z, baseline, phi);

      double base = value(spec, parameters, mix, baseline);
      double[] alone = new double[CONCEPTS];
      for (int c = 0; c < CONCEPTS; c++) {
        alone[c] = value(spec, parameters, mix, moved(baseline, z, c, c)) - base;
      }
      double[] expected = alone.clone();
      for (int i = 0; i < CONCEPTS; i++) {
        for (int j = i + 1; j < CONCEPTS; j++) {
          double both = value(spec, parameters, mix, moved(baseline, z, i, j)) - base;
          double pair = both - alone[i] - alone[j];
          assertThat(pairs[i * CONCEPTS + j]).isCloseTo(pair, within(1e-8));
          expected[i] += pair / 2;
          expected[j] += pair / 2;
        }
      }
      for (int c = 0; c < CONCEPTS; c++) {
        assertThat(phi[c]).isCloseTo(expected[c], within(1e-8));
      }
    }
  }

  private static double[] moved(double[] from, double[] to, int i, int j) {
    double[] moved = from.clone();
    moved[i] = to[i];
    moved[j] = to[j];
    return moved;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void onlyOrderTwoHasPairTerms(int order) {
    double[] z = new double[CONCEPTS];
    float[] parameters = parameters(spec(order), new Random(1));

    assertThatThrownBy(
            () ->
                head(spec(order))
                    .addPairs(
                        parameters, new double[OUTPUTS], z, z, new int[] {0, 1}, 1, new double[4]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the model's is " + order);
  }

  /** By the twin. */
  private static double value(BatmSpec spec, float[] parameters, double[] mix, double[] z) {
    double[] f = new ReferenceBatm(spec).polynomial(Floats.toDoubles(parameters), rows(z))[0];
    return mix[0] * f[0] + mix[1] * f[1] + mix[2] * f[2];
  }

  private static BatmSpec spec(int order) {
    Specs specs = Specs.withoutEncoder(CONCEPTS);
    specs.outputs = OUTPUTS;
    specs.order = order;
    specs.rank = 3;
    // A quarter is the same number in float and as a decimal.
    specs.expansionPoint = 0.25f;
    return specs.build();
  }

  private static TaylorHead head(BatmSpec spec) {
    return new TaylorHead(spec, ParameterLayout.parameters(spec));
  }

  private static float[] parameters(BatmSpec spec, Random random) {
    float[] parameters = new float[ParameterLayout.parameters(spec).size()];
    for (int j = 0; j < parameters.length; j++) {
      parameters[j] = (float) random.nextGaussian();
    }
    return parameters;
  }

  private static double[] point(Random random) {
    return random.doubles(CONCEPTS, -2, 2).toArray();
  }

  private static double[][] rows(double[] row) {
    return new double[][] {row};
  }
}
