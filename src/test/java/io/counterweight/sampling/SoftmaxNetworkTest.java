package io.counterweight.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.compute.scalar.ScalarKernels;
import io.counterweight.optim.Adam;
import org.junit.jupiter.api.Test;

class SoftmaxNetworkTest {
  private static final LabelledRows ROWS = Blobs.of(80, 60, 4, 1);

  @Test
  void itLearnsToTellTwoCloudsApart() {
    SoftmaxNetwork network = network(training(1e-2, 60, false, false));

    network.train(ROWS);

    assertThat(accuracy(network, Blobs.of(500, 500, 4, 2))).isGreaterThan(0.95);
    assertThat(network.majorityLoss(ROWS)).isBetween(0.0, 0.1);
  }

  @Test
  void trainingEndsAtTheToleranceOrAfterTheMostEpochs() {
    assertThat(network(training(1e9, 50, false, false)).train(ROWS)).isEqualTo(1);
    assertThat(network(training(0, 7, false, false)).train(ROWS)).isEqualTo(7);
    assertThat(network(training(0.1, 500, false, false)).train(ROWS)).isBetween(2, 499);
    assertThat(network(training(0.1, 500, false, true)).train(ROWS)).isBetween(2, 499);
  }

  @Test
  void aSecondSoftmaxHasTheFloorOfThePublishedCode() {
    SoftmaxNetwork network = network(training(1e-3, 200, true, false));

    network.train(ROWS);

    double floor = Math.log(1 + Math.exp(-1)); // .3133
    assertThat(network.majorityLoss(ROWS)).isCloseTo(floor * 80 / 140, within(0.03));
    assertThat(network.majorityLoss(ROWS)).isGreaterThanOrEqualTo(floor * 80 / 140);
  }

  @Test
  void theMajorityLossIsTheMeanLossLessTheMinorityPart() {
    SoftmaxNetwork network = network(training(1e-2, 5, false, false));
    network.train(ROWS);
    double[] p = network.predict(ROWS);
    double all = 0;
    double minority = 0;
    for (int i = 0; i < p.length; i++) {
      double loss = -Math.log(ROWS.y()[i] == 1 ? p[i] : 1 - p[i]);
      all += loss / p.length;
      minority += ROWS.y()[i] == 1 ? loss / p.length : 0;
    }

    assertThat(network.majorityLoss(ROWS)).isCloseTo(all - minority, within(1e-9));
  }

  @Test
  void whatWasSavedTrainsOnAsBefore() {
    SoftmaxNetwork network = network(training(0, 3, false, false));
    network.train(ROWS);
    SoftmaxNetwork.State saved = network.save();
    network.train(ROWS);
    float[] once = network.save().parameters();

    network.restore(saved);
    assertThat(network.save().parameters()).isNotEqualTo(once);
    network.train(ROWS);

    assertThat(network.save().parameters()).isEqualTo(once);
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> training(0, 0, false, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 epochs");
    assertThatThrownBy(() -> training(Double.NaN, 1, false, false)).hasMessageContaining("NaN");
  }

  private static SoftmaxNetwork.Training training(
      double tolerance, int epochs, boolean doubleSoftmax, boolean lastBatch) {
    return new SoftmaxNetwork.Training(
        Adam.withRate(1e-3f), 32, tolerance, epochs, doubleSoftmax, lastBatch);
  }

  private static SoftmaxNetwork network(SoftmaxNetwork.Training training) {
    return new SoftmaxNetwork(new ScalarKernels(), 3, training, 11);
  }

  private static double accuracy(SoftmaxNetwork network, LabelledRows rows) {
    double[] p = network.predict(rows);
    double right = 0;
    for (int i = 0; i < p.length; i++) {
      right += (p[i] >= 0.5) == (rows.y()[i] == 1) ? 1.0 / p.length : 0;
    }
    return right;
  }
}
