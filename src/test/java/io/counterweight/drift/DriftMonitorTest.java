package io.counterweight.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DriftMonitorTest {
  private static final DriftMonitor MONITOR =
      new DriftMonitor(new DriftSettings(DriftSettings.CUSUM, 250, 6, true, true, true), 2, 3);
  private static final int CHANGE = 20_000;

  /** What a stream is like; loss is a mean. */
  private record Phase(
      double trustedLoss, double labelLoss, double wrongPairs, double input, double positives) {}

  private static final Phase CALM = new Phase(0.3, 0.4, 0.1, 0, 0.1);

  @Test
  void aCalmStreamStaysStable() {
    for (int seed = 0; seed < 3; seed++) {
      assertThat(kinds(run(CALM, CALM, seed, 60_000))).isEmpty();
    }
  }

  @Test
  void worseTrustedEventsAreADriftOfTheConcept() {
    List<DriftChange> changes = run(CALM, new Phase(1.2, 1.1, 0.1, 0, 0.1), 1, 24_000);

    assertThat(kinds(changes)).containsExactly(DriftKind.CONCEPT);
    DriftChange drift =
        changes.stream().filter(c -> c.state() == DriftState.DRIFT).findFirst().orElseThrow();
    assertThat(drift.onset()).isBetween(CHANGE - 1000L, CHANGE + 1500L);
    assertThat(drift.statistic()).isGreaterThan(drift.threshold());
    assertThat(drift.affected()).isNotEmpty();
    assertThat(changes.get(0).state()).isEqualTo(DriftState.WARNING);
    assertThat(changes).extracting(DriftChange::state).contains(DriftState.RECOVERING);
    assertThat(changes.get(changes.size() - 1).state()).isEqualTo(DriftState.STABLE);
  }

  @Test
  void pairsThatDifferMoreOftenAreADriftOfTheNoise() {
    assertThat(kinds(run(CALM, new Phase(0.3, 0.6, 0.45, 0, 0.1), 2, 26_000)))
        .containsExactly(DriftKind.NOISE);
  }

  @Test
  void movedInputsAloneAreCovariate() {
    assertThat(kinds(run(CALM, new Phase(0.3, 0.4, 0.1, 1, 0.1), 3, 26_000)))
        .containsExactly(DriftKind.COVARIATE);
  }

  @Test
  void otherSharesOfTheLabelsAloneAreThePrior() {
    assertThat(kinds(run(CALM, new Phase(0.3, 0.4, 0.1, 0, 0.3), 4, 26_000)))
        .containsExactly(DriftKind.PRIOR);
  }

  @Test
  void nothingIsWatchedWithNone() {
    DriftMonitor none =
        new DriftMonitor(new DriftSettings(DriftSettings.NONE, 250, 6, true, true, true), 2, 3);
    DriftMonitorState state = none.fresh();

    assertThat(none.trusted(state, 1, 0, 9, true, 1)).isEmpty();
    assertThat(none.labelled(state, 1, 0, 9, new float[3])).isEmpty();
  }

  @Test
  void aStoredMonitorContinuesAsIfItHadNeverStopped() {
    DriftMonitorState state = MONITOR.fresh();
    Random random = new Random(6);
    for (int i = 0; i < 9000; i++) {
      feed(state, i, CALM, random);
    }
    List<double[]> stored = state.arrays().stream().map(double[]::clone).toList();
    DriftMonitorState restored = DriftMonitorState.of(stored);
    assertThat(MONITOR.fits(restored)).isTrue();
    Random one = new Random(7);
    Random other = new Random(7);
    Phase worse = new Phase(1.2, 1.1, 0.1, 0, 0.1);
    List<DriftChange> changes = new ArrayList<>();
    for (int i = 9000; i < 13_000; i++) {
      List<DriftChange> own = feed(state, i, worse, one);
      assertThat(feed(restored, i, worse, other)).isEqualTo(own);
      changes.addAll(own);
    }

    assertThat(kinds(changes)).contains(DriftKind.CONCEPT);
    assertThat(restored.arrays()).usingRecursiveComparison().isEqualTo(state.arrays());
  }

  @Test
  void aMonitorOfAnotherModelDoesNotFitAndRubbishIsRefused() {
    DriftMonitor wider = new DriftMonitor(MONITOR.settings(), 2, 4);
    assertThat(wider.fits(MONITOR.fresh())).isFalse();
    assertThat(MONITOR.fits(DriftMonitorState.none())).isFalse();
    assertThatThrownBy(() -> DriftMonitorState.of(List.of(new double[1])))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DriftSettings("luck", 250, 6, true, true, true))
        .hasMessageContaining("'luck'");
  }

  private static List<DriftKind> kinds(List<DriftChange> changes) {
    return changes.stream()
        .filter(change -> change.state() == DriftState.DRIFT)
        .map(DriftChange::kind)
        .toList();
  }

  private static List<DriftChange> run(Phase before, Phase after, int seed, int events) {
    DriftMonitorState state = MONITOR.fresh();
    Random random = new Random(seed);
    List<DriftChange> changes = new ArrayList<>();
    for (int i = 0; i < events; i++) {
      changes.addAll(feed(state, i, i < CHANGE ? before : after, random));
    }
    return changes;
  }

  /** A labelled event; every fiftieth is trusted too. */
  private static List<DriftChange> feed(
      DriftMonitorState state, int i, Phase phase, Random random) {
    float[] inputs = new float[3];
    for (int f = 0; f < 3; f++) {
      inputs[f] = (float) (random.nextGaussian() + phase.input);
    }
    int label = random.nextDouble() < phase.positives ? 1 : 0;
    List<DriftChange> changes =
        new ArrayList<>(
            MONITOR.labelled(state, i, label, exponential(phase.labelLoss, random), inputs));
    if (i % 50 == 0) {
      int trueLabel = i / 50 % 2;
      double loss = exponential(phase.trustedLoss, random);
      int observed = random.nextDouble() < phase.wrongPairs ? 1 - trueLabel : trueLabel;
      changes.addAll(MONITOR.trusted(state, i, trueLabel, loss, loss > 0.7, observed));
    }
    return changes;
  }

  private static double exponential(double mean, Random random) {
    return -mean * Math.log(1 - random.nextDouble());
  }
}
