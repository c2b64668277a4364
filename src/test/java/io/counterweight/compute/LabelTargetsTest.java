package io.counterweight.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LabelTargetsTest {
  private static final int N = 5;
  private static final int CLASSES = 3;
  private static final int STRIDE = 8;

  private final Random random = new Random(3);

  @Test
  void slopesAreTheDerivativeOfTheObjective() {
    LabelTargets targets = new LabelTargets(positive(CLASSES * N), logPriors(0.7, 0.2, 0.1));
    float[] logits = logits();
    float[] slopes = new float[CLASSES * STRIDE];
    targets.slopes(logits, N, STRIDE, slopes);

    for (int q = 0; q < CLASSES; q++) {
      for (int e = 0; e < N; e++) {
        int at = q * STRIDE + e;
        float[] up = logits.clone();
        float[] down = logits.clone();
        up[at] += 1e-2f;
        down[at] -= 1e-2f;
        double difference = targets.objective(up, N, STRIDE) - targets.objective(down, N, STRIDE);
        assertThat((double) slopes[at]).isCloseTo(difference / (up[at] - down[at]), within(1e-4));
      }
    }
  }

  @Test
  void hardLabelsWithoutOffsetsAreCrossEntropy() {
    float[] labels = {0, 2, 1, 1, 0};
    float[] ones = {1, 1, 1, 1, 1};
    LabelTargets targets = LabelTargets.hard(CLASSES, labels, ones, new float[CLASSES]);
    float[] logits = logits();
    float[] losses = new float[N];
    targets.losses(logits, labels, N, STRIDE, losses);

    double mean = 0;
    for (int e = 0; e < N; e++) {
      double sum = 0;
      for (int q = 0; q < CLASSES; q++) {
        sum += Math.exp(logits[q * STRIDE + e]);
      }
      double loss = Math.log(sum) - logits[(int) labels[e] * STRIDE + e];
      assertThat((double) losses[e]).isCloseTo(loss, within(1e-5));
      mean += loss / N;
    }
    assertThat(targets.objective(logits, N, STRIDE)).isCloseTo(mean, within(1e-6));
  }

  @Test
  void anEventOfNoMassTeachesNothingAndTwiceTheMassTwiceAsMuch() {
    float[] masses = positive(CLASSES * N);
    for (int q = 0; q < CLASSES; q++) {
      masses[q * N] = 0;
    }
    LabelTargets targets = new LabelTargets(masses, logPriors(0.5, 0.3, 0.2));
    float[] once = new float[CLASSES * STRIDE];
    float[] twice = new float[CLASSES * STRIDE];
    targets.slopes(logits(), N, STRIDE, once);
    targets.times(new float[] {1, 2, 1, 1, 1}).slopes(logits(), N, STRIDE, twice);

    for (int q = 0; q < CLASSES; q++) {
      assertThat(once[q * STRIDE]).isZero();
      assertThat(twice[q * STRIDE + 1]).isCloseTo(2 * once[q * STRIDE + 1], within(1e-6f));
      assertThat(twice[q * STRIDE + 2]).isEqualTo(once[q * STRIDE + 2]);
      assertThat(once[q * STRIDE + N]).isZero();
    }
  }

  @Test
  void hugeLogitsStayFinite() {
    float[] logits = new float[CLASSES * STRIDE];
    logits[0] = 3e4f;
    logits[STRIDE] = -3e4f;
    LabelTargets targets = new LabelTargets(positive(CLASSES * N), logPriors(0.98, 0.01, 0.01));
    float[] slopes = new float[CLASSES * STRIDE];
    targets.slopes(logits, N, STRIDE, slopes);

    for (float slope : slopes) {
      assertThat(slope).isFinite();
    }
    assertThat(targets.objective(logits, N, STRIDE)).isFinite();
  }

  private float[] logits() {
    Random fixed = new Random(9);
    float[] logits = new float[CLASSES * STRIDE];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) fixed.nextGaussian();
    }
    return logits;
  }

  private float[] positive(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  private static float[] logPriors(double... shares) {
    float[] logs = new float[shares.length];
    for (int k = 0; k < shares.length; k++) {
      logs[k] = (float) Math.log(shares[k]);
    }
    return logs;
  }
}
