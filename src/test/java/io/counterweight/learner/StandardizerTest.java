package io.counterweight.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StandardizerTest {

  @Test
  void anEventIsStandardisedByTheStatisticsBeforeIt() {
    Standardizer standardizer = new Standardizer(1000, 100);
    StandardizerState state = new StandardizerState(1);
    double[] values = new Random(3).doubles(200, -5, 40).map(v -> (float) v).toArray();

    for (int n = 0; n < values.length; n++) {
      float[] inputs = new float[1];
      standardizer.standardise(state, new float[] {(float) values[n]}, inputs);
      if (n < 2) {
        assertThat(inputs[0]).isZero();
      } else {
        double[] moments = moments(values, equalWeights(n));
        double expected = (values[n] - moments[0]) / Math.sqrt(moments[1] + 1e-8);
        assertThat((double) inputs[0]).isCloseTo(expected, within(1e-6 * (1 + Math.abs(expected))));
      }
      standardizer.update(state, new float[] {(float) values[n]});
    }
  }

  @Test
  void beyondTheHorizonOldValuesFadeExponentially() {
    int horizon = 20;
    Standardizer standardizer = new Standardizer(horizon, 100);
    StandardizerState state = new StandardizerState(1);
    double[] values = new Random(4).doubles(150, 0, 9).map(v -> (float) v).toArray();
    for (double value : values) {
      standardizer.update(state, new float[] {(float) value});
    }

    double[] weights = equalWeights(values.length);
    for (int i = 0; i < values.length; i++) {
      int age = values.length - 1 - Math.max(i, horizon - 1);
      weights[i] = Math.pow(1 - 1.0 / horizon, age) / horizon;
    }
    double[] moments = moments(values, weights);
    assertThat(state.count[0]).isEqualTo(horizon);
    assertThat(state.mean[0]).isCloseTo(moments[0], within(1e-9));
    assertThat(state.variance[0]).isCloseTo(moments[1], within(1e-9));
  }

  @Test
  void missingValuesAreCountedStandAtTheMeanAndTeachNothing() {
    Standardizer standardizer = new Standardizer(100, 10);
    StandardizerState state = new StandardizerState(3);
    for (int n = 0; n < 10; n++) {
      standardizer.update(state, new float[] {n, Float.NaN, 2 * n});
    }
    float[] inputs = {7, 7, 7};

    Standardizer.Quality quality =
        standardizer.standardise(state, new float[] {9, Float.NaN, Float.NaN}, inputs);

    assertThat(inputs[0]).isPositive();
    assertThat(inputs[1]).isZero();
    assertThat(inputs[2]).isZero();
    assertThat(quality).isEqualTo(new Standardizer.Quality(2, 0));
    assertThat(state.count).containsExactly(10, 0, 10);
    assertThat(state.mean[1]).isZero();
  }

  @Test
  void valuesAreClippedAndCounted() {
    Standardizer standardizer = new Standardizer(100, 3);
    StandardizerState state = new StandardizerState(3);
    for (int n = 0; n < 50; n++) {
      float value = n % 2 == 0 ? -1 : 1;
      standardizer.update(state, new float[] {value, value, 5});
    }
    float[] inputs = new float[3];

    Standardizer.Quality quality =
        standardizer.standardise(state, new float[] {Float.MAX_VALUE, -4, 5.001f}, inputs);

    assertThat(inputs).containsExactly(3, -3, 3);
    assertThat(quality).isEqualTo(new Standardizer.Quality(0, 3));
  }

  @Test
  void standardisingChangesNothing() {
    Standardizer standardizer = new Standardizer(100, 3);
    StandardizerState state = new StandardizerState(1);
    standardizer.update(state, new float[] {1});
    standardizer.update(state, new float[] {2});
    float[] raw = {3};

    standardizer.standardise(state, raw, new float[1]);

    assertThat(state.count[0]).isEqualTo(2);
    assertThat(state.mean[0]).isEqualTo(1.5);
    assertThat(state.variance[0]).isEqualTo(0.25);
    assertThat(raw).containsExactly(3);
  }

  private static double[] equalWeights(int n) {
    double[] weights = new double[n];
    Arrays.fill(weights, 1.0 / n);
    return weights;
  }

  /** Weighted mean and variance of the first values, in two passes. */
  private static double[] moments(double[] values, double[] weights) {
    double mean = 0;
    for (int i = 0; i < weights.length; i++) {
      mean += weights[i] * values[i];
    }
    double variance = 0;
    for (int i = 0; i < weights.length; i++) {
      variance += weights[i] * (values[i] - mean) * (values[i] - mean);
    }
    return new double[] {mean, variance};
  }

  @Test
  void anAbsurdValueDoesNotBlindTheFeature() {
    Standardizer standardizer = new Standardizer(1_000, 10);
    StandardizerState state = new StandardizerState(1);
    for (int n = 0; n < 500; n++) {
      standardizer.update(state, new float[] {n % 2});
    }
    double spread = Math.sqrt(state.variance[0]);

    standardizer.update(state, new float[] {1e30f});

    assertThat(Math.sqrt(state.variance[0])).isBetween(spread, 5 * spread);
    assertThat(state.mean[0]).isBetween(0.3, 0.7);
  }

  @Test
  void theSpreadFollowsARealChange() {
    Standardizer standardizer = new Standardizer(1_000, 10);
    StandardizerState state = new StandardizerState(1);
    for (int n = 0; n < 500; n++) {
      standardizer.update(state, new float[] {n % 2});
    }

    for (int n = 0; n < 5_000; n++) {
      standardizer.update(state, new float[] {1_000 * (n % 2)});
    }

    assertThat(Math.sqrt(state.variance[0])).isBetween(450.0, 550.0);
  }
}
