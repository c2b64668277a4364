package io.counterweight.conformal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdaptivePredictionSetsTest {
  private static final AdaptivePredictionSets SETS = new AdaptivePredictionSets(0.9f, 0.03f, 500);

  enum Stream {
    STATIONARY,
    ABRUPT,
    GRADUAL
  }

  /** Windows of 1,000 trusted events, half of them of each class, after 1,000 to adapt. */
  @ParameterizedTest
  @EnumSource
  void everyWindowCoversEachClassWithinTwoPerCent(Stream stream) {
    for (int seed = 0; seed < 5; seed++) {
      Random random = new Random(seed);
      PredictionSetState[] states = SETS.fresh(2);
      int[] covered = new int[2];
      int[] seen = new int[2];
      for (int n = 0; n < 20_000; n++) {
        int label = n % 2;
        boolean adapting = n < 1000 || stream == Stream.ABRUPT && n >= 10_000 && n < 11_000;
        double[] scores = scores(stream, n, label, random);
        for (int k : SETS.set(states, scores)) {
          covered[label] += k == label ? 1 : 0;
        }
        seen[label]++;
        SETS.learn(states, scores, label);
        if (n % 1000 == 999) {
          for (int k = 0; k < 2; k++) {
            if (!adapting) {
              assertThat((double) covered[k] / seen[k])
                  .as("%s, seed %d, class %d, until %d", stream, seed, k, n)
                  .isBetween(0.88, 0.92);
            }
            covered[k] = 0;
            seen[k] = 0;
          }
        }
      }
    }
  }

  /**
   * A model that separates the classes, badly after an abrupt change, worse and worse in a gradual
   * one.
   */
  private static double[] scores(Stream stream, int n, int label, Random random) {
    double separation =
        switch (stream) {
          case STATIONARY -> 1;
          case ABRUPT -> n < 10_000 ? 2 : -1;
          case GRADUAL -> 2 - n / 10_000.0;
        };
    double logit = separation * (label == 1 ? 1 : -1) + random.nextGaussian();
    return new double[] {Math.log1p(Math.exp(logit)), Math.log1p(Math.exp(-logit))};
  }

  @Test
  void setsAreSmallWhereTheModelIsSure() {
    Random random = new Random(1);
    PredictionSetState[] states = SETS.fresh(2);
    int size = 0;
    for (int n = 0; n < 6000; n++) {
      int label = n % 2;
      double logit = (label == 1 ? 3 : -3) + random.nextGaussian();
      double[] scores = {Math.log1p(Math.exp(logit)), Math.log1p(Math.exp(-logit))};
      size += n < 2000 ? 0 : SETS.set(states, scores).length;
      SETS.learn(states, scores, label);
    }

    assertThat(size / 4000.0).isLessThan(1.05);
  }

  @Test
  void beforeScoresAreKnownTheSetHoldsEveryClass() {
    PredictionSetState[] states = SETS.fresh(3);
    assertThat(SETS.set(states, new double[] {0.1, 2, 5})).containsExactly(0, 1, 2);

    for (int n = 0; n < 300; n++) {
      SETS.learn(states, new double[] {1e-3, 9, 9}, 0);
    }

    assertThat(SETS.set(states, new double[] {5, 4, 6})).containsExactly(1, 2);
    assertThat(SETS.coverage(states[0])).isGreaterThan(0.89);
    assertThat(SETS.coverage(states[1])).isNaN();
  }

  @Test
  void aStoredStateContinuesAsIfItHadNeverStopped() {
    Random random = new Random(7);
    PredictionSetState[] states = SETS.fresh(2);
    for (int n = 0; n < 1700; n++) {
      SETS.learn(states, new double[] {random.nextDouble(), random.nextDouble()}, n % 2);
    }
    PredictionSetState[] restored = {
      PredictionSetState.of(states[0].toArray()), PredictionSetState.of(states[1].toArray())
    };
    for (int n = 0; n < 1000; n++) {
      double[] scores = {random.nextDouble(), random.nextDouble()};
      SETS.learn(states, scores, n % 2);
      SETS.learn(restored, scores, n % 2);
      assertThat(SETS.set(restored, scores)).isEqualTo(SETS.set(states, scores));
    }

    assertThat(restored[1].toArray()).isEqualTo(states[1].toArray());
  }

  @Test
  void impossibleStatesAreRefused() {
    double[][] impossible = {
      {},
      {5},
      {5, 0.1, 3},
      {1, 0.1, 3, 1, 4, 0},
      {1e9, 0.1},
      {5, 0.1, Double.NaN, 1},
      {5, 0.1, 1, 2}
    };
    for (double[] values : impossible) {
      assertThatThrownBy(() -> PredictionSetState.of(values))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
