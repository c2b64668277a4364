package io.counterweight.optim;

import static io.counterweight.support.ReferenceComparison.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.support.Floats;
import io.counterweight.support.ReferenceAdam;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdamTest {
  private static final int SIZE = 50;

  @ParameterizedTest
  @ValueSource(floats = {0, 0.1f})
  void stepsAndMetricEqualTwin(float weightDecay) {
    Adam adam = new Adam(0.01f, 0.9f, 0.99f, 1e-6f, weightDecay);
    ReferenceAdam twin = new ReferenceAdam(0.01f, 0.9f, 0.99f, 1e-6f, weightDecay);
    Random random = new Random(5);
    float[] parameters = Floats.of(random.doubles(SIZE, -1, 1).toArray());
    AdamState state = new AdamState(SIZE);
    double[] expected = Floats.toDoubles(parameters);
    ReferenceAdam.State twinState = ReferenceAdam.State.start(SIZE);

    for (int t = 1; t <= 200; t++) {
      float[] gradient = new float[SIZE];
      for (int j = 0; j < SIZE; j++) {
        // Six orders of magnitude, so that both sides of epsilon are met.
        gradient[j] = (float) (random.nextGaussian() * Math.pow(10, j % 7 - 6));
      }
      adam.step(parameters, gradient, state);
      ReferenceAdam.Update update = twin.step(twinState, expected, Floats.toDoubles(gradient));
      expected = update.parameters();
      twinState = update.state();
      float[] metric = new float[SIZE];
      adam.metric(state, Float.POSITIVE_INFINITY, metric);

      assertThat(state.steps).isEqualTo(t);
      assertClose("step " + t, "parameters", expected, Floats.toDoubles(parameters), 1e-5);
      assertClose("step " + t, "metric", twin.metric(twinState), Floats.toDoubles(metric), 1e-4);
    }
  }

  @Test
  void metricIsTheIdentityBeforeTheFirstStepAndCappedAfterIt() {
    Adam adam = Adam.withRate(0.1f);
    AdamState state = new AdamState(2);
    float[] metric = new float[2];

    adam.metric(state, 7, metric);
    assertThat(metric).containsOnly(1);

    adam.step(new float[2], new float[] {1, 0}, state);
    adam.metric(state, 7, metric);

    // 0.1 / (1 - 0.9²) over a root of 1; the dead parameter would have 5e7.
    assertThat(metric[0]).isCloseTo(0.526f, within(0.001f));
    assertThat(metric[1]).isEqualTo(7);
  }

  @Test
  void weightDecayShrinksWithoutAGradient() {
    float[] parameters = {2};

    new Adam(0.5f, 0.9f, 0.999f, 1e-8f, 0.1f).step(parameters, new float[1], new AdamState(1));

    assertThat(parameters[0]).isCloseTo(1.9f, within(1e-6f));
  }

  @Test
  void settingsOutsideTheirRangesAreRefused() {
    assertThatThrownBy(() -> Adam.withRate(0)).hasMessageContaining("learningRate is 0.0");
    assertThatThrownBy(() -> Adam.withRate(Float.NaN)).hasMessageContaining("learningRate is NaN");
    assertThatThrownBy(() -> new Adam(0.1f, 1, 0.9f, 1, 0)).hasMessageContaining("beta1 is 1.0");
    assertThatThrownBy(() -> new Adam(0.1f, 0, -1, 1, 0)).hasMessageContaining("beta2 is -1.0");
    assertThatThrownBy(() -> new Adam(0.1f, 0, 0, 0, 0)).hasMessageContaining("epsilon is 0.0");
    assertThatThrownBy(() -> new Adam(0.1f, 0, 0, 1, 1)).hasMessageContaining("weightDecay is 1");
  }
}
