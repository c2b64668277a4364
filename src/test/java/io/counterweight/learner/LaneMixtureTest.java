package io.counterweight.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.support.Learners;
import io.counterweight.support.Steps;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LaneMixtureTest {

  @Test
  void weightsFollowHedgeWithFixedShare() {
    double[] weights = {0.5, 0.5};

    mixture(0.5f, 0.1f, 4).judge(weights, new double[] {1, 3}, 0, 1);

    double first = 1 / (1 + Math.exp(-1));
    assertThat(weights[0]).isCloseTo(0.9 * first + 0.05, within(1e-7));
    assertThat(weights[1]).isCloseTo(0.9 * (1 - first) + 0.05, within(1e-7));
  }

  @Test
  void theBetterLaneWinsAndTheOtherKeepsItsShare() {
    double[] weights = {1 / 3.0, 1 / 3.0, 1 / 3.0};
    for (int n = 0; n < 500; n++) {
      mixture(0.1f, 0.03f, 4, 3).judge(weights, new double[] {0.9, 0.2, 0.9}, 0, 1);
    }

    assertThat(weights[1]).isGreaterThan(0.6);
    assertThat(weights[0]).isGreaterThanOrEqualTo(0.01);
    assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(1e-12));
  }

  @Test
  void aRareClassCountsMoreButAtMostFiveTimes() {
    assertThat(LaneMixture.classWeight(new double[] {80, 20}, 0)).isEqualTo(0.625);
    assertThat(LaneMixture.classWeight(new double[] {80, 20}, 1)).isEqualTo(2.5);
    assertThat(LaneMixture.classWeight(new double[] {1000, 1}, 1)).isEqualTo(5);
  }

  @Test
  void theClassWeightMultipliesTheRate() {
    double[] weights = {0.5, 0.5};

    mixture(0.1f, 0, 4).judge(weights, new double[] {0, 1}, 0, 2.5);

    assertThat(Math.log(weights[0] / weights[1])).isCloseTo(0.25, within(1e-6));
  }

  @Test
  void aChallengerIsJudgedByItsOwnLosses() {
    double[] weights = {0.5, 0.5};

    mixture(0.1f, 0, 4).judge(weights, new double[] {9, 9, 0, 1}, 2, 1);

    assertThat(Math.log(weights[0] / weights[1])).isCloseTo(0.1, within(1e-6));
  }

  @Test
  void aChallengersShareFollowsTheTwoMixturesLossesAndStaysWithinItsFloors() {
    LaneMixture mixture = mixture(0.1f, 0, 4);

    assertThat(mixture.judge(0.5, 0.2, 1.2, 1)).isCloseTo(1 / (1 + Math.exp(-0.3)), within(1e-6));
    double share = 0.1;
    for (int n = 0; n < 200; n++) {
      share = mixture.judge(share, 0.1, 3, 1);
    }
    assertThat(share).isEqualTo(0.99);
    for (int n = 0; n < 200; n++) {
      share = mixture.judge(share, Double.NaN, 0.1, 1);
    }
    assertThat(share).isEqualTo(0.01);
  }

  @Test
  void lossesAreCapped() {
    double[] capped = {0.5, 0.5};
    double[] beyond = {0.5, 0.5};
    double[] undefined = {0.5, 0.5};

    mixture(0.1f, 0, 4).judge(capped, new double[] {0, 4}, 0, 1);
    mixture(0.1f, 0, 4).judge(beyond, new double[] {0, 1e9}, 0, 1);
    mixture(0.1f, 0, 4).judge(undefined, new double[] {0, Double.NaN}, 0, 1);

    assertThat(beyond).isEqualTo(capped);
    assertThat(undefined).isEqualTo(capped);
  }

  @Test
  void weightsStaySharesWhateverTheRate() {
    double[] weights = {0.5, 0.5};
    LaneMixture mixture = mixture(1e6f, 0, 1e6f);

    mixture.judge(weights, new double[] {900, 1000}, 0, 1);
    assertThat(weights[0]).isCloseTo(1, within(1e-9));
    mixture.judge(weights, new double[] {1000, 900}, 0, 1);
    mixture.judge(weights, new double[] {1000, 900}, 0, 1);

    assertThat(weights).doesNotContain(Double.NaN);
    assertThat(weights[0] + weights[1]).isCloseTo(1, within(1e-12));
    assertThat(weights[1]).isGreaterThan(0.5);
  }

  @Test
  void oneLaneOnlyCounts() {
    double[] weights = {1};

    mixture(0.1f, 0.1f, 4).judge(weights, new double[] {9}, 0, 1);

    assertThat(weights).containsExactly(1);
  }

  private static LaneMixture mixture(float rate, float share, float lossCap) {
    return mixture(rate, share, lossCap, 2);
  }

  private static LaneMixture mixture(float rate, float share, float lossCap, int lanes) {
    List<LaneSettings> settings =
        IntStream.range(0, lanes)
            .mapToObj(l -> Learners.lane("lane" + l, Steps.uniform().settings()))
            .toList();
    return new LaneMixture(new MixtureSettings(rate, share, lossCap, 0.3f), settings);
  }
}
