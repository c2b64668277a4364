package io.counterweight.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelCorruptionTest {
  private static final int FEATURES = 4;
  private static final int EVENTS = 60_000;

  @Test
  void symmetricNoiseMovesEachLabelToTheOthersEvenly() {
    int[][] seen = confusion("sym:0.3", 3, 0.5, 1);

    for (int label = 0; label < 3; label++) {
      double total = seen[label][0] + seen[label][1] + seen[label][2];
      for (int observed = 0; observed < 3; observed++) {
        assertThat(seen[label][observed] / total)
            .isCloseTo(label == observed ? 0.7 : 0.15, within(0.015));
      }
    }
  }

  @Test
  void missedPositivesBecomeNegativeAndFewNegativesPositive() {
    int[][] seen = confusion("miss:0.4,false:0.01", 2, 0.1, 2);

    assertThat(share(seen[1], 0)).isCloseTo(0.4, within(0.02));
    assertThat(share(seen[0], 1)).isCloseTo(0.01, within(0.002));
  }

  @Test
  void missedLabelsOfSeveralClassesBecomeZeroOnly() {
    int[][] seen = confusion("miss:0.4", 3, 0.5, 3);

    assertThat(seen[1][2]).isZero();
    assertThat(seen[2][1]).isZero();
    assertThat(share(seen[2], 0)).isCloseTo(0.4, within(0.02));
    assertThat(share(seen[0], 0)).isOne();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void instanceNoiseReachesItsShares(long seed) {
    int[][] seen = confusion("instance:0.3,false:0.1", 2, 0.1, seed);

    assertThat(share(seen[1], 0)).isCloseTo(0.3, within(0.03));
    assertThat(share(seen[0], 1)).isCloseTo(0.05, within(0.01));
  }

  @Test
  void instanceNoiseHidesARegionAndNotASample() {
    Random random = new Random(5);
    LabelCorruption corruption = corruption("instance:0.3,false:0", 2, 5);
    float[][] hidden = new float[2][FEATURES];
    int[] counts = new int[2];

    for (int i = 0; i < 20_000; i++) {
      float[] features = features(random);
      int kept = corruption.observe(i, features, 1);
      counts[kept]++;
      for (int f = 0; f < FEATURES; f++) {
        hidden[kept][f] += features[f];
      }
    }

    // Means of standard normal events, below and above the 70 % quantile of a direction, are 1.66
    // apart along it.
    double distance = 0;
    for (int f = 0; f < FEATURES; f++) {
      distance += Math.pow(hidden[0][f] / counts[0] - hidden[1][f] / counts[1], 2);
    }
    assertThat(Math.sqrt(distance)).isGreaterThan(1.5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sym:0.3", "miss:0.4,false:0.1", "instance:0.3,false:0.2"})
  void theSameSeedGivesTheSameLabelsAndAnotherDoesNot(String noise) {
    assertThat(confusion(noise, 2, 0.3, 7)).isDeepEqualTo(confusion(noise, 2, 0.3, 7));
    assertThat(confusion(noise, 2, 0.3, 7)[0]).isNotEqualTo(confusion(noise, 2, 0.3, 8)[0]);
  }

  @Test
  void drawsOfAnEventDoNotDependOnTheEventsBefore() {
    LabelCorruption all = corruption("sym:0.5", 2, 9);
    LabelCorruption late = corruption("sym:0.5", 2, 9);
    float[] features = new float[FEATURES];

    int[] observed = new int[100];
    for (int i = 0; i < 100; i++) {
      observed[i] = all.observe(i, features, 0);
    }

    for (int i = 99; i >= 0; i--) {
      assertThat(late.observe(i, features, 0)).isEqualTo(observed[i]);
    }
  }

  @Test
  void missingAndConstantFeaturesDoNoHarm() {
    LabelCorruption corruption = corruption("instance:0.5,false:0.5", 2, 1);
    float[] features = {Float.NaN, 1, Float.NaN, 0};

    for (int i = 0; i < 1000; i++) {
      assertThat(corruption.observe(i, features, i % 2)).isBetween(0, 1);
    }
    assertThat(features).containsExactly(Float.NaN, 1, Float.NaN, 0);
  }

  private static int[][] confusion(String noise, int classes, double positives, long seed) {
    Random random = new Random(42);
    LabelCorruption corruption = corruption(noise, classes, seed);
    int[][] counts = new int[classes][classes];
    for (int i = 0; i < EVENTS; i++) {
      int label = random.nextDouble() < positives ? 1 + random.nextInt(classes - 1) : 0;
      counts[label][corruption.observe(i, features(random), label)]++;
    }
    return counts;
  }

  private static LabelCorruption corruption(String noise, int classes, long seed) {
    return new LabelCorruption(LabelNoise.parse(noise), seed, classes, FEATURES);
  }

  private static float[] features(Random random) {
    float[] features = new float[FEATURES];
    for (int f = 0; f < FEATURES; f++) {
      features[f] = (float) random.nextGaussian();
    }
    return features;
  }

  private static double share(int[] counts, int label) {
    return (double) counts[label] / (counts[0] + counts[1] + (counts.length > 2 ? counts[2] : 0));
  }
}
