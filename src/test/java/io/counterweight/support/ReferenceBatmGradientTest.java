package io.counterweight.support;

import static io.counterweight.support.ReferenceComparison.assertClose;
import static io.counterweight.support.ReferenceComparison.assertWithin;
import static io.counterweight.support.ReferenceComparison.largest;
import static io.counterweight.support.ReferenceComparison.slice;

import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.ParameterLayout;
import io.counterweight.support.RandomProblem.Options;
import io.counterweight.support.ReferenceBilevelStep.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The twin's derivatives against central differences, for every combination of the model's options.
 * Points are drawn until no unit is near a kink, where a difference is no derivative.
 */
class ReferenceBatmGradientTest {

  private static final int EVENTS = 8;
  private static final double TOLERANCE = 1e-7;
  private static final double KINK_MARGIN = 3e-3;

  /** A unit that is nearly constant over a batch multiplies rounding by 1 / deviation. */
  private static final double SMALLEST_VARIANCE = 1e-3;

  static List<Options> options() {
    List<Options> all = new ArrayList<>();
    for (int order = 1; order <= 3; order++) {
      for (int outputs : new int[] {1, 2, 4}) {
        for (float expansionPoint : new float[] {0, 0.3f}) {
          for (Normalisation normalisation : Normalisation.values()) {
            for (InputLayer layer : InputLayer.values()) {
              for (boolean dropout : new boolean[] {false, true}) {
                all.add(
                    new Options(
                        normalisation, layer, order, outputs, true, dropout, expansionPoint));
              }
            }
          }
          all.add(
              new Options(
                  Normalisation.NONE,
                  InputLayer.LINEAR,
                  order,
                  outputs,
                  false,
                  false,
                  expansionPoint));
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("options")
  void gradientEqualsCentralDifferences(Options options) {
    RandomProblem problem = awayFromKinks(options);
    ReferenceBatm batm = new ReferenceBatm(problem.spec());
    Batch batch = problem.batch(EVENTS, 0);
    double[] weights = problem.vector(EVENTS, 1);

    double[] gradient =
        batm.gradient(
            pass(problem, batm, problem.parameters()), batch.y(), weights, batm.outputPenalty());
    double[] differences =
        CentralDifferences.gradient(
            parameters ->
                batm.objective(
                    pass(problem, batm, parameters), batch.y(), weights, batm.outputPenalty()),
            problem.parameters());

    for (ParameterLayout.Block block : ParameterLayout.parameters(problem.spec()).blocks()) {
      double[] expected = slice(differences, block);
      assertWithin(
          "seed " + problem.seed() + ", " + options,
          "gradient " + block.name(),
          expected,
          slice(gradient, block),
          // Rounding of the differences is as large as the objective, not as the block.
          TOLERANCE * largest(expected) + 1e-10 * (1 + largest(differences)));
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void lossTangentsEqualCentralDifferences(Options options) {
    RandomProblem problem = awayFromKinks(options);
    ReferenceBatm batm = new ReferenceBatm(problem.spec());
    Batch batch = problem.batch(EVENTS, 0);
    double[] direction = problem.vector(problem.parameters().length, 2);
    for (int j = 0; j < direction.length; j++) {
      direction[j] *= 0.1; // all parameters move at once, and the kinks are near
    }

    double[] tangents =
        batm.lossTangents(pass(problem, batm, problem.parameters()), batch.y(), direction);
    double[] differences =
        CentralDifferences.derivatives(
            step -> {
              double[] moved = problem.parameters().clone();
              for (int j = 0; j < moved.length; j++) {
                moved[j] += step * direction[j];
              }
              return batm.losses(pass(problem, batm, moved), batch.y());
            });

    assertClose(
        "seed " + problem.seed() + ", " + options,
        "loss tangents",
        differences,
        tangents,
        TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("options")
  void tangentsAndGradientAreAdjoint(Options options) {
    RandomProblem problem = RandomProblem.draw(options, 7);
    ReferenceBatm batm = new ReferenceBatm(problem.spec());
    Batch batch = problem.batch(EVENTS, 0);
    double[] weights = problem.vector(EVENTS, 1);
    double[] direction = problem.vector(problem.parameters().length, 2);
    ReferenceBatm.Pass pass = pass(problem, batm, problem.parameters());

    double byTangents = dot(weights, batm.lossTangents(pass, batch.y(), direction));
    double byGradient = dot(batm.gradient(pass, batch.y(), weights, 0), direction);

    assertClose(
        "seed " + problem.seed() + ", " + options, "product", byGradient, byTangents, 1e-10);
  }

  @Test
  void batchStatisticsAreDifferentiatedThrough() {
    Options options = new Options(Normalisation.BATCH, InputLayer.LINEAR, 2, 2, true, false, 0);
    RandomProblem problem = RandomProblem.draw(options, 7);
    ReferenceBatm batm = new ReferenceBatm(problem.spec());
    double[] gradient =
        batm.gradient(
            pass(problem, batm, problem.parameters()),
            problem.batch(EVENTS, 0).y(),
            problem.vector(EVENTS, 1),
            batm.outputPenalty());

    // A batch's own mean takes away whatever bias came before it.
    ParameterLayout layout = ParameterLayout.parameters(problem.spec());
    for (String bias : List.of("enc0.0.b", "enc0.1.b", "enc0.2.b", "enc1.b")) {
      double[] found = slice(gradient, layout.block(bias));
      assertWithin(
          "seed " + problem.seed(), "gradient " + bias, new double[found.length], found, 1e-13);
    }
  }

  private static RandomProblem awayFromKinks(Options options) {
    for (long seed = 1; seed <= 2000; seed++) {
      RandomProblem problem = RandomProblem.draw(options, seed);
      ReferenceBatm batm = new ReferenceBatm(problem.spec());
      ReferenceBatm.Pass pass = pass(problem, batm, problem.parameters());
      if (batm.distanceToKink(pass) > KINK_MARGIN && smallestVariance(pass) > SMALLEST_VARIANCE) {
        return problem;
      }
    }
    throw new AssertionError(
        "No seed of 1 to 2000 is well conditioned and away from kinks with " + options);
  }

  private static double smallestVariance(ReferenceBatm.Pass pass) {
    return pass.layers().stream()
        .filter(layer -> layer.variance() != null)
        .flatMap(layer -> Arrays.stream(layer.variance()))
        .flatMapToDouble(Arrays::stream)
        .min()
        .orElse(1);
  }

  private static ReferenceBatm.Pass pass(
      RandomProblem problem, ReferenceBatm batm, double[] parameters) {
    Batch batch = problem.batch(EVENTS, 0);
    return batm.stepForward(parameters, problem.statistics(), batch.x(), batch.masks());
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }
}
