package io.counterweight.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
  private static ConfusionMatrix of(int[][] counts) {
    ConfusionMatrix confusion = new ConfusionMatrix(counts.length);
    for (int label = 0; label < counts.length; label++) {
      for (int predicted = 0; predicted < counts.length; predicted++) {
        for (int i = 0; i < counts[label][predicted]; i++) {
          confusion.add(label, predicted);
        }
      }
    }
    return confusion;
  }

  @Test
  void twoClassesByHand() {
    ConfusionMatrix confusion = of(new int[][] {{20, 5}, {10, 15}});

    assertThat(confusion.accuracy()).isEqualTo(0.7);
    assertThat(confusion.kappa()).isEqualTo(0.4, within(1e-12));
    assertThat(confusion.gMean()).isEqualTo(Math.sqrt(0.8 * 0.6), within(1e-12));
    assertThat(confusion.macroF1()).isEqualTo((40 / 55.0 + 30 / 45.0) / 2, within(1e-12));
  }

  @Test
  void aClassThatOnlyWasPredictedCountsForF1AndNotForGMean() {
    ConfusionMatrix confusion = of(new int[][] {{3, 0, 1}, {0, 4, 0}, {0, 0, 0}});

    assertThat(confusion.gMean()).isEqualTo(Math.sqrt(0.75), within(1e-12));
    assertThat(confusion.macroF1()).isEqualTo((6 / 7.0 + 1 + 0) / 3, within(1e-12));
  }

  @Test
  void oneClassAloneHasNoGMeanAndNoKappa() {
    ConfusionMatrix confusion = of(new int[][] {{7, 0}, {0, 0}});

    assertThat(confusion.accuracy()).isEqualTo(1);
    assertThat(confusion.gMean()).isNaN();
    assertThat(confusion.kappa()).isNaN();
  }

  @Test
  void nothingIsUndefined() {
    ConfusionMatrix confusion = new ConfusionMatrix(2);

    assertThat(confusion.accuracy()).isNaN();
    assertThat(confusion.macroF1()).isNaN();
    assertThat(confusion.gMean()).isNaN();
    assertThat(confusion.kappa()).isNaN();
  }
}
