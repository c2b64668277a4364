package io.counterweight.support;

import static io.counterweight.support.ReferenceComparison.assertBlocksClose;
import static io.counterweight.support.ReferenceComparison.assertClose;
import static io.counterweight.support.ReferenceComparison.assertWithin;
import static io.counterweight.support.ReferenceComparison.largest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.ParameterLayout;
import io.counterweight.support.RandomProblem.Options;
import io.counterweight.support.ReferenceBilevelStep.Batch;
import io.counterweight.support.ReferenceBilevelStep.Learner;
import io.counterweight.support.ReferenceBilevelStep.Lookahead;
import io.counterweight.support.ReferenceBilevelStep.Metric;
import io.counterweight.support.ReferenceBilevelStep.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReferenceBilevelStepTest {

  private static final int TRAIN = 12;
  private static final int META = 9;
  private static final double LEARNING_RATE = 0.05;

  /** One way of making the weights, on one kind of model. */
  record Case(
      Options options,
      Metric metric,
      ReferenceWeightNet.Normalisation weights,
      boolean standardisedLoss,
      boolean label,
      boolean concepts,
      boolean prior) {}

  static List<Case> cases() {
    List<Options> models = new ArrayList<>();
    for (Normalisation normalisation : Normalisation.values()) {
      models.add(model(normalisation, 3, true));
    }
    List<Case> cases = new ArrayList<>();
    for (Options model : models) {
      for (Metric metric : Metric.values()) {
        for (ReferenceWeightNet.Normalisation weights : ReferenceWeightNet.Normalisation.values()) {
          for (int bits = 0; bits < 16; bits++) {
            cases.add(
                new Case(
                    model,
                    metric,
                    weights,
                    (bits & 1) != 0,
                    (bits & 2) != 0,
                    (bits & 4) != 0,
                    (bits & 8) != 0));
          }
        }
        for (int bits = 0; bits < 4; bits++) {
          cases.add(
              new Case(
                  model(model.normalisation(), 1, false),
                  metric,
                  bits < 2
                      ? ReferenceWeightNet.Normalisation.SUM
                      : ReferenceWeightNet.Normalisation.MEAN,
                  (bits & 1) != 0,
                  false,
                  true,
                  true));
        }
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hypergradientEqualsCentralDifferences(Case c) {
    for (long seed = 1; seed <= 500; seed++) {
      Setting setting = new Setting(c, seed);
      Lookahead lookahead = setting.lookahead(setting.theta);
      boolean meaningful = largest(lookahead.hypergradient()) > 1e-3 * lookahead.metaLoss();
      if (!meaningful || setting.distanceToKink(lookahead) < 2e-3) {
        continue;
      }

      double[] differences =
          CentralDifferences.gradient(theta -> setting.lookahead(theta).metaLoss(), setting.theta);

      assertWithin(
          "seed " + seed + ", " + c,
          "hypergradient",
          differences,
          lookahead.hypergradient(),
          // The second term is what rounding leaves of a difference of meta losses.
          1e-6 * largest(differences) + 1e-10 * lookahead.metaLoss());
      return;
    }
    throw new AssertionError("No seed of 1 to 500 is away from kinks with " + c);
  }

  static List<Case> casesOfModels() {
    return cases().stream().filter(c -> c.prior() && c.concepts() && !c.label()).toList();
  }

  @ParameterizedTest
  @MethodSource("casesOfModels")
  void sIsMinusTheSlopeOfTheMetaLossByAWeightOverTheRate(Case c) {
    for (long seed = 1; seed <= 500; seed++) {
      Setting setting = new Setting(c, seed);
      Lookahead lookahead = setting.lookahead(setting.theta);
      if (setting.distanceToKink(lookahead) < 2e-3) {
        continue;
      }

      double[] slopes = CentralDifferences.gradient(setting::metaLossOfWeights, setting.weights());

      double[] found = Arrays.stream(lookahead.s()).map(s -> -LEARNING_RATE * s).toArray();
      assertClose("seed " + seed + ", " + c, "-rate s", slopes, found, 1e-6);
      return;
    }
    throw new AssertionError("No seed of 1 to 500 is away from kinks with " + c);
  }

  @Test
  void anchorEntersTheRealStepOnly() {
    Setting setting = new Setting(typical(Normalisation.RUNNING), 3);
    ReferenceBilevelStep step = setting.step;
    Batch other = setting.problem.batch(7, 5);
    Learner learner = setting.learner();

    Result withMeta = step.step(learner, setting.train, setting.meta, setting.meta);
    Result withOther = step.step(learner, setting.train, setting.meta, other);

    assertThat(withOther.lookahead().hypergradient())
        .containsExactly(withMeta.lookahead().hypergradient());
    assertThat(withOther.weights()).containsExactly(withMeta.weights());
    assertThat(withOther.learner().parameters()).isNotEqualTo(withMeta.learner().parameters());
    double[] statistics = withMeta.learner().statistics();
    assertThat(withOther.objective() - withMeta.objective())
        .isCloseTo(
            step.metaMix()
                * (meanLoss(step, learner.parameters(), statistics, other)
                    - meanLoss(step, learner.parameters(), statistics, setting.meta)),
            within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("normalisations")
  void realStepFollowsTheGradientOfTheObjective(Normalisation normalisation) {
    Setting setting = new Setting(typical(normalisation), 4);
    ReferenceBilevelStep step = setting.step;
    Batch anchor = setting.problem.batch(7, 5);
    Learner learner = setting.learner();

    Result result = step.step(learner, setting.train, setting.meta, anchor);

    double[] statistics =
        normalisation == Normalisation.RUNNING
            ? result.learner().statistics()
            : learner.statistics();
    double[] gradient =
        CentralDifferences.gradient(
            parameters ->
                step.batm()
                        .objective(
                            step.batm()
                                .stepForward(
                                    parameters,
                                    statistics,
                                    setting.train.x(),
                                    setting.train.masks()),
                            setting.train.y(),
                            result.weights(),
                            step.batm().outputPenalty())
                    + step.metaMix() * meanLoss(step, parameters, statistics, anchor),
            learner.parameters());
    double[] first = Arrays.stream(gradient).map(g -> (1 - step.lower().beta1()) * g).toArray();
    assertBlocksClose(
        "seed 4, " + normalisation,
        "first moment",
        ParameterLayout.parameters(step.batm().spec()),
        first,
        result.learner().lower().first(),
        1e-6);
  }

  static List<Normalisation> normalisations() {
    return List.of(Normalisation.values());
  }

  @Test
  void argumentsStayAsTheyWere() {
    Setting setting = new Setting(typical(Normalisation.RUNNING), 3);
    Learner learner = setting.learner();
    double[] parameters = learner.parameters().clone();
    double[] statistics = learner.statistics().clone();
    double[] theta = learner.theta().clone();

    setting.step.step(learner, setting.train, setting.meta, setting.meta);

    assertThat(learner.parameters()).containsExactly(parameters);
    assertThat(learner.statistics()).containsExactly(statistics);
    assertThat(learner.theta()).containsExactly(theta);
  }

  @Test
  void adamMetricChangesTheLookaheadFromTheSecondStepOn() {
    Case adam = typical(Normalisation.RUNNING);
    Setting setting = new Setting(adam, 3);
    ReferenceBilevelStep sgd = setting.step(Metric.SGD);

    Result one = setting.step.step(setting.learner(), setting.train, setting.meta, setting.meta);
    Result sgdOne = sgd.step(setting.learner(), setting.train, setting.meta, setting.meta);
    Result two = setting.step.step(one.learner(), setting.train, setting.meta, setting.meta);
    Result sgdTwo = sgd.step(one.learner(), setting.train, setting.meta, setting.meta);

    assertThat(one.lookahead().s()).containsExactly(sgdOne.lookahead().s());
    assertThat(two.lookahead().s()).isNotEqualTo(sgdTwo.lookahead().s());
  }

  private static Options model(Normalisation normalisation, int outputs, boolean dropout) {
    return new Options(normalisation, InputLayer.LINEAR, 2, outputs, true, dropout, 0.3f);
  }

  private static Case typical(Normalisation normalisation) {
    return new Case(
        model(normalisation, 3, true),
        Metric.ADAM,
        ReferenceWeightNet.Normalisation.CLASS,
        true,
        true,
        true,
        true);
  }

  private static double meanLoss(
      ReferenceBilevelStep step, double[] parameters, double[] statistics, Batch batch) {
    return Arrays.stream(
            step.batm()
                .losses(
                    step.batm().stepForward(parameters, statistics, batch.x(), batch.masks()),
                    batch.y()))
        .average()
        .orElseThrow();
  }

  /** A case with everything drawn. */
  private static final class Setting {
    final RandomProblem problem;
    final ReferenceBilevelStep step;
    final Batch train;
    final Batch meta;
    final double[] theta;
    final double[] diagonal;

    Setting(Case c, long seed) {
      problem = RandomProblem.draw(c.options(), seed);
      ReferenceBatm batm = new ReferenceBatm(problem.spec());
      ReferenceWeightNet net =
          new ReferenceWeightNet(
              5,
              c.standardisedLoss(),
              c.label(),
              c.concepts(),
              problem.spec().outputs(),
              problem.spec().conceptCount(),
              c.weights());
      ReferenceAdam lower = new ReferenceAdam(LEARNING_RATE, 0.9, 0.999, 1e-8, 0.01);
      ReferenceAdam upper = new ReferenceAdam(0.02, 0.9, 0.999, 1e-8, 0);
      step = new ReferenceBilevelStep(batm, net, lower, upper, c.metric(), 0.4, 6e-3);
      Batch drawn = problem.batch(TRAIN, 0);
      double[] prior = c.prior() ? problem.vector(TRAIN, 3) : null;
      train = new Batch(drawn.x(), drawn.y(), prior, drawn.masks());
      Batch unmasked = problem.batch(META, 1);
      meta = new Batch(unmasked.x(), unmasked.y());
      theta = problem.vector(net.size(), 4);
      diagonal = new double[problem.parameters().length];
      double[] random = problem.vector(diagonal.length, 6);
      for (int j = 0; j < diagonal.length; j++) {
        diagonal[j] = c.metric() == Metric.SGD ? 1 : 1 + 0.9 * random[j];
      }
    }

    ReferenceBilevelStep step(Metric metric) {
      return new ReferenceBilevelStep(
          step.batm(),
          step.net(),
          step.lower(),
          step.upper(),
          metric,
          step.metaMix(),
          step.groupLasso());
    }

    Learner learner() {
      return Learner.start(problem.parameters(), problem.statistics(), theta);
    }

    Lookahead lookahead(double[] theta) {
      return step.lookahead(
          problem.parameters(), problem.statistics(), theta, diagonal, train, meta);
    }

    double[] weights() {
      ReferenceBatm.Pass pass = trainPass();
      return step.net().weights(theta, inputs(pass), train.prior(), train.y());
    }

    /** Meta loss at the look-ahead that these weights lead to. */
    double metaLossOfWeights(double[] weights) {
      ReferenceBatm batm = step.batm();
      double[] ahead = problem.parameters().clone();
      double[] gradient = batm.gradient(trainPass(), train.y(), weights, batm.outputPenalty());
      for (int j = 0; j < ahead.length; j++) {
        ahead[j] -= LEARNING_RATE * diagonal[j] * gradient[j];
      }
      return meanLoss(step, ahead, problem.statistics(), meta);
    }

    double distanceToKink(Lookahead lookahead) {
      ReferenceBatm batm = step.batm();
      ReferenceBatm.Pass metaPass =
          batm.stepForward(lookahead.parameters(), problem.statistics(), meta.x(), null);
      return Math.min(
          batm.distanceToKink(metaPass), step.net().distanceToKink(theta, inputs(trainPass())));
    }

    private ReferenceBatm.Pass trainPass() {
      return step.batm()
          .stepForward(problem.parameters(), problem.statistics(), train.x(), train.masks());
    }

    private double[][] inputs(ReferenceBatm.Pass pass) {
      return step.net().inputs(step.batm().losses(pass, train.y()), train.y(), pass.concepts());
    }
  }
}
