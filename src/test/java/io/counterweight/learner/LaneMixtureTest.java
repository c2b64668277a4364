package io.counterweight.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LaneMixtureTest {

  @Test
  void weightsFollowHedgeWithFixedShare() {
    double[] weights = {0.5, 0.5};

    mixture(0.5f, 0.1f, 4).judge(weights, new double[] {1, 3}, 0, new long[] {0, 1});

    // Both classes have been seen once, so the class weight is 1.
    double first = 1 / (1 + Math.exp(-1));
    assertThat(weights[0]).isCloseTo(0.9 * first + 0.05, within(1e-7));
    assertThat(weights[1]).isCloseTo(0.9 * (1 - first) + 0.05, within(1e-7));
  }

  @Test
  void theBetterLaneWinsAndTheOtherKeepsItsShare() {
    double[] weights = LaneMixture.equalWeights(3);
    long[] counts = new long[2];
    for (int n = 0; n < 500; n++) {
      mixture(0.1f, 0.03f, 4).judge(weights, new double[] {0.9, 0.2, 0.9}, n % 2, counts);
    }

    assertThat(weights[1]).isGreaterThan(0.6);
    assertThat(weights[0]).isGreaterThanOrEqualTo(0.01);
    assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(1e-12));
    assertThat(counts).containsExactly(250, 250);
  }

  @Test
  void aRareClassCountsMoreButAtMostFiveTimes() {
    double[] common = {0.5, 0.5};
    double[] rare = {0.5, 0.5};
    double[] rarest = {0.5, 0.5};
    LaneMixture mixture = mixture(0.1f, 0, 4);
    double[] losses = {0, 1};

    mixture.judge(common, losses, 0, new long[] {79, 20});
    mixture.judge(rare, losses, 1, new long[] {80, 19});
    mixture.judge(rarest, losses, 1, new long[] {1000, 0});

    assertThat(Math.log(common[0] / common[1])).isCloseTo(0.1 * 100 / 160, within(1e-6));
    assertThat(Math.log(rare[0] / rare[1])).isCloseTo(0.1 * 100 / 40, within(1e-6));
    assertThat(Math.log(rarest[0] / rarest[1])).isCloseTo(0.5, within(1e-6));
  }

  @Test
  void lossesAreCapped() {
    double[] capped = {0.5, 0.5};
    double[] beyond = {0.5, 0.5};
    double[] undefined = {0.5, 0.5};

    mixture(0.1f, 0, 4).judge(capped, new double[] {0, 4}, 0, new long[] {0, 1});
    mixture(0.1f, 0, 4).judge(beyond, new double[] {0, 1e9}, 0, new long[] {0, 1});
    mixture(0.1f, 0, 4).judge(undefined, new double[] {0, Double.NaN}, 0, new long[] {0, 1});

    assertThat(beyond).isEqualTo(capped);
    assertThat(undefined).isEqualTo(capped);
  }

  @Test
  void weightsStaySharesWhateverTheRate() {
    double[] weights = LaneMixture.equalWeights(2);
    long[] counts = new long[2];
    LaneMixture mixture = mixture(1e6f, 0, 1e6f);

    mixture.judge(weights, new double[] {900, 1000}, 0, counts);
    assertThat(weights[0]).isCloseTo(1, within(1e-9));
    mixture.judge(weights, new double[] {1000, 900}, 0, counts);
    mixture.judge(weights, new double[] {1000, 900}, 1, counts);

    assertThat(weights).doesNotContain(Double.NaN);
    assertThat(weights[0] + weights[1]).isCloseTo(1, within(1e-12));
    assertThat(weights[1]).isGreaterThan(0.5);
  }

  @Test
  void oneLaneOnlyCounts() {
    double[] weights = LaneMixture.equalWeights(1);
    long[] counts = new long[3];

    mixture(0.1f, 0.1f, 4).judge(weights, new double[] {9}, 2, counts);

    assertThat(weights).containsExactly(1);
    assertThat(counts).containsExactly(0, 0, 1);
  }

  private static LaneMixture mixture(float rate, float share, float lossCap) {
    return new LaneMixture(new MixtureSettings(rate, share, lossCap));
  }
}
