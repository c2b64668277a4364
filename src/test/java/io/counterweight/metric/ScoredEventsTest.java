package io.counterweight.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScoredEventsTest {
  private static final double ROUNDING = 1e-6;

  private static float[] binary(double p1) {
    return new float[] {(float) (1 - p1), (float) p1};
  }

  private static ScoredEvents binary(double[] p1, int[] labels) {
    ScoredEvents events = new ScoredEvents(2);
    for (int i = 0; i < labels.length; i++) {
      events.set(i, labels[i], Decisions.mostProbable(binary(p1[i])), binary(p1[i]));
    }
    return events;
  }

  @Test
  void twoClassesByHand() {
    Quality quality = binary(new double[] {0.1, 0.4, 0.35, 0.8}, new int[] {0, 0, 1, 1}).quality();

    assertThat(quality.rocAuc()).isEqualTo(0.75);
    assertThat(quality.prAuc()).isEqualTo(5 / 6.0, within(ROUNDING));
    assertThat(quality.accuracy()).isEqualTo(0.75);
    assertThat(quality.gMean()).isEqualTo(Math.sqrt(0.5), within(ROUNDING));
    assertThat(quality.brier()).isEqualTo((0.01 + 0.16 + 0.65 * 0.65 + 0.04) / 4, within(ROUNDING));
    assertThat(quality.logLoss())
        .isEqualTo(
            -(Math.log(0.9) + Math.log(0.6) + Math.log(0.35) + Math.log(0.8)) / 4,
            within(ROUNDING));
    // Bins of 1/15: every event is alone but 0.35 and 0.4, which fall apart too.
    assertThat(quality.ece()).isEqualTo((0.1 + 0.4 + 0.65 + 0.2) / 4, within(ROUNDING));
    // From the second event on two of three are right, as are two of three repetitions.
    assertThat(quality.kappaNoChange()).isEqualTo(0, within(ROUNDING));
  }

  @Test
  void theNoChangeClassifierIsBeatenAndUndefinedWhereItIsPerfect() {
    int[] alternating = {0, 1, 0, 1, 1};
    double[] right = {0.1, 0.9, 0.1, 0.9, 0.9};

    assertThat(binary(right, alternating).quality().kappaNoChange()).isEqualTo(1);
    assertThat(binary(right, new int[] {1, 1, 1, 1, 1}).quality().kappaNoChange()).isNaN();
    assertThat(binary(new double[] {0.5}, new int[] {1}).quality().kappaNoChange()).isNaN();
  }

  @Test
  void calibratedProbabilitiesHaveNoCalibrationError() {
    double[] p1 = new double[100];
    int[] labels = new int[100];
    for (int i = 0; i < 100; i++) {
      p1[i] = i < 50 ? 0.1 : 0.7;
      labels[i] = i < 50 ? (i < 5 ? 1 : 0) : (i < 85 ? 1 : 0);
    }

    assertThat(binary(p1, labels).quality().ece()).isEqualTo(0, within(ROUNDING));
  }

  @Test
  void threeClassesByHand() {
    ScoredEvents events = new ScoredEvents(4); // class 3 never occurs
    events.set(
        0,
        0,
        Decisions.mostProbable(new float[] {0.5f, 0.25f, 0.25f, 0}),
        new float[] {0.5f, 0.25f, 0.25f, 0});
    events.set(
        1,
        1,
        Decisions.mostProbable(new float[] {0.5f, 0.375f, 0.125f, 0}),
        new float[] {0.5f, 0.375f, 0.125f, 0});
    events.set(
        2,
        2,
        Decisions.mostProbable(new float[] {0.125f, 0.125f, 0.75f, 0}),
        new float[] {0.125f, 0.125f, 0.75f, 0});

    Quality quality = events.quality();

    // One against the rest: class 0 ties with event 1, classes 1 and 2 are on top.
    assertThat(quality.rocAuc()).isEqualTo((0.75 + 1 + 1) / 3, within(ROUNDING));
    assertThat(quality.prAuc()).isEqualTo((0.5 + 1 + 1) / 3, within(ROUNDING));
    assertThat(quality.accuracy()).isEqualTo(2 / 3.0);
    assertThat(quality.brier())
        .isEqualTo(
            ((0.25 + 0.0625 + 0.0625) + (0.25 + 0.625 * 0.625 + 0.015625) + (0.015625 * 2 + 0.0625))
                / 3,
            within(ROUNDING));
    assertThat(quality.logLoss())
        .isEqualTo(-(Math.log(0.5) + Math.log(0.375) + Math.log(0.75)) / 3, within(ROUNDING));
    assertThat(quality.ece()).isEqualTo((Math.abs(1 - 1.0) + 0.25) / 3, within(ROUNDING));
  }

  @Test
  void theOrderInWhichResultsComeDoesNotMatter() {
    Random random = new Random(5);
    int size = 3000;
    float[][] probabilities = new float[size][];
    int[] labels = new int[size];
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      labels[i] = random.nextInt(2);
      probabilities[i] = binary(random.nextDouble());
      order.add(i);
    }
    ScoredEvents inOrder = new ScoredEvents(2);
    order.forEach(
        i -> inOrder.set(i, labels[i], Decisions.mostProbable(probabilities[i]), probabilities[i]));
    ScoredEvents mixed = new ScoredEvents(2);
    Collections.shuffle(order, random);
    order.forEach(
        i -> mixed.set(i, labels[i], Decisions.mostProbable(probabilities[i]), probabilities[i]));

    assertThat(mixed.quality()).isEqualTo(inOrder.quality());
  }

  @Test
  void gapsAreNoEventsAndARepetitionReplaces() {
    ScoredEvents events = new ScoredEvents(2);

    assertThat(events.set(9, 1, Decisions.mostProbable(binary(0.9)), binary(0.9))).isTrue();
    assertThat(events.set(2000, 0, Decisions.mostProbable(binary(0.9)), binary(0.9))).isTrue();
    assertThat(events.set(2000, 0, Decisions.mostProbable(binary(0.2)), binary(0.2))).isFalse();

    assertThat(events.size()).isEqualTo(2);
    assertThat(events.quality().accuracy()).isEqualTo(1);
    assertThat(events.quality().brier()).isEqualTo((0.01 + 0.04) / 2, within(ROUNDING));
  }

  @Test
  void aCertainMistakeHasABoundedLoss() {
    assertThat(binary(new double[] {0}, new int[] {1}).quality().logLoss())
        .isEqualTo(-Math.log(1e-15), within(ROUNDING));
  }

  @Test
  void nothingIsUndefined() {
    assertThat(new ScoredEvents(2).quality().values().values()).allMatch(value -> value.isNaN());
    assertThat(new ScoredEvents(3).quality().values().values()).allMatch(value -> value.isNaN());
  }

  @Test
  void whatDoesNotFitIsRefused() {
    ScoredEvents events = new ScoredEvents(2);

    assertThatThrownBy(() -> events.set(0, 2, Decisions.mostProbable(binary(0.5)), binary(0.5)))
        .hasMessageContaining("label 2");
    assertThatThrownBy(() -> events.set(0, 1, 1, new float[3])).hasMessageContaining("3 probab");
    assertThatThrownBy(() -> new ScoredEvents(1)).hasMessageContaining("classes is 1");
  }
}
