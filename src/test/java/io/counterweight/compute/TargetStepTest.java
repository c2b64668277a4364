package io.counterweight.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.compute.StepSettings.LookAhead;
import io.counterweight.meta.MetaWeightNet;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.SeededRandom;
import io.counterweight.optim.Adam;
import io.counterweight.support.CpuBackend;
import io.counterweight.support.Learners;
import io.counterweight.support.Steps;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps towards targets, upper steps by themselves, alignments: on every backend that has them. */
class TargetStepTest {
  private static final BatmSpec SPEC = Learners.spec(2, 5, Normalisation.NONE, 0);
  private static final int N = 9;
  private static final float[] EVEN = {(float) Math.log(0.5), (float) Math.log(0.5)};

  static Stream<CpuBackend> backends() {
    return CpuBackend.all().filter(CpuBackend::knowsTargets);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void hardTargetsOfEvenClassesAreTheStepOnLabels(CpuBackend backend) {
    StepSettings settings = Steps.uniform().lower(Steps.ADAM, 0, 0.3f).settings();
    TrainingState labels = TrainingState.fresh(SPEC, settings, new SeededRandom(4));
    TrainingState targets = TrainingState.fresh(SPEC, settings, new SeededRandom(4));
    Batch train = batch(1);
    Batch anchor = batch(2);
    float[] ones = new float[N];
    Arrays.fill(ones, 1);
    try (BatmCompute compute = backend.backend().open(SPEC)) {
      for (int step = 0; step < 5; step++) {
        compute.step(labels, train, null, anchor, settings, new SeededRandom(1));
        compute.step(
            new StepRequest(
                targets,
                train,
                LabelTargets.hard(2, train.y(), ones, EVEN),
                null,
                false,
                null,
                anchor,
                settings,
                new SeededRandom(1)));
      }
    }

    assertThat(targets.parameters).containsExactly(labels.parameters, within(2e-5f));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void alignmentIsTheDerivativeOfTheLossAlongTheTrustedGradient(CpuBackend backend) {
    StepSettings settings = Steps.uniform().settings();
    TrainingState state = TrainingState.fresh(SPEC, settings, new SeededRandom(4));
    Batch pool = batch(1);
    Batch meta = batch(2);
    float[] nothing = new float[2 * N];
    float[] priors = {(float) Math.log(0.8), (float) Math.log(0.2)};
    LabelTargets weightless = new LabelTargets(nothing, priors);
    float[] s;
    float[] gradient = new float[state.parameters.length];
    float[] up = new float[N];
    float[] down = new float[N];
    float step = 1e-2f;
    LabelTargets each = LabelTargets.hard(2, pool.y(), ones(), priors);
    NetworkPasses passes = backend.passes().apply(SPEC);
    try (BatmCompute compute = backend.backend().open(SPEC)) {
      // Without mass there is no look-ahead but the penalty's, so the trusted gradient is at p.
      s =
          compute.align(
              new SteerRequest(state, pool, each, null, meta, withoutLookAhead(settings)));
    }
    NetworkPasses.Activations activations = passes.newActivations();
    passes.forward(state.parameters, state.statistics, meta, false, null, activations);
    float[] equal = new float[N];
    Arrays.fill(equal, 1f / N);
    passes.backward(state.parameters, activations, equal, 0, gradient);
    losses(passes, state, pool, each, gradient, step, up);
    losses(passes, state, pool, each, gradient, -step, down);
    passes.close();

    assertThat(weightless.masses()).containsOnly(0);
    for (int e = 0; e < N; e++) {
      float slope = (up[e] - down[e]) / (2 * step);
      assertThat(s[e]).isCloseTo(slope, within(2e-3f + 0.02f * Math.abs(slope)));
    }
  }

  /** A learning rate so small that looking ahead does not move. */
  private static StepSettings withoutLookAhead(StepSettings settings) {
    Adam still = new Adam(1e-12f, 0.9f, 0.999f, 1e-3f, 0);
    return new Steps(settings).lower(still, 0, 0).settings();
  }

  private static void losses(
      NetworkPasses passes,
      TrainingState state,
      Batch pool,
      LabelTargets targets,
      float[] direction,
      float step,
      float[] losses) {
    float[] moved = state.parameters.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += step * direction[i];
    }
    NetworkPasses.Activations activations = passes.newActivations();
    passes.forward(moved, state.statistics, pool, false, null, activations);
    targets.losses(activations.logits(), pool.y(), N, activations.stride(), losses);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void anUpperStepMovesTheWeightNetOnlyAndLowersTheTrustedLoss(CpuBackend backend) {
    StepSettings settings =
        Steps.steering()
            .weights("loss+label", WeightNormalisation.MEAN)
            .lookAhead(LookAhead.SGD)
            .lower(new Adam(0.3f, 0.9f, 0.999f, 1e-3f, 0), 0, 0)
            .settings();
    TrainingState state = TrainingState.fresh(SPEC, settings, new SeededRandom(4));
    float[] parameters = state.parameters.clone();
    float[] net = state.weightNet.clone();
    Batch pool = batch(1);
    Batch meta = batch(2);
    LabelTargets each = LabelTargets.hard(2, pool.y(), ones(), EVEN);
    float first;
    float last = 0;
    try (BatmCompute compute = backend.backend().open(SPEC)) {
      first = compute.steer(new SteerRequest(state, pool, each, null, meta, settings));
      for (int step = 0; step < 60; step++) {
        last = compute.steer(new SteerRequest(state, pool, each, null, meta, settings));
      }
    }

    assertThat(state.parameters).isEqualTo(parameters);
    assertThat(state.weightNet).isNotEqualTo(net);
    assertThat(last).isLessThan(first);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aWeightNetThatSeesBeliefsStartsAtThem(CpuBackend backend) {
    StepSettings settings =
        Steps.steering()
            .weights("loss+label+concepts+posterior", WeightNormalisation.MEAN)
            .settings();
    TrainingState state = TrainingState.fresh(SPEC, settings, new SeededRandom(4));
    float[] odds = new float[N];
    for (int e = 0; e < N; e++) {
      odds[e] = e - 4;
    }
    Batch train = batch(1);
    try (BatmCompute compute = backend.backend().open(SPEC)) {
      StepReport report =
          compute.step(
              new StepRequest(
                  state,
                  train,
                  LabelTargets.hard(2, train.y(), ones(), EVEN),
                  odds,
                  true,
                  null,
                  null,
                  settings,
                  new SeededRandom(1)));

      for (int e = 0; e < N; e++) {
        double belief = 1 / (1 + Math.exp(-odds[e]));
        assertThat((double) report.rawWeights()[e]).isCloseTo(belief, within(1e-5));
      }
    }
    assertThat(state.weightNet)
        .hasSize(
            MetaWeightNet.of(SPEC, settings.weightNetHidden(), settings.weightInputs())
                .parameterCount());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void theAverageFollowsTheParametersAndPredicts(CpuBackend backend) {
    StepSettings plain = Steps.uniform().settings();
    StepSettings settings = new Steps(plain).averaging(0.9f).settings();
    TrainingState state = TrainingState.fresh(SPEC, settings, new SeededRandom(4));
    float[] average = state.parameters.clone();
    Batch train = batch(1);
    float[] logits = new float[2];
    float[] concepts = new float[SPEC.conceptCount()];
    float[] expected = new float[2];
    try (BatmCompute compute = backend.backend().open(SPEC)) {
      for (int step = 1; step <= 40; step++) {
        compute.step(state, train, null, null, settings, new SeededRandom(1));
        float keep = (float) Math.min(0.9f, 1 - 2.0 / (step + 2));
        for (int i = 0; i < average.length; i++) {
          average[i] = state.parameters[i] + keep * (average[i] - state.parameters[i]);
        }
      }
      Batch one = new Batch(1, new float[] {0.3f, -1, 2, 0.5f}, null);
      compute.predict(state, one, logits, concepts);
      TrainingState other =
          new TrainingState(
              average,
              state.adam,
              new float[0],
              state.statistics,
              state.conceptMeans,
              state.weightNet,
              state.weightAdam);
      compute.predict(other, one, expected, concepts);
    }

    assertThat(state.averaged).containsExactly(average, within(1e-6f));
    assertThat(logits).containsExactly(expected, within(1e-5f));
    assertThat(state.averaged).isNotEqualTo(state.parameters);
  }

  private static float[] ones() {
    float[] ones = new float[N];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static Batch batch(long seed) {
    SeededRandom random = new SeededRandom(seed);
    float[][] rows = new float[N][SPEC.features()];
    float[] y = new float[N];
    for (int e = 0; e < N; e++) {
      for (int f = 0; f < SPEC.features(); f++) {
        rows[e][f] = random.nextFloat() * 4 - 2;
      }
      y[e] = rows[e][0] + rows[e][1] > 0 ? 1 : 0;
    }
    return Batch.ofRows(rows, y);
  }
}
