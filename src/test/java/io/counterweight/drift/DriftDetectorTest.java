package io.counterweight.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.drift.DriftDetector.Level;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every detector promises. */
class DriftDetectorTest {

  static Stream<DriftDetector> detectors() {
    return DriftDetectors.names().stream().map(DriftDetectors::byName);
  }

  @ParameterizedTest
  @MethodSource("detectors")
  void aRiseOfTheErrorRateIsFoundAndItsOnsetIsNotTheFuture(DriftDetector detector) {
    double[] state = detector.fresh();
    Random random = new Random(2);
    int found = -1;
    for (int i = 0; i < 6000 && found < 0; i++) {
      double error = random.nextDouble() < (i < 2000 ? 0.05 : 0.6) ? 1 : 0;
      if (detector.update(state, error) == Level.DRIFT && i >= 2000) {
        found = i;
      }
    }

    assertThat(found).isBetween(2000, 2600);
    assertThat(state[DriftDetector.ONSET]).isBetween(0.0, found + 1.0);
  }

  @ParameterizedTest
  @MethodSource("detectors")
  void aStateIsAllThereIs(DriftDetector detector) {
    double[] state = detector.fresh();
    Random random = new Random(4);
    for (int i = 0; i < 1500; i++) {
      detector.update(state, random.nextInt(4) == 0 ? 1 : 0);
    }
    double[] copy = state.clone();
    for (int i = 0; i < 1000; i++) {
      double error = random.nextInt(i < 500 ? 4 : 2) == 0 ? 1 : 0;
      assertThat(detector.update(copy, error)).isEqualTo(detector.update(state, error));
    }

    assertThat(copy).isEqualTo(state);
  }

  @Test
  void namesAreTheSevenAndOthersAreRefused() {
    assertThat(DriftDetectors.names())
        .containsExactly("adwin", "page-hinkley", "ddm", "eddm", "hddm-a", "hddm-w", "kswin");
    assertThatThrownBy(() -> DriftDetectors.byName("luck"))
        .hasMessageContaining("'luck'")
        .hasMessageContaining("adwin");
  }

  @Test
  void kolmogorovSmirnovIsTheLargestDistanceOfTheDistributions() {
    Random random = new Random(8);
    for (int n = 0; n < 50; n++) {
      double[] a = random.ints(12, 0, 9).asDoubleStream().toArray();
      double[] b = random.ints(7, 2, 12).asDoubleStream().toArray();
      double largest = 0;
      for (int x = -1; x <= 12; x++) {
        double at = x + 0.5;
        double below = Arrays.stream(a).filter(v -> v < at).count() / 12.0;
        double other = Arrays.stream(b).filter(v -> v < at).count() / 7.0;
        largest = Math.max(largest, Math.abs(below - other));
      }
      assertThat(Kswin.statistic(a, b)).isCloseTo(largest, within(1e-12));
    }
  }
}
