package io.counterweight.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ReferenceAdamTest {

  private static final ReferenceAdam ADAM = new ReferenceAdam(0.1, 0.9, 0.999, 1e-8, 0);

  @Test
  void firstStepHasTheLengthOfTheLearningRate() {
    ReferenceAdam.Update update =
        ADAM.step(ReferenceAdam.State.start(2), new double[] {1, 1}, new double[] {3, -0.01});

    assertThat(update.parameters()[0]).isCloseTo(0.9, within(1e-8));
    assertThat(update.parameters()[1]).isCloseTo(1.1, within(1e-6));
  }

  @Test
  void weightDecayShrinksParametersApartFromTheGradient() {
    ReferenceAdam decaying = new ReferenceAdam(0.1, 0.9, 0.999, 1e-8, 0.5);

    ReferenceAdam.Update update =
        decaying.step(ReferenceAdam.State.start(1), new double[] {2}, new double[] {0});

    assertThat(update.parameters()[0]).isCloseTo(2 * (1 - 0.1 * 0.5), within(1e-15));
  }

  @Test
  void metricBeforeTheFirstStepIsTheIdentity() {
    assertThat(ADAM.metric(ReferenceAdam.State.start(2))).containsExactly(1, 1);
  }

  @Test
  void metricIsTheSlopeOfTheNextStepAtFrozenSecondMoment() {
    ReferenceAdam.State state =
        ADAM.step(ReferenceAdam.State.start(1), new double[] {0}, new double[] {0.5}).state();

    double[] metric = ADAM.metric(state);

    // sqrt(second / (1 − beta2)) is the magnitude of the only gradient so far.
    assertThat(metric[0]).isCloseTo(0.1 / (1 - 0.81) / (0.5 + 1e-8), within(1e-12));
  }

  @Test
  void argumentsStayAsTheyWere() {
    ReferenceAdam.State state = ReferenceAdam.State.start(1);
    double[] parameters = {1};
    double[] gradient = {2};

    ADAM.step(state, parameters, gradient);

    assertThat(parameters).containsExactly(1);
    assertThat(gradient).containsExactly(2);
    assertThat(state.step()).isZero();
    assertThat(state.first()).containsExactly(0);
  }
}
