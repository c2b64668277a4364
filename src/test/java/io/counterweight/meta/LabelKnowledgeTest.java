package io.counterweight.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Flip rates, errors by concept, the posterior, and the pairs that they are learned from. */
class LabelKnowledgeTest {
  private static final FlipRates RATES = new FlipRates(10, 0.1, 400);

  @Test
  void theRatesBeginAtThePriorAndApproachWhatIsSeen() {
    double[][] counts = new double[2][2];
    assertThat(RATES.rates(counts)[1]).containsExactly(new double[] {0.1, 0.9}, within(1e-9));

    Random random = new Random(1);
    for (int n = 0; n < 4000; n++) {
      RATES.count(counts, 1, random.nextDouble() < 0.4 ? 0 : 1);
    }

    assertThat(RATES.rates(counts)[1][0]).isCloseTo(0.4, within(0.06));
    assertThat(RATES.rates(counts)[0][1]).isCloseTo(0.1, within(1e-9));
  }

  @Test
  void oldPairsAreForgotten() {
    double[][] counts = new double[2][2];
    for (int n = 0; n < 5000; n++) {
      RATES.count(counts, 0, 1);
    }
    for (int n = 0; n < 4000; n++) {
      RATES.count(counts, 0, 0);
    }

    assertThat(RATES.rates(counts)[0][1]).isLessThan(0.01);
  }

  @Test
  void theSharesOfTheTrueClassesExplainThoseOfTheLabels() {
    double[][] rates = {{0.8, 0.15, 0.05}, {0.1, 0.9, 0}, {0.3, 0, 0.7}};
    double[] truth = {0.7, 0.2, 0.1};
    double[] observed = new double[3];
    for (int k = 0; k < 3; k++) {
      for (int j = 0; j < 3; j++) {
        observed[j] += truth[k] * rates[k][j];
      }
    }
    double[] shares = {1 / 3.0, 1 / 3.0, 1 / 3.0};
    for (int n = 0; n < 200; n++) {
      FlipRates.unmix(rates, observed, shares);
    }

    assertThat(shares).containsExactly(truth, within(1e-3));
  }

  @Test
  void thePosteriorIsBayes() {
    double[][] rates = {{0.8, 0.2}, {0.4, 0.6}};
    double[] q = new double[2];

    LabelPosterior.of(new double[] {0, Math.log(3)}, new double[] {0.9, 0.1}, 1, rates, null, q);

    // p(1) is 0.3 / 1.2 at the stream's share.
    double expected = 0.25 * 0.6 / (0.25 * 0.6 + 0.75 * 0.2);
    assertThat(q[1]).isCloseTo(expected, within(1e-9));
    assertThat(q[0] + q[1]).isCloseTo(1, within(1e-12));
  }

  @Test
  void errorsByClassReplaceTheRatesAndKeepTheShapeOfTheirMistakes() {
    double[][] rates = {{0.8, 0.15, 0.05}, {0.1, 0.9, 0}, {0.3, 0, 0.7}};
    double[] even = {1 / 3.0, 1 / 3.0, 1 / 3.0};
    double[] q = new double[3];

    LabelPosterior.of(new double[3], even, 1, rates, new double[] {0.4, 0.1, 0.3}, q);

    double fromZero = 0.4 * 0.15 / 0.2;
    assertThat(q[0]).isCloseTo(fromZero / (fromZero + 0.9), within(1e-9));
    assertThat(q[2]).isZero();
  }

  @Test
  void errorsThatDependOnAConceptAreFound() {
    ConceptErrors errors = new ConceptErrors(0.05, 1e-3);
    ConceptErrors.State state = new ConceptErrors.State(2, 2);
    double[][] rates = {{0.95, 0.05}, {0.3, 0.7}};
    Random random = new Random(5);
    for (int step = 0; step < 3000; step++) {
      int[] labels = {0, 1, 0, 1};
      boolean[] wrong = new boolean[4];
      float[] z = new float[8];
      for (int e = 0; e < 4; e++) {
        z[e] = (float) random.nextGaussian();
        z[4 + e] = (float) random.nextGaussian();
        // Frauds of a large first concept are never reported.
        wrong[e] = labels[e] == 1 && z[e] > 0.5 || labels[e] == 0 && random.nextInt(20) == 0;
      }
      errors.learn(state, rates, labels, wrong, z);
    }
    double[] large = new double[2];
    double[] small = new double[2];
    errors.predict(state, rates, new float[] {1.5f, 0}, 1, 0, large);
    errors.predict(state, rates, new float[] {-1.5f, 0}, 1, 0, small);

    assertThat(large[1]).isGreaterThan(0.8);
    assertThat(small[1]).isLessThan(0.05);
    assertThat(large[0]).isCloseTo(0.05, within(0.06));
  }

  @Test
  void theTwoLabelsOfAnEventMeetInWhicheverOrderTheyCome() {
    LabelPairs pairs = new LabelPairs(3);

    assertThat(pairs.observe("a", 1)).isEqualTo(LabelPairs.UNKNOWN);
    assertThat(pairs.trust("a", 0)).isEqualTo(1);
    assertThat(pairs.trust("b", 1)).isEqualTo(LabelPairs.UNKNOWN);
    assertThat(pairs.observe("b", 0)).isEqualTo(1);
    pairs.observe("c", 0);
    pairs.observe("d", 0);
    assertThat(pairs.trust("a", 1)).as("the window holds three").isEqualTo(LabelPairs.UNKNOWN);
    assertThat(pairs.trust("b", 1)).isZero();
  }

  @Test
  void pairsMoveToAWindowOfAnotherSizeNewestFirst() {
    LabelPairs pairs = new LabelPairs(4);
    for (int n = 0; n < 6; n++) {
      pairs.observe("e" + n, n % 2);
    }

    LabelPairs smaller = pairs.resized(2);

    assertThat(smaller.trust("e5", 0)).isEqualTo(1);
    assertThat(smaller.trust("e4", 0)).isZero();
    assertThat(smaller.trust("e3", 0)).isEqualTo(LabelPairs.UNKNOWN);
    assertThat(pairs.hashes(false)).hasSize(4);
  }
}
