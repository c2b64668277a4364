package io.counterweight.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustedSelectionTest {

  @ParameterizedTest
  @CsvSource({"0.02,0.9", "0.5,0.9", "0.5,0.99", "0.02,0.5", "1,0.7", "0,0.7"})
  void theWholeShareIsAsAskedWhateverTheBalance(double fraction, double priorOfZero) {
    TrustedSelection selection = new TrustedSelection(fraction, Duration.ZERO, 1);
    double[] priors = {priorOfZero, 1 - priorOfZero};

    double whole =
        priors[0] * selection.probability(0, priors) + priors[1] * selection.probability(1, priors);

    assertThat(whole).isCloseTo(fraction, within(1e-9));
  }

  @Test
  void classesAreChosenEquallyOftenWhereThereAreEnoughOfEach() {
    TrustedSelection selection = new TrustedSelection(0.03, Duration.ZERO, 1);
    double[] priors = {0.8, 0.15, 0.05};

    for (int label = 0; label < 3; label++) {
      assertThat(priors[label] * selection.probability(label, priors))
          .isCloseTo(0.01, within(1e-9));
    }
  }

  @Test
  void aRareClassIsTakenWholeAndTheOthersShareTheRest() {
    TrustedSelection selection = new TrustedSelection(0.3, Duration.ZERO, 1);
    double[] priors = {0.55, 0.4, 0.05};

    assertThat(selection.probability(2, priors)).isOne();
    assertThat(priors[0] * selection.probability(0, priors)).isCloseTo(0.125, within(1e-9));
    assertThat(priors[1] * selection.probability(1, priors)).isCloseTo(0.125, within(1e-9));
  }

  @Test
  void theCopyComesAfterTheDelay() {
    TrustedSelection selection = new TrustedSelection(1, Duration.ofMinutes(2), 1);

    assertThat(selection.trustedTime(7, 1000, 0, new double[] {0.5, 0.5})).isEqualTo(121_000);
  }
}
