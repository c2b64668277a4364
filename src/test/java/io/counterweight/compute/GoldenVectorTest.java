package io.counterweight.compute;

import static io.counterweight.support.ReferenceComparison.assertBlocksClose;
import static io.counterweight.support.ReferenceComparison.assertClose;
import static io.counterweight.support.ReferenceComparison.assertWithin;

import io.counterweight.meta.WeightInputs;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import io.counterweight.model.TaylorHead;
import io.counterweight.optim.Adam;
import io.counterweight.optim.AdamState;
import io.counterweight.optim.GroupLasso;
import io.counterweight.support.CpuBackend;
import io.counterweight.support.Floats;
import io.counterweight.support.GoldenFile;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every backend against the float64 reference, for every file of the golden folder; {@code
 * -Dgolden.dir=DIR} names another folder. float32: one pass within 1e-4 of the largest entry, s
 * within 2e-3 and held-out logits within 3e-2 absolute in every step.
 */
class GoldenVectorTest {
  private static final double ONE_PASS = 1e-4;

  static Stream<Arguments> backendsAndFiles() {
    return CpuBackend.all()
        .flatMap(backend -> GoldenFile.all().map(file -> Arguments.of(backend, file)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("backendsAndFiles")
  void trainingPassAndGradientsEqualReference(CpuBackend backend, GoldenFile golden) {
    BatmSpec spec = golden.spec();
    NetworkPasses passes = backend.passes().apply(spec);
    float[] parameters = Floats.of(golden.parameters());
    float[] statistics = Floats.of(golden.statistics());
    Batch train = batch(golden.train().get(0));
    Batch meta = batch(golden.meta().get(0));
    ParameterLayout layout = ParameterLayout.parameters(spec);

    NetworkPasses.Activations pass = passes.newActivations();
    passes.forward(parameters, statistics, train, true, null, pass);
    float[] gradient = new float[layout.size()];
    float[] weights = Floats.of(golden.expected("/train_mode/weights"));
    passes.backward(parameters, pass, weights, spec.outputPenalty(), gradient);
    NetworkPasses.Activations metaPass = passes.newActivations();
    passes.forward(parameters, statistics, meta, false, null, metaPass);
    float[] equal = new float[meta.size()];
    Arrays.fill(equal, 1f / equal.length);
    float[] metaGradient = new float[layout.size()];
    passes.backward(parameters, metaPass, equal, 0, metaGradient);

    int n = train.size();
    close(
        golden,
        "/train_mode/logits",
        Floats.eventMajor(pass.logits(), spec.outputs(), n, pass.stride()));
    close(
        golden,
        "/train_mode/concepts",
        Floats.eventMajor(pass.concepts(), spec.conceptCount(), n, pass.stride()));
    close(golden, "/train_mode/losses", Floats.toDoubles(pass.losses(), n));
    blocksClose(golden, layout, "/train_mode/gradient", gradient);
    blocksClose(golden, layout, "/train_mode/meta_batch_gradient", metaGradient);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("backendsAndFiles")
  void predictionEqualsReference(CpuBackend backend, GoldenFile golden) {
    BatmSpec spec = golden.spec();
    Batch held = Floats.batch(golden.heldOut(), null);
    float[] logits = new float[spec.outputs() * held.size()];

    try (BatmCompute compute = backend.backend().open(spec)) {
      compute.predict(state(golden), held, logits, new float[spec.conceptCount() * held.size()]);
    }

    close(
        golden,
        "/eval_mode_held_out/logits",
        Floats.eventMajor(logits, spec.outputs(), held.size()));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("backendsAndFiles")
  void everyStepFollowsReference(CpuBackend backend, GoldenFile golden) {
    BatmSpec spec = golden.spec();
    TrainingState state = state(golden);
    Batch held = Floats.batch(golden.heldOut(), null);

    try (BatmCompute compute = backend.backend().open(spec)) {
      for (int t = 0; t < golden.steps(); t++) {
        Batch meta = batch(golden.meta().get(t));
        Batch train = batch(golden.train().get(t));
        StepReport report = compute.step(state, train, meta, meta, settings(golden), null);
        String at = "/steps/" + t;
        if (t == 0) {
          close(golden, "/first_step/s", Floats.toDoubles(report.alignments()));
          assertClose(
              golden.name(),
              "hypergradient",
              golden.expectedWeightNet("/first_step/hypergradient"),
              Floats.toDoubles(report.hypergradient()),
              ONE_PASS);
          assertClose(
              golden.name(),
              "meta loss",
              golden.expectedNumber("/first_step/meta_loss_at_lookahead"),
              report.metaLoss(),
              ONE_PASS);
          assertClose(
              golden.name(),
              "objective",
              golden.expectedNumber(at + "/train_objective"),
              report.objective(),
              ONE_PASS);
        }
        assertClose(
            golden.name(),
            at + "/s",
            golden.expected(at + "/s"),
            Floats.toDoubles(report.alignments()),
            2e-3);
        double[] weights = Floats.toDoubles(report.weights());
        for (int i = 0; i < weights.length; i++) {
          weights[i] /= weights.length;
        }
        assertClose(
            golden.name(), at + "/weights", golden.expected(at + "/weights"), weights, 2e-3);
        float[] logits = new float[spec.outputs() * held.size()];
        compute.predict(state, held, logits, new float[spec.conceptCount() * held.size()]);
        assertWithin(
            golden.name(),
            at + "/held_out_logits",
            golden.expected(at + "/held_out_logits"),
            Floats.eventMajor(logits, spec.outputs(), held.size()),
            3e-2);
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("backendsAndFiles")
  void explanationsEqualReference(CpuBackend backend, GoldenFile golden) {
    BatmSpec spec = golden.spec();
    TaylorHead head = new TaylorHead(spec, ParameterLayout.parameters(spec));
    float[] parameters = Floats.of(golden.parameters());
    double[] z = golden.expected("/train_mode/concepts");
    int concepts = spec.conceptCount();
    int n = golden.train().get(0).y().length;
    double[] baseline = new double[concepts];
    Arrays.fill(baseline, spec.expansionPoint());

    double[] phi = new double[n * spec.outputs() * concepts];
    double[] one = new double[concepts];
    for (int e = 0; e < n; e++) {
      double[] event = Arrays.copyOfRange(z, e * concepts, (e + 1) * concepts);
      for (int q = 0; q < spec.outputs(); q++) {
        double[] mix = new double[spec.outputs()];
        mix[q] = 1;
        head.contributions(parameters, mix, event, baseline, one);
        System.arraycopy(one, 0, phi, (e * spec.outputs() + q) * concepts, concepts);
      }
    }

    close(golden, "/contributions_train_mode", phi);
    for (int k = 1; k <= spec.order(); k++) {
      close(golden, "/taylor_coefficients/" + k, head.coefficients(parameters, k));
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("backendsAndFiles")
  void proximalStepEqualsReference(CpuBackend backend, GoldenFile golden) {
    ParameterLayout layout = ParameterLayout.parameters(golden.spec());
    float[] parameters = Floats.of(golden.parameters());

    new GroupLasso(golden.spec(), layout).shrink(parameters, 0.05f);

    for (int k = 1; k <= golden.spec().order(); k++) {
      ParameterLayout.Block block = layout.block("I" + k);
      double[] found =
          Floats.toDoubles(
              Arrays.copyOfRange(parameters, block.offset(), block.offset() + block.size()));
      close(golden, "/after_prox_0.05/I" + k, found);
    }
  }

  private static TrainingState state(GoldenFile golden) {
    float[] parameters = Floats.of(golden.parameters());
    float[] weightNet = Floats.of(golden.weightNet());
    return new TrainingState(
        parameters,
        new AdamState(parameters.length),
        new float[0],
        Floats.of(golden.statistics()),
        new float[golden.spec().conceptCount()],
        weightNet,
        new AdamState(weightNet.length));
  }

  private static StepSettings settings(GoldenFile golden) {
    GoldenFile.Settings s = golden.settings();
    return new StepSettings(
        true,
        adam(s, s.learningRate()),
        0,
        (float) s.groupLasso(),
        (float) s.metaMix(),
        s.weightNetHidden(),
        WeightInputs.parse(s.weightInputs().replace("zloss", "z-loss").replace("+class", "+label")),
        adam(s, s.metaLearningRate()),
        WeightNormalisation.valueOf(s.weightNormalisation().toUpperCase(Locale.ROOT)),
        StepSettings.LookAhead.valueOf(s.lookaheadMetric().toUpperCase(Locale.ROOT)),
        Float.POSITIVE_INFINITY,
        Float.POSITIVE_INFINITY,
        Float.POSITIVE_INFINITY);
  }

  private static Adam adam(GoldenFile.Settings s, double rate) {
    return new Adam(
        (float) rate,
        (float) s.beta1(),
        (float) s.beta2(),
        (float) s.epsilon(),
        (float) s.weightDecay());
  }

  private static Batch batch(GoldenFile.Batch batch) {
    return Floats.batch(batch.x(), batch.y());
  }

  private static void close(GoldenFile golden, String pointer, double[] found) {
    assertClose(golden.name(), pointer, golden.expected(pointer), found, ONE_PASS);
  }

  private static void blocksClose(
      GoldenFile golden, ParameterLayout layout, String pointer, float[] found) {
    assertBlocksClose(
        golden.name(),
        pointer,
        layout,
        golden.expectedBlocks(pointer, layout),
        Floats.toDoubles(found),
        ONE_PASS);
  }
}
