package io.counterweight.compute;

import static io.counterweight.support.Floats.eventMajor;
import static io.counterweight.support.ReferenceComparison.assertBlocksClose;
import static io.counterweight.support.ReferenceComparison.assertClose;
import static io.counterweight.support.ReferenceComparison.assertWithin;
import static io.counterweight.support.ReferenceComparison.flat;
import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.ParameterLayout;
import io.counterweight.model.SeededRandom;
import io.counterweight.support.CpuBackend;
import io.counterweight.support.Floats;
import io.counterweight.support.RandomNetwork;
import io.counterweight.support.ReferenceBatm;
import io.counterweight.support.Steps;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every backend promises of a single pass, on networks and batches of awkward sizes: it equals
 * the float64 twin within float32 rounding, and it is a function of its arguments alone.
 */
class ComputeContractTest {
  private static final int[] SIZES = {1, 2, 7, 31, 257};
  private static final double ONE_PASS = 1e-4;
  private static final long DROPOUT_SEED = 99;

  static Stream<Arguments> networks() {
    return CpuBackend.all()
        .flatMap(backend -> RandomNetwork.all().map(network -> Arguments.of(backend, network)));
  }

  /** Not with batch normalisation or dropout, where an event's gradient depends on its place. */
  static Stream<Arguments> networksOfIndependentEvents() {
    return networks().filter(arguments -> ((RandomNetwork) arguments.get()[1]).isEventwise());
  }

  static Stream<Arguments> networksAndSizes() {
    return networks()
        .flatMap(
            arguments ->
                IntStream.of(SIZES)
                    .mapToObj(n -> Arguments.of(arguments.get()[0], arguments.get()[1], n)));
  }

  @ParameterizedTest(name = "{0} {1} batch of {2}")
  @MethodSource("networksAndSizes")
  void trainingPassGradientAndAlignmentsEqualTwin(
      CpuBackend backend, RandomNetwork network, int n) {
    BatmSpec spec = network.spec();
    ParameterLayout layout = ParameterLayout.parameters(spec);
    float[] parameters = network.parameters();
    // Both the first fold, which sets the statistics, and a later one, which moves them.
    float[] before = network.statistics(n % 2 == 0 ? 0 : 5);
    double[][] x = inputsAwayFromKinks(network, n, before);
    double[] y = network.labels(n, 2);
    float[] weights = network.vector(n, 3);
    float[] direction = network.vector(layout.size(), 4);

    NetworkPasses passes = backend.passes().apply(spec);
    float[] statistics = before.clone();
    NetworkPasses.Activations pass = passes.newActivations();
    passes.forward(
        parameters, statistics, Floats.batch(x, y), true, new SeededRandom(DROPOUT_SEED), pass);
    float[] gradient = new float[layout.size()];
    passes.backward(parameters, pass, weights, 0.1f, gradient);
    float[] s = new float[n];
    passes.alignments(parameters, pass, direction, s);

    ReferenceBatm twin = new ReferenceBatm(spec);
    double[] p = Floats.toDoubles(parameters);
    double[] folded = Floats.toDoubles(before);
    if (spec.normalisation() == Normalisation.RUNNING) {
      folded = twin.foldRunning(p, folded, x);
    }
    ReferenceBatm.Pass expected =
        twin.stepForward(p, folded, x, network.masks(n, new SeededRandom(DROPOUT_SEED)));
    String where = backend + " " + network + " batch of " + n;
    close(where, "statistics", folded, statistics);
    close(
        where,
        "concepts",
        flat(expected.concepts()),
        eventMajor(pass.concepts(), spec.conceptCount(), n, pass.stride()));
    close(
        where,
        "logits",
        flat(expected.logits()),
        eventMajor(pass.logits(), spec.outputs(), n, pass.stride()));
    assertClose(
        where, "losses", twin.losses(expected, y), Floats.toDoubles(pass.losses(), n), ONE_PASS);
    assertBlocksClose(
        where,
        "gradient",
        layout,
        twin.gradient(expected, y, Floats.toDoubles(weights), 0.1),
        Floats.toDoubles(gradient),
        ONE_PASS);
    close(where, "alignments", twin.lossTangents(expected, y, Floats.toDoubles(direction)), s);
  }

  /** Where rounding cannot change the side of a LeakyReLU or a clip, and so a derivative. */
  private static double[][] inputsAwayFromKinks(
      RandomNetwork network, int n, float[] statisticsBefore) {
    ReferenceBatm twin = new ReferenceBatm(network.spec());
    double[] p = Floats.toDoubles(network.parameters());
    for (int draw = 1; draw <= 100; draw++) {
      double[][] x = network.inputs(n, draw);
      double[] statistics = Floats.toDoubles(statisticsBefore);
      if (network.spec().normalisation() == Normalisation.RUNNING) {
        statistics = twin.foldRunning(p, statistics, x);
      }
      double[][][][] masks = network.masks(n, new SeededRandom(DROPOUT_SEED));
      if (twin.distanceToKink(twin.stepForward(p, statistics, x, masks)) > 1e-5) {
        return x;
      }
    }
    throw new AssertionError("No draw of " + network + " is away from kinks");
  }

  @ParameterizedTest(name = "{0} {1} batch of {2}")
  @MethodSource("networksAndSizes")
  void predictionEqualsTwin(CpuBackend backend, RandomNetwork network, int n) {
    BatmSpec spec = network.spec();
    double[][] x = network.inputs(n, 1);
    TrainingState state = network.state(Steps.steering().settings());

    float[] logits = new float[spec.outputs() * n];
    float[] concepts = new float[spec.conceptCount() * n];
    try (BatmCompute compute = backend.backend().open(spec)) {
      compute.predict(state, Floats.batch(x, null), logits, concepts);
    }

    ReferenceBatm.Pass expected =
        new ReferenceBatm(spec)
            .evalForward(Floats.toDoubles(state.parameters), Floats.toDoubles(state.statistics), x);
    String where = backend + " " + network + " batch of " + n;
    close(where, "logits", flat(expected.logits()), eventMajor(logits, spec.outputs(), n));
    close(
        where, "concepts", flat(expected.concepts()), eventMajor(concepts, spec.conceptCount(), n));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void predictionOfManyEventsEqualsThatOfAFew(CpuBackend backend, RandomNetwork network) {
    int n = 1030;
    int few = 31;
    BatmSpec spec = network.spec();
    double[][] x = network.inputs(n, 1);
    TrainingState state = network.state(Steps.steering().settings());
    float[] all = new float[spec.outputs() * n];
    float[] some = new float[spec.outputs() * few];
    try (BatmCompute compute = backend.backend().open(spec)) {
      compute.predict(state, Floats.batch(x, null), all, new float[spec.conceptCount() * n]);
      for (int from : new int[] {0, 500, n - few}) {
        double[][] part = Arrays.copyOfRange(x, from, from + few);
        compute.predict(
            state, Floats.batch(part, null), some, new float[spec.conceptCount() * few]);
        double[] expected = eventMajor(some, spec.outputs(), few);
        double[] found =
            Arrays.copyOfRange(
                eventMajor(all, spec.outputs(), n),
                from * spec.outputs(),
                (from + few) * spec.outputs());
        close(backend + " " + network + " from event " + from, "logits", expected, found);
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void aHugeBatchLeavesNothingBehind(CpuBackend backend, RandomNetwork network) {
    BatmSpec spec = network.spec();
    StepSettings settings = Steps.steering().settings();
    double[][] x = network.inputs(16, 1);
    Batch good = Floats.batch(Arrays.copyOf(x, 9), network.labels(9, 1));
    Batch huge = Floats.batch(x, network.labels(16, 1));
    Arrays.fill(huge.x(), 1e30f);
    TrainingState expected = network.state(settings);
    TrainingState found = network.state(settings);
    try (BatmCompute fresh = backend.backend().open(spec);
        BatmCompute used = backend.backend().open(spec)) {
      used.step(network.state(settings), huge, huge, null, settings, new SeededRandom(1));
      fresh.step(expected, good, good, null, settings, new SeededRandom(1));
      used.step(found, good, good, null, settings, new SeededRandom(1));
    }
    assertThat(found.parameters).isEqualTo(expected.parameters);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void batchStatisticsMoveAsTheTwinsDo(CpuBackend backend, RandomNetwork network) {
    BatmSpec spec = network.spec();
    float[] parameters = network.parameters();
    float[] before = network.statistics(5);
    double[][] x = network.inputs(31, 1);
    double[] y = network.labels(31, 2);

    NetworkPasses passes = backend.passes().apply(spec);
    float[] statistics = before.clone();
    NetworkPasses.Activations pass = passes.newActivations();
    passes.forward(
        parameters, statistics, Floats.batch(x, y), false, new SeededRandom(DROPOUT_SEED), pass);
    assertThat(statistics).isEqualTo(before);
    passes.updateBatchStatistics(pass, statistics);

    if (spec.normalisation() != Normalisation.BATCH) {
      assertThat(statistics).isEqualTo(before);
      return;
    }
    ReferenceBatm twin = new ReferenceBatm(spec);
    double[] folded =
        twin.foldBatch(
            twin.stepForward(
                Floats.toDoubles(parameters),
                Floats.toDoubles(before),
                x,
                network.masks(31, new SeededRandom(DROPOUT_SEED))),
            Floats.toDoubles(before));
    close(backend + " " + network, "statistics", folded, statistics);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networksOfIndependentEvents")
  void weightZeroIsAbsenceAndWeightTwoIsTheEventTwice(CpuBackend backend, RandomNetwork network) {
    double[][] x = network.inputs(5, 1);
    double[] y = network.labels(5, 2);
    double[][] rows = {x[0], x[2], x[3], x[4], x[4]};
    double[] labels = {y[0], y[2], y[3], y[4], y[4]};

    float[] weighted = gradient(backend, network, x, y, new float[] {1, 0, 1, 1, 2});
    float[] repeated = gradient(backend, network, rows, labels, new float[] {1, 1, 1, 1, 1});

    close(backend + " " + network, "gradient", Floats.toDoubles(repeated), weighted);
  }

  private static float[] gradient(
      CpuBackend backend, RandomNetwork network, double[][] x, double[] y, float[] weights) {
    NetworkPasses passes = backend.passes().apply(network.spec());
    NetworkPasses.Activations pass = passes.newActivations();
    float[] parameters = network.parameters();
    passes.forward(parameters, network.statistics(5), Floats.batch(x, y), false, null, pass);
    float[] gradient = new float[parameters.length];
    passes.backward(parameters, pass, weights, 0, gradient);
    return gradient;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void gradientIsAddedToWhatIsThere(CpuBackend backend, RandomNetwork network) {
    double[][] x = network.inputs(7, 1);
    double[] y = network.labels(7, 2);
    float[] weights = network.vector(7, 3);
    float[] once = gradient(backend, network, x, y, weights);
    NetworkPasses passes = backend.passes().apply(network.spec());
    NetworkPasses.Activations pass = passes.newActivations();
    float[] parameters = network.parameters();

    passes.forward(parameters, network.statistics(5), Floats.batch(x, y), false, null, pass);
    float[] twice = new float[parameters.length];
    passes.backward(parameters, pass, weights, 0, twice);
    passes.backward(parameters, pass, weights, 0, twice);

    double[] doubled = Arrays.stream(Floats.toDoubles(once)).map(g -> 2 * g).toArray();
    close(backend + " " + network, "gradient", doubled, twice);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void predictionOfAnEventDoesNotDependOnItsNeighbours(CpuBackend backend, RandomNetwork network) {
    BatmSpec spec = network.spec();
    double[][] x = network.inputs(31, 1);
    TrainingState state = network.state(Steps.steering().settings());
    float[] together = new float[spec.outputs() * 31];
    float[] alone = new float[spec.outputs()];

    try (BatmCompute compute = backend.backend().open(spec)) {
      compute.predict(state, Floats.batch(x, null), together, new float[spec.conceptCount() * 31]);
      compute.predict(
          state, Floats.batch(new double[][] {x[17]}, null), alone, new float[spec.conceptCount()]);
    }

    double[] expected =
        Arrays.copyOfRange(
            eventMajor(together, spec.outputs(), 31), 17 * spec.outputs(), 18 * spec.outputs());
    assertWithin(
        backend + " " + network,
        "logits",
        expected,
        Floats.toDoubles(alone),
        1e-5 * Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElse(0)));
  }

  private static void close(String where, String quantity, double[] expected, float[] found) {
    assertClose(where, quantity, expected, Floats.toDoubles(found), ONE_PASS);
  }

  private static void close(String where, String quantity, double[] expected, double[] found) {
    assertClose(where, quantity, expected, found, ONE_PASS);
  }
}
