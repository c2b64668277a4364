package io.counterweight.support;

import static io.counterweight.support.ReferenceComparison.assertBlocksClose;
import static io.counterweight.support.ReferenceComparison.assertClose;
import static io.counterweight.support.ReferenceComparison.flat;

import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.ParameterLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The twin against the float64 reference, for every file of the golden folder; {@code
 * -Dgolden.dir=DIR} names another folder.
 */
class ReferenceBatmGoldenTest {

  private static final double ONE_PASS = 1e-9;
  private static final double SEVERAL_STEPS = 1e-7;

  static Stream<GoldenFile> files() {
    return GoldenFile.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void trainingPassEqualsReference(GoldenFile golden) {
    ReferenceBilevelStep step = golden.referenceStep();
    ReferenceBatm batm = step.batm();
    GoldenFile.Batch train = golden.train().get(0);
    String file = golden.name();

    ReferenceBatm.Pass pass = firstPass(golden, batm);
    double[] losses = batm.losses(pass, train.y());
    double[] weights =
        step.net()
            .weights(
                golden.weightNet(),
                step.net().inputs(losses, train.y(), pass.concepts()),
                null,
                train.y());
    double objective = batm.objective(pass, train.y(), weights, batm.outputPenalty());

    close(golden, "/train_mode/logits", flat(pass.logits()));
    close(golden, "/train_mode/concepts", flat(pass.concepts()));
    close(golden, "/train_mode/losses", losses);
    close(golden, "/train_mode/weights", weights);
    assertClose(
        file,
        "train_mode objective",
        golden.expectedNumber("/train_mode/objective"),
        objective,
        ONE_PASS);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void gradientsEqualReference(GoldenFile golden) {
    ReferenceBatm batm = new ReferenceBatm(golden.spec());
    ParameterLayout layout = ParameterLayout.parameters(golden.spec());
    GoldenFile.Batch train = golden.train().get(0);
    GoldenFile.Batch meta = golden.meta().get(0);
    double[] weights = golden.expected("/train_mode/weights");
    double[] uniform = new double[meta.y().length];
    Arrays.fill(uniform, 1.0 / uniform.length);

    double[] gradient =
        batm.gradient(firstPass(golden, batm), train.y(), weights, batm.outputPenalty());
    double[] metaGradient =
        batm.gradient(
            batm.stepForward(golden.parameters(), firstStatistics(golden, batm), meta.x(), null),
            meta.y(),
            uniform,
            0);

    assertBlocksClose(
        golden.name(),
        "gradient",
        layout,
        golden.expectedBlocks("/train_mode/gradient", layout),
        gradient,
        ONE_PASS);
    assertBlocksClose(
        golden.name(),
        "meta_batch_gradient",
        layout,
        golden.expectedBlocks("/train_mode/meta_batch_gradient", layout),
        metaGradient,
        ONE_PASS);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void firstLookaheadEqualsReference(GoldenFile golden) {
    ReferenceBilevelStep step = golden.referenceStep();
    double[] ones = new double[golden.parameters().length];
    Arrays.fill(ones, 1); // the reference's first step has no metric yet

    ReferenceBilevelStep.Lookahead lookahead =
        step.lookahead(
            golden.parameters(),
            firstStatistics(golden, step.batm()),
            golden.weightNet(),
            ones,
            batch(golden.train().get(0)),
            batch(golden.meta().get(0)));

    assertClose(
        golden.name(),
        "first_step meta_loss_at_lookahead",
        golden.expectedNumber("/first_step/meta_loss_at_lookahead"),
        lookahead.metaLoss(),
        ONE_PASS);
    close(golden, "/first_step/s", lookahead.s());
    assertClose(
        golden.name(),
        "first_step hypergradient",
        golden.expectedWeightNet("/first_step/hypergradient"),
        lookahead.hypergradient(),
        ONE_PASS);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void predictionEqualsReference(GoldenFile golden) {
    ReferenceBatm batm = new ReferenceBatm(golden.spec());

    ReferenceBatm.Pass pass =
        batm.evalForward(golden.parameters(), golden.statistics(), golden.heldOut());

    close(golden, "/eval_mode_held_out/logits", flat(pass.logits()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void coefficientsAndContributionsEqualReference(GoldenFile golden) {
    ReferenceBatm batm = new ReferenceBatm(golden.spec());

    List<double[]> coefficients = batm.taylorCoefficients(golden.parameters());
    double[][][] phi = batm.contributions(golden.parameters(), firstPass(golden, batm).concepts());

    for (int k = 0; k < coefficients.size(); k++) {
      close(golden, "/taylor_coefficients/" + k, coefficients.get(k));
    }
    close(
        golden,
        "/contributions_train_mode",
        Arrays.stream(phi).flatMapToDouble(event -> Arrays.stream(flat(event))).toArray());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void proximalStepEqualsReference(GoldenFile golden) {
    ReferenceBatm batm = new ReferenceBatm(golden.spec());
    ParameterLayout layout = ParameterLayout.parameters(golden.spec());

    double[] shrunk = batm.proxConceptGroupLasso(golden.parameters(), 0.05);

    for (int k = 1; k <= golden.spec().order(); k++) {
      ParameterLayout.Block block = layout.block("I" + k);
      close(golden, "/after_prox_0.05/I" + k, ReferenceComparison.slice(shrunk, block));
    }
    for (ParameterLayout.Block block : layout.blocks()) {
      if (!block.name().startsWith("I")) {
        assertClose(
            golden.name(),
            "after_prox_0.05 " + block.name(),
            ReferenceComparison.slice(golden.parameters(), block),
            ReferenceComparison.slice(shrunk, block),
            0);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void stepsEqualReference(GoldenFile golden) {
    ReferenceBilevelStep step = golden.referenceStep();
    ReferenceBilevelStep.Learner learner = golden.referenceLearner();

    for (int t = 0; t < golden.steps(); t++) {
      ReferenceBilevelStep.Batch meta = batch(golden.meta().get(t));
      ReferenceBilevelStep.Result result =
          step.step(learner, batch(golden.train().get(t)), meta, meta);
      learner = result.learner();
      double[][] heldOut =
          step.batm()
              .evalForward(learner.parameters(), learner.statistics(), golden.heldOut())
              .logits();

      String at = "/steps/" + t;
      stepClose(
          golden,
          at + "/meta_loss_at_lookahead",
          golden.expectedNumber(at + "/meta_loss_at_lookahead"),
          result.lookahead().metaLoss());
      stepClose(
          golden,
          at + "/train_objective",
          golden.expectedNumber(at + "/train_objective"),
          result.objective());
      stepClose(golden, at + "/weights", result.weights());
      stepClose(golden, at + "/s", result.lookahead().s());
      stepClose(golden, at + "/held_out_logits", flat(heldOut));
    }

    ParameterLayout layout = ParameterLayout.statistics(golden.spec());
    double[] expected = golden.expectedBlocks("/batch_norm_statistics_after_steps", layout);
    for (ParameterLayout.Block block : layout.blocks()) {
      assertClose(
          golden.name(),
          "statistics after the steps, " + block.name(),
          ReferenceComparison.slice(expected, block),
          ReferenceComparison.slice(learner.statistics(), block),
          SEVERAL_STEPS);
    }
  }

  /** The statistics inside the first step: with running normalisation its batch is folded in. */
  private static double[] firstStatistics(GoldenFile golden, ReferenceBatm batm) {
    return golden.spec().normalisation() == Normalisation.RUNNING
        ? batm.foldRunning(golden.parameters(), golden.statistics(), golden.train().get(0).x())
        : golden.statistics();
  }

  private static ReferenceBatm.Pass firstPass(GoldenFile golden, ReferenceBatm batm) {
    return batm.stepForward(
        golden.parameters(), firstStatistics(golden, batm), golden.train().get(0).x(), null);
  }

  private static ReferenceBilevelStep.Batch batch(GoldenFile.Batch batch) {
    return new ReferenceBilevelStep.Batch(batch.x(), batch.y());
  }

  private static void close(GoldenFile golden, String pointer, double[] found) {
    assertClose(golden.name(), pointer, golden.expected(pointer), found, ONE_PASS);
  }

  private static void stepClose(GoldenFile golden, String pointer, double[] found) {
    assertClose(golden.name(), pointer, golden.expected(pointer), found, SEVERAL_STEPS);
  }

  private static void stepClose(GoldenFile golden, String pointer, double expected, double found) {
    assertClose(golden.name(), pointer, expected, found, SEVERAL_STEPS);
  }
}
