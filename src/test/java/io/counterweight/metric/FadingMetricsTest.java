package io.counterweight.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FadingMetricsTest {
  private static final int NEVER_FORGET = Integer.MAX_VALUE;

  @Test
  void withoutForgettingTheyAreTheExactOnesUpToTheWidthOfABin() {
    Random random = new Random(11);
    FadingMetrics fading = new FadingMetrics(2, NEVER_FORGET);
    ScoredEvents exact = new ScoredEvents(2);
    for (int i = 0; i < 20_000; i++) {
      int label = random.nextInt(10) == 0 ? 1 : 0;
      double logit = random.nextGaussian() * 1.5 + (label == 1 ? 1 : -2);
      float p1 = (float) (1 / (1 + Math.exp(-logit)));
      float[] probabilities = {1 - p1, p1};
      fading.observe(probabilities, Decisions.mostProbable(probabilities), label);
      exact.set(i, label, Decisions.mostProbable(probabilities), probabilities);
    }

    Quality quality = exact.quality();

    assertThat(fading.accuracy()).isEqualTo(quality.accuracy(), within(1e-6));
    assertThat(fading.gMean()).isEqualTo(quality.gMean(), within(1e-6));
    assertThat(fading.brier()).isEqualTo(quality.brier(), within(1e-6));
    assertThat(fading.logLoss()).isEqualTo(quality.logLoss(), within(1e-6));
    assertThat(fading.calibrationError()).isEqualTo(quality.ece(), within(1e-6));
    assertThat(fading.rocAuc()).isEqualTo(quality.rocAuc(), within(0.001));
    assertThat(fading.prAuc()).isEqualTo(quality.prAuc(), within(0.01));
  }

  @Test
  void moreThanTwoClassesHaveNoAreasYet() {
    Random random = new Random(3);
    FadingMetrics fading = new FadingMetrics(3, NEVER_FORGET);
    ScoredEvents exact = new ScoredEvents(3);
    for (int i = 0; i < 1000; i++) {
      float a = random.nextFloat() / 2;
      float b = random.nextFloat() / 2;
      float[] probabilities = {a, b, 1 - a - b};
      int label = random.nextInt(3);
      fading.observe(probabilities, Decisions.mostProbable(probabilities), label);
      exact.set(i, label, Decisions.mostProbable(probabilities), probabilities);
    }

    assertThat(fading.brier()).isEqualTo(exact.quality().brier(), within(1e-5));
    assertThat(fading.gMean()).isEqualTo(exact.quality().gMean(), within(1e-5));
    assertThat(fading.prAuc()).isNaN();
  }

  @Test
  void whatLiesFarBackIsForgotten() {
    FadingMetrics fading = new FadingMetrics(2, 100);
    float[] sure = {0.1f, 0.9f};
    for (int i = 0; i < 5000; i++) {
      fading.observe(sure, 1, 0);
    }
    for (int i = 0; i < 5000; i++) {
      fading.observe(sure, 1, 1);
    }

    assertThat(fading.accuracy()).isEqualTo(1, within(1e-9));
  }

  @Test
  void aVeryLongStreamStaysFinite() {
    FadingMetrics fading = new FadingMetrics(2, 2);
    for (int i = 0; i < 10_000; i++) {
      fading.observe(new float[] {0.3f, 0.7f}, 1, i % 2);
    }

    // The last event weighs twice what all before it do.
    assertThat(fading.accuracy()).isEqualTo(2 / 3.0, within(1e-6));
    assertThat(fading.logLoss()).isFinite();
  }
}
