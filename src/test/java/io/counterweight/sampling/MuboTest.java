package io.counterweight.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.compute.scalar.ScalarKernels;
import io.counterweight.optim.Adam;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MuboTest {
  private static final LabelledRows ROWS = Blobs.of(400, 60, 2, 1);

  /** By the paper's rule; and a rejected micro-sample leaves all of the network as it was. */
  @ParameterizedTest
  @CsvSource({"PAPER, 1", "PAPER, 2", "PAPER, 3", "CORRECTED, 1", "CORRECTED, 2", "CORRECTED, 3"})
  void acceptedLossesNeverRiseAndRejectedOnesChangeNothing(MuboVariant variant, long seed) {
    SoftmaxNetwork network = network(variant, seed);
    Mubo mubo = new Mubo(variant, ROWS, network, seed);
    List<Double> accepted = new ArrayList<>(List.of(AcceptRule.STARTING_LOSS));
    List<SoftmaxNetwork.State> kept = new ArrayList<>(List.of(network.save()));
    int[] rejected = {0};

    mubo.run(
        60,
        step -> {
          double last = accepted.get(accepted.size() - 1);
          assertThat(step.bound()).isEqualTo(last);
          if (step.accepted()) {
            assertThat(step.majorityLoss()).isLessThanOrEqualTo(last);
            accepted.add(step.majorityLoss());
            kept.add(network.save());
          } else {
            assertThat(step.majorityLoss()).isGreaterThan(last);
            assertSame(network.save(), kept.get(kept.size() - 1));
            rejected[0]++;
          }
        });

    assertThat(accepted).hasSizeGreaterThan(1);
    assertThat(rejected[0]).isPositive();
    int[] rows = mubo.accepted();
    assertThat(Arrays.stream(rows).distinct().count())
        .as("without replacement")
        .isEqualTo(rows.length);
    assertThat(Arrays.stream(rows).allMatch(row -> ROWS.y()[row] == LabelledRows.MAJORITY))
        .isTrue();
  }

  private static void assertSame(SoftmaxNetwork.State actual, SoftmaxNetwork.State expected) {
    assertThat(actual.parameters()).isEqualTo(expected.parameters());
    assertThat(actual.adam().firstMoment).isEqualTo(expected.adam().firstMoment);
    assertThat(actual.adam().secondMoment).isEqualTo(expected.adam().secondMoment);
    assertThat(actual.adam().steps).isEqualTo(expected.adam().steps);
    assertThat(actual.random()).isEqualTo(expected.random());
  }

  /**
   * By its own rule, which is followed here from outside; what is rejected is learned all the same.
   */
  @Test
  void thePublishedCodeAcceptsBelowItsBoundAndKeepsWhatItLearned() {
    SoftmaxNetwork network = network(MuboVariant.PUBLISHED_CODE, 5);
    Mubo mubo = new Mubo(MuboVariant.PUBLISHED_CODE, ROWS, network, 5);
    AcceptRule rule = AcceptRule.publishedCode();
    List<Mubo.Step> steps = new ArrayList<>();
    List<float[]> parameters = new ArrayList<>();

    mubo.run(
        40,
        step -> {
          assertThat(step.bound()).isEqualTo(rule.bound());
          assertThat(step.accepted()).isEqualTo(step.majorityLoss() < rule.bound());
          if (step.accepted()) {
            rule.accepted(step.majorityLoss());
          }
          steps.add(step);
          parameters.add(network.save().parameters());
        });

    assertThat(steps.get(0).proposed()).as("burn-in, .15 m").isEqualTo(9);
    assertThat(steps.get(1).proposed()).as(".25 m - .2 m").isEqualTo(3);
    int rejected = -1;
    for (int s = 1; s < steps.size(); s++) {
      rejected = steps.get(s).accepted() ? rejected : s;
    }
    assertThat(rejected).isPositive();
    assertThat(parameters.get(rejected)).isNotEqualTo(parameters.get(rejected - 1));
  }

  @Test
  void microSamplesAreATenthOfTheRareClassThenAHundredth() {
    Mubo mubo = new Mubo(MuboVariant.CORRECTED, ROWS, network(MuboVariant.CORRECTED, 1), 1);
    List<Mubo.Step> steps = new ArrayList<>();

    mubo.run(60, steps::add);

    // Of 60 rare rows 12 are held out, so m is 48.
    assertThat(mubo.minorityRows()).isEqualTo(48);
    for (Mubo.Step step : steps) {
      int before = step.majorityRows() - (step.accepted() ? step.proposed() : 0);
      assertThat(step.proposed()).isEqualTo(48 + before > 84 ? 1 : 5);
    }
  }

  @ParameterizedTest
  @EnumSource(MuboVariant.class)
  void theSameSeedGivesTheSameRunAndItEndsWhenNothingIsLeft(MuboVariant variant) {
    LabelledRows small = Blobs.of(30, 20, 2, 2);
    Mubo one = new Mubo(variant, small, network(variant, 3), 9);
    Mubo two = new Mubo(variant, small, network(variant, 3), 9);
    List<Mubo.Step> steps = new ArrayList<>();

    one.run(100, steps::add);
    two.run(100, step -> assertThat(step).isEqualTo(steps.get(step.number() - 1)));

    assertThat(two.accepted()).isEqualTo(one.accepted());
    if (variant != MuboVariant.PUBLISHED_CODE) {
      assertThat(steps).hasSizeLessThan(100);
    }
  }

  @Test
  void oneRowOfAClassIsTooFew() {
    LabelledRows rows = Blobs.of(30, 1, 2, 2);
    SoftmaxNetwork network = network(MuboVariant.PAPER, 1);

    assertThatThrownBy(() -> new Mubo(MuboVariant.PAPER, rows, network, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 and 30 rows");
  }

  private static SoftmaxNetwork network(MuboVariant variant, long seed) {
    boolean published = variant == MuboVariant.PUBLISHED_CODE;
    return new SoftmaxNetwork(
        new ScalarKernels(),
        3,
        new SoftmaxNetwork.Training(Adam.withRate(1e-3f), 32, 1e-3, 6, published, published),
        seed);
  }
}
