package io.counterweight.drift;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.counterweight.drift.DriftDetector.Level;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import moa.classifiers.core.driftdetection.ADWINChangeDetector;
import moa.classifiers.core.driftdetection.AbstractChangeDetector;
import moa.classifiers.core.driftdetection.DDM;
import moa.classifiers.core.driftdetection.EDDM;
import moa.classifiers.core.driftdetection.HDDM_A_Test;
import moa.classifiers.core.driftdetection.HDDM_W_Test;
import moa.classifiers.core.driftdetection.PageHinkleyDM;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Our detectors say the same as MOA's, at every value of the same input. */
class MoaAgreementTest {

  static Stream<Arguments> detectors() {
    return Stream.of(
        Arguments.of(new Adwin(), supplier(ADWINChangeDetector::new), false),
        Arguments.of(new PageHinkley(), supplier(PageHinkleyDM::new), false),
        Arguments.of(new Ddm(), supplier(DDM::new), true),
        Arguments.of(new Eddm(), supplier(EDDM::new), true),
        Arguments.of(new HddmA(), supplier(HDDM_A_Test::new), true),
        Arguments.of(new HddmW(), supplier(HDDM_W_Test::new), true));
  }

  private static Supplier<AbstractChangeDetector> supplier(
      Supplier<AbstractChangeDetector> supplier) {
    return supplier;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("detectors")
  void decidesAsMoaDoesAtEveryValue(
      DriftDetector ours, Supplier<AbstractChangeDetector> detectors, boolean warns) {
    int drifts = 0;
    for (int seed = 0; seed < 12; seed++) {
      AbstractChangeDetector moa = detectors.get();
      moa.prepareForUse();
      double[] state = ours.fresh();
      Random random = new Random(seed);
      for (int i = 0; i < 8000; i++) {
        double error = random.nextDouble() < errorRate(seed, i) ? 1 : 0;
        Level level = ours.update(state, error);
        moa.input(error);
        String where = ours.name() + ", seed " + seed + ", value " + i;
        assertEquals(moa.getChange(), level == Level.DRIFT, where);
        if (warns) {
          assertEquals(
              moa.getWarningZone() && !moa.getChange(),
              level == Level.WARNING,
              where + ", warning");
        }
        drifts += level == Level.DRIFT ? 1 : 0;
      }
    }
    assertTrue(drifts > 0, "the inputs hold changes");
  }

  /** Stationary, one abrupt rise, a gradual one, or a rise and a fall. */
  private static double errorRate(int seed, int i) {
    return switch (seed % 4) {
      case 0 -> 0.1;
      case 1 -> i < 4000 ? 0.1 : 0.4;
      case 2 -> Math.min(0.5, 0.05 + i / 16000.0);
      default -> i > 2000 && i < 5000 ? 0.35 : 0.1;
    };
  }
}
