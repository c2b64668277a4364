package io.counterweight.compute;

import static io.counterweight.support.ReferenceComparison.assertClose;
import static io.counterweight.support.ReferenceComparison.assertWithin;
import static io.counterweight.support.ReferenceComparison.largest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.compute.StepSettings.LookAhead;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.SeededRandom;
import io.counterweight.optim.Adam;
import io.counterweight.support.CpuBackend;
import io.counterweight.support.Floats;
import io.counterweight.support.RandomNetwork;
import io.counterweight.support.ReferenceAdam;
import io.counterweight.support.ReferenceBatm;
import io.counterweight.support.ReferenceBilevelStep;
import io.counterweight.support.ReferenceWeightNet;
import io.counterweight.support.Steps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every backend promises of whole training steps. */
class BilevelStepContractTest {
  private static final int TRAIN = 31;
  private static final int META = 10;
  private static final int ANCHOR = 7;
  private static final long DROPOUT_SEED = 5;
  private static final Adam DECAYING = new Adam(0.01f, 0.9f, 0.99f, 1e-3f, 0.1f);

  static Stream<Arguments> networks() {
    return CpuBackend.all()
        .flatMap(backend -> RandomNetwork.all().map(network -> Arguments.of(backend, network)));
  }

  static Stream<Arguments> networksOfIndependentEvents() {
    return networks().filter(arguments -> ((RandomNetwork) arguments.get()[1]).isEventwise());
  }

  static Stream<Arguments> networksWithoutExu() {
    return networks().filter(arguments -> !((RandomNetwork) arguments.get()[1]).isExu());
  }

  /** Each network with some of the ways to steer, with slow backends fewer. */
  static Stream<Arguments> steeredNetworks() {
    List<Arguments> cases = new ArrayList<>();
    int[] turn = {0};
    networks()
        .forEach(
            arguments -> {
              RandomNetwork network = (RandomNetwork) arguments.get()[1];
              int every = ((CpuBackend) arguments.get()[0]).isSlow() ? 10 : 4;
              for (Steps steps : ways(network.spec())) {
                if (turn[0]++ % every == 0) {
                  cases.add(
                      Arguments.of(arguments.get()[0], network, steps, describe(steps.settings())));
                }
              }
              turn[0]++;
            });
    return cases.stream();
  }

  private static List<Steps> ways(BatmSpec spec) {
    List<Steps> ways = new ArrayList<>();
    for (String inputs :
        List.of("loss", "z-loss", "loss+label", "z-loss+label+concepts", "loss+concepts")) {
      for (WeightNormalisation normalisation : WeightNormalisation.values()) {
        boolean byLabel = inputs.contains("label") || normalisation == WeightNormalisation.CLASS;
        if (byLabel && !spec.isClassifier()) {
          continue;
        }
        for (LookAhead lookAhead : LookAhead.values()) {
          Steps steps = Steps.steering().weights(inputs, normalisation).lookAhead(lookAhead);
          ways.add(steps.lower(DECAYING, 0.05f, 0.3f));
        }
      }
    }
    return ways;
  }

  private static String describe(StepSettings settings) {
    return settings.weightInputs()
        + " "
        + settings.weightNormalisation()
        + " "
        + settings.lookAhead();
  }

  @ParameterizedTest(name = "{0} {1} {3}")
  @MethodSource("steeredNetworks")
  void stepsFollowTwin(CpuBackend backend, RandomNetwork network, Steps steps, String way) {
    StepSettings settings = steps.settings();
    TrainingState state = network.state(settings);
    ReferenceBilevelStep twin = twin(network, settings);
    ReferenceBilevelStep.Learner learner = learner(state);
    SeededRandom dropout = new SeededRandom(DROPOUT_SEED);
    SeededRandom twinDropout = new SeededRandom(DROPOUT_SEED);

    try (BatmCompute compute = backend.backend().open(network.spec())) {
      for (int t = 0; t < 5; t++) {
        double[][][][] masks = network.masks(TRAIN, twinDropout);
        Draw draw = drawAwayFromKinks(twin, learner, network, masks, 1000 * t);
        StepReport report =
            compute.step(
                state,
                batch(draw.train()),
                batch(draw.meta()),
                batch(draw.anchor()),
                settings,
                dropout);
        ReferenceBilevelStep.Result expected = draw.result();
        learner = expected.learner();

        String where = backend + " " + network + " " + way + " step " + t;
        assertThat(report.applied()).as(where).isTrue();
        assertClose(
            where,
            "alignments",
            expected.lookahead().s(),
            Floats.toDoubles(report.alignments()),
            1e-3);
        assertClose(where, "meta loss", expected.lookahead().metaLoss(), report.metaLoss(), 1e-4);
        double[] hypergradient = expected.lookahead().hypergradient();
        assertWithin(
            where,
            "hypergradient",
            hypergradient,
            Floats.toDoubles(report.hypergradient()),
            // The second term is what cancels inside a label.
            1e-3 * largest(hypergradient) + 1e-8 * largest(expected.lookahead().s()));
        assertClose(where, "objective", expected.objective(), report.objective(), 1e-4);
        double[] weights =
            Arrays.stream(Floats.toDoubles(report.weights())).map(w -> w / TRAIN).toArray();
        assertClose(where, "weights", expected.weights(), weights, 1e-4);
        close(where, "weight net", learner.theta(), state.weightNet);
        close(where, "statistics", learner.statistics(), state.statistics);
        close(where, "parameters", learner.parameters(), state.parameters);
      }
    }
  }

  /** Batches of one step and what the twin makes of them. */
  private record Draw(
      ReferenceBilevelStep.Batch train,
      ReferenceBilevelStep.Batch meta,
      ReferenceBilevelStep.Batch anchor,
      ReferenceBilevelStep.Result result) {}

  /** Where rounding cannot change the side of a LeakyReLU, a clip or the weight net's ReLU. */
  private static Draw drawAwayFromKinks(
      ReferenceBilevelStep twin,
      ReferenceBilevelStep.Learner learner,
      RandomNetwork network,
      double[][][][] masks,
      int first) {
    for (int draw = first; draw < first + 300; draw += 3) {
      ReferenceBilevelStep.Batch train =
          new ReferenceBilevelStep.Batch(
              network.inputs(TRAIN, draw), network.labels(TRAIN, draw), null, masks);
      ReferenceBilevelStep.Batch meta = twinBatch(network, META, draw + 1, null);
      ReferenceBilevelStep.Batch anchor = twinBatch(network, ANCHOR, draw + 2, null);
      ReferenceBilevelStep.Result result = twin.step(learner, train, meta, anchor);
      if (distanceToKink(twin, learner, train, meta, anchor, result.lookahead()) > 1e-5) {
        return new Draw(train, meta, anchor, result);
      }
    }
    throw new AssertionError("No draw of " + network + " from " + first + " is away from kinks");
  }

  private static double distanceToKink(
      ReferenceBilevelStep twin,
      ReferenceBilevelStep.Learner learner,
      ReferenceBilevelStep.Batch train,
      ReferenceBilevelStep.Batch meta,
      ReferenceBilevelStep.Batch anchor,
      ReferenceBilevelStep.Lookahead lookahead) {
    ReferenceBatm batm = twin.batm();
    double[] p = learner.parameters();
    double[] statistics =
        batm.spec().normalisation() == Normalisation.RUNNING
            ? batm.foldRunning(p, learner.statistics(), train.x())
            : learner.statistics();
    ReferenceBatm.Pass pass = batm.stepForward(p, statistics, train.x(), train.masks());
    double[][] u = twin.net().inputs(batm.losses(pass, train.y()), train.y(), pass.concepts());
    return DoubleStream.of(
            batm.distanceToKink(pass),
            batm.distanceToKink(batm.stepForward(p, statistics, anchor.x(), null)),
            batm.distanceToKink(
                batm.stepForward(lookahead.parameters(), statistics, meta.x(), null)),
            twin.net().distanceToKink(learner.theta(), u))
        .min()
        .orElseThrow();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void withoutTrustedEventsWeightsAreUniformAndTheWeightNetRests(
      CpuBackend backend, RandomNetwork network) {
    TrainingState state = network.state(Steps.steering().settings());
    TrainingState control = network.state(Steps.steering().settings());
    int[] weightNet = bits(state.weightNet);

    try (BatmCompute compute = backend.backend().open(network.spec())) {
      StepReport report =
          compute.step(
              state, train(network, 0), null, null, Steps.steering().settings(), dropout());
      compute.step(
          control,
          train(network, 0),
          meta(network, 1),
          null,
          Steps.uniform().settings(),
          dropout());

      assertThat(report.weights()).containsOnly(1f);
      assertThat(report.rawWeights()).isNull();
      assertThat(report.alignments()).isNull();
      assertThat(report.hypergradient()).isNull();
      assertThat(report.metaLoss()).isNaN();
      assertThat(report.applied()).isTrue();
      assertThat(bits(state.weightNet)).isEqualTo(weightNet);
      assertThat(state.weightAdam.steps).isZero();
      assertThat(bits(state.parameters)).isEqualTo(bits(control.parameters));
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void aStepLeavesItsBatchesAloneAndRepeatsBitForBit(CpuBackend backend, RandomNetwork network) {
    StepSettings settings = steered();
    Batch train = train(network, 0);
    Batch meta = meta(network, 1);
    Batch anchor = meta(network, 2);
    List<float[]> arrays =
        List.of(train.x(), train.y(), meta.x(), meta.y(), anchor.x(), anchor.y());
    List<float[]> copies = arrays.stream().map(float[]::clone).toList();
    TrainingState first = network.state(settings);
    TrainingState second = network.state(settings);

    try (BatmCompute compute = backend.backend().open(network.spec());
        BatmCompute other = backend.backend().open(network.spec())) {
      // The other instance's scratch comes from larger and smaller batches.
      other.step(
          network.state(settings),
          batch(network, 257, 8),
          meta,
          batch(network, 64, 9),
          settings,
          dropout());
      other.step(network.state(settings), batch(network, 2, 8), meta, meta, settings, dropout());
      SeededRandom dropout = dropout();
      SeededRandom otherDropout = dropout();
      for (int t = 0; t < 3; t++) {
        StepReport one = compute.step(first, train, meta, anchor, settings, dropout);
        StepReport two = other.step(second, train, meta, anchor, settings, otherDropout);
        assertThat(bits(two.weights())).isEqualTo(bits(one.weights()));
        assertThat(two.objective()).isEqualTo(one.objective());
      }
    }

    assertThat(bits(second)).isEqualTo(bits(first));
    for (int i = 0; i < arrays.size(); i++) {
      assertThat(arrays.get(i)).isEqualTo(copies.get(i));
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networksOfIndependentEvents")
  void orderInsideABatchIsIrrelevantWithinRounding(CpuBackend backend, RandomNetwork network) {
    StepSettings settings = steered();
    double[][] x = network.inputs(TRAIN, 0);
    double[] y = network.labels(TRAIN, 0);
    double[][] reversedX = new double[TRAIN][];
    double[] reversedY = new double[TRAIN];
    for (int e = 0; e < TRAIN; e++) {
      reversedX[e] = x[TRAIN - 1 - e];
      reversedY[e] = y[TRAIN - 1 - e];
    }
    TrainingState state = network.state(settings);
    TrainingState reversed = network.state(settings);

    try (BatmCompute compute = backend.backend().open(network.spec())) {
      compute.step(
          state, Floats.batch(x, y), meta(network, 1), meta(network, 2), settings, dropout());
      compute.step(
          reversed,
          Floats.batch(reversedX, reversedY),
          meta(network, 1),
          meta(network, 2),
          settings,
          dropout());
    }

    String where = backend + " " + network;
    close(where, "parameters", Floats.toDoubles(state.parameters), reversed.parameters);
    close(where, "weight net", Floats.toDoubles(state.weightNet), reversed.weightNet);
    close(where, "statistics", Floats.toDoubles(state.statistics), reversed.statistics);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void aBatchOfOneEventStaysFinite(CpuBackend backend, RandomNetwork network) {
    String inputs = network.spec().isClassifier() ? "z-loss+label+concepts" : "z-loss+concepts";
    StepSettings settings =
        Steps.steering()
            .weights(inputs, WeightNormalisation.SUM)
            .lookAhead(LookAhead.ADAM)
            .lower(DECAYING, 0.05f, 0.3f)
            .settings();
    TrainingState state = network.state(settings);
    Arrays.fill(state.statistics, 0);
    System.arraycopy(network.statistics(0), 0, state.statistics, 0, state.statistics.length);

    try (BatmCompute compute = backend.backend().open(network.spec())) {
      for (int t = 0; t < 3; t++) {
        StepReport report =
            compute.step(
                state,
                batch(network, 1, t),
                meta(network, 50 + t),
                batch(network, 1, 60 + t),
                settings,
                dropout());
        assertThat(report.applied()).isTrue();
        assertThat(report.weights()[0]).isCloseTo(1, within(1e-6f));
      }
    }

    assertThat(isFinite(state)).isTrue();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void metricIsCapped(CpuBackend backend, RandomNetwork network) {
    StepSettings free = Steps.steering().lookAhead(LookAhead.ADAM).settings();
    TrainingState state = network.state(free);
    try (BatmCompute compute = backend.backend().open(network.spec())) {
      for (int t = 0; t < 3; t++) {
        compute.step(state, train(network, t), meta(network, 10 + t), null, free, dropout());
      }
      ReferenceBilevelStep twin = twin(network, free);
      ReferenceBilevelStep.Learner learner = learner(state);
      double[] diagonal = twin.diagonal(learner);
      double cap = (float) median(diagonal);
      double[] capped = Arrays.stream(diagonal).map(d -> Math.min(d, cap)).toArray();
      ReferenceBilevelStep.Batch train =
          twinBatch(network, TRAIN, 20, new SeededRandom(DROPOUT_SEED));
      ReferenceBilevelStep.Batch meta = twinBatch(network, META, 21, null);
      double[] statistics =
          network.spec().normalisation() == Normalisation.RUNNING
              ? twin.batm().foldRunning(learner.parameters(), learner.statistics(), train.x())
              : learner.statistics();
      ReferenceBilevelStep.Lookahead expected =
          twin.lookahead(learner.parameters(), statistics, learner.theta(), capped, train, meta);

      StepReport report =
          compute.step(
              state,
              batch(train),
              batch(meta),
              null,
              Steps.steering()
                  .lookAhead(LookAhead.ADAM)
                  .caps((float) cap, Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY)
                  .settings(),
              dropout());

      assertClose(
          backend + " " + network,
          "alignments",
          expected.s(),
          Floats.toDoubles(report.alignments()),
          1e-3);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void hypergradientIsClippedInItsDirection(CpuBackend backend, RandomNetwork network) {
    float[] free = firstStep(backend, network, Steps.steering()).hypergradient();
    float norm = (float) norm(free);
    float infinity = Float.POSITIVE_INFINITY;

    float[] clipped =
        firstStep(backend, network, Steps.steering().caps(infinity, norm / 4, infinity))
            .hypergradient();
    float[] allowed =
        firstStep(backend, network, Steps.steering().caps(infinity, norm * 1.01f, infinity))
            .hypergradient();

    double[] quarter = Arrays.stream(Floats.toDoubles(free)).map(h -> h / 4).toArray();
    assertThat(norm).isPositive();
    assertClose(backend + " " + network, "hypergradient", quarter, Floats.toDoubles(clipped), 1e-5);
    assertThat(allowed).isEqualTo(free);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void alignmentsAreWinsorisedForTheUpperStepButReportedAsTheyAre(
      CpuBackend backend, RandomNetwork network) {
    float infinity = Float.POSITIVE_INFINITY;
    Steps bounded = Steps.steering().caps(infinity, infinity, 0.7f);
    TrainingState state = network.state(bounded.settings());
    double[] theta = Floats.toDoubles(state.weightNet);

    StepReport free = firstStep(backend, network, Steps.steering());
    StepReport report = firstStep(backend, network, bounded);

    double[] s = Floats.toDoubles(report.alignments());
    double bound = 0.7f * Math.sqrt(DoubleStream.of(s).map(v -> v * v).average().orElseThrow());
    ReferenceWeightNet net = twin(network, bounded.settings()).net();
    double[] y = network.labels(TRAIN, 0);
    double[][] u = net.inputs(Floats.toDoubles(report.losses()), y, new double[TRAIN][]);
    double[] upstream =
        Arrays.stream(s).map(v -> -0.01 * Math.max(-bound, Math.min(bound, v))).toArray();
    assertThat(report.alignments()).isEqualTo(free.alignments());
    assertThat(Arrays.stream(s).map(Math::abs).max().orElseThrow()).isGreaterThan(bound);
    assertClose(
        backend + " " + network,
        "hypergradient",
        net.vjp(theta, u, null, y, upstream),
        Floats.toDoubles(report.hypergradient()),
        1e-4);
  }

  private static StepReport firstStep(CpuBackend backend, RandomNetwork network, Steps steps) {
    try (BatmCompute compute = backend.backend().open(network.spec())) {
      TrainingState state = network.state(steps.settings());
      return compute.step(
          state, train(network, 0), meta(network, 1), null, steps.settings(), dropout());
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void aTrainingEventThatIsNotFiniteChangesNothing(CpuBackend backend, RandomNetwork network) {
    for (float poison : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      Batch train = train(network, 3);
      train.x()[4] = poison;
      assertSkipped(backend, network, train, meta(network, 4), meta(network, 5));
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networksWithoutExu") // which clips it
  void aTrainingEventTooLargeForFloatsChangesNothing(CpuBackend backend, RandomNetwork network) {
    Batch train = train(network, 3);
    Arrays.fill(train.x(), 0, 3, 3e30f);

    assertSkipped(backend, network, train, meta(network, 4), meta(network, 5));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void anAnchorThatIsNotFiniteChangesNothing(CpuBackend backend, RandomNetwork network) {
    Batch anchor = meta(network, 5);
    anchor.x()[0] = Float.NaN;

    assertSkipped(backend, network, train(network, 3), meta(network, 4), anchor);
  }

  /** Also that the next step is none the worse for it. */
  private static void assertSkipped(
      CpuBackend backend, RandomNetwork network, Batch train, Batch meta, Batch anchor) {
    StepSettings settings = steered();
    TrainingState state = network.state(settings);
    TrainingState untouched = network.state(settings);

    try (BatmCompute compute = backend.backend().open(network.spec())) {
      for (TrainingState both : List.of(state, untouched)) {
        compute.step(
            both, train(network, 0), meta(network, 1), meta(network, 2), settings, dropout());
      }
      StepReport report = compute.step(state, train, meta, anchor, settings, dropout());

      assertThat(report.applied()).isFalse();
      assertThat(bits(state)).isEqualTo(bits(untouched));

      for (TrainingState both : List.of(state, untouched)) {
        report =
            compute.step(
                both, train(network, 6), meta(network, 7), meta(network, 8), settings, dropout());
        assertThat(report.applied()).isTrue();
      }
      assertThat(bits(state)).isEqualTo(bits(untouched));
      assertThat(isFinite(state)).isTrue();
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void aTrustedEventThatIsNotFiniteDoesNotSteer(CpuBackend backend, RandomNetwork network) {
    StepSettings settings = steered();
    TrainingState state = network.state(settings);
    int[] weightNet = bits(state.weightNet);
    Batch meta = meta(network, 1);
    meta.x()[0] = Float.NaN;

    try (BatmCompute compute = backend.backend().open(network.spec())) {
      StepReport report =
          compute.step(state, train(network, 0), meta, meta(network, 2), settings, dropout());

      assertThat(report.applied()).isTrue();
      assertThat(report.weights()).doesNotContain(Float.NaN);
    }
    assertThat(bits(state.weightNet)).isEqualTo(weightNet);
    assertThat(state.weightAdam.steps).isZero();
    assertThat(state.adam.steps).isEqualTo(1);
    assertThat(isFinite(state)).isTrue();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void conceptMeansFollowTheTrainingEvents(CpuBackend backend, RandomNetwork network) {
    StepSettings settings = Steps.uniform().settings();
    TrainingState state = network.state(settings);
    double[] expected = new double[state.conceptMeans.length];

    try (BatmCompute compute = backend.backend().open(network.spec())) {
      for (int t = 0; t < 2; t++) {
        ReferenceBilevelStep.Batch train =
            twinBatch(network, TRAIN, t, new SeededRandom(DROPOUT_SEED));
        double[] parameters = Floats.toDoubles(state.parameters);
        compute.step(state, batch(train), null, null, settings, dropout());
        // With running normalisation the pass used what is now in the state; else nothing of it.
        double[][] z =
            new ReferenceBatm(network.spec())
                .stepForward(
                    parameters, Floats.toDoubles(state.statistics), train.x(), train.masks())
                .concepts();
        for (int c = 0; c < expected.length; c++) {
          int concept = c;
          double mean = Arrays.stream(z).mapToDouble(row -> row[concept]).average().orElseThrow();
          expected[c] = t == 0 ? mean : 0.95 * expected[c] + 0.05 * mean;
        }
      }
    }

    close(backend + " " + network, "concept means", expected, state.conceptMeans);
  }

  private static StepSettings steered() {
    return Steps.steering()
        .weights("loss+concepts", WeightNormalisation.SUM)
        .lookAhead(LookAhead.ADAM)
        .lower(DECAYING, 0.05f, 0.3f)
        .caps(100, 1, 3)
        .settings();
  }

  private static SeededRandom dropout() {
    return new SeededRandom(DROPOUT_SEED);
  }

  private static Batch train(RandomNetwork network, int draw) {
    return batch(network, TRAIN, draw);
  }

  private static Batch meta(RandomNetwork network, int draw) {
    return batch(network, META, draw);
  }

  private static Batch batch(RandomNetwork network, int n, int draw) {
    return Floats.batch(network.inputs(n, draw), network.labels(n, draw));
  }

  private static Batch batch(ReferenceBilevelStep.Batch batch) {
    return Floats.batch(batch.x(), batch.y());
  }

  private static ReferenceBilevelStep.Batch twinBatch(
      RandomNetwork network, int n, int draw, SeededRandom dropout) {
    return new ReferenceBilevelStep.Batch(
        network.inputs(n, draw),
        network.labels(n, draw),
        null,
        dropout == null ? null : network.masks(n, dropout));
  }

  private static ReferenceBilevelStep twin(RandomNetwork network, StepSettings s) {
    BatmSpec spec = network.spec();
    return new ReferenceBilevelStep(
        new ReferenceBatm(spec),
        new ReferenceWeightNet(
            s.weightNetHidden(),
            s.weightInputs().standardisedLoss(),
            s.weightInputs().label(),
            s.weightInputs().concepts(),
            spec.outputs(),
            spec.conceptCount(),
            ReferenceWeightNet.Normalisation.valueOf(s.weightNormalisation().name())),
        twin(s.adam()),
        twin(s.weightAdam()),
        ReferenceBilevelStep.Metric.valueOf(s.lookAhead().name()),
        s.anchor(),
        s.groupLasso());
  }

  private static ReferenceAdam twin(Adam adam) {
    return new ReferenceAdam(
        adam.learningRate(), adam.beta1(), adam.beta2(), adam.epsilon(), adam.weightDecay());
  }

  private static ReferenceBilevelStep.Learner learner(TrainingState state) {
    return new ReferenceBilevelStep.Learner(
        Floats.toDoubles(state.parameters),
        Floats.toDoubles(state.statistics),
        new ReferenceAdam.State(
            (int) state.adam.steps,
            Floats.toDoubles(state.adam.firstMoment),
            Floats.toDoubles(state.adam.secondMoment)),
        Floats.toDoubles(state.weightNet),
        new ReferenceAdam.State(
            (int) state.weightAdam.steps,
            Floats.toDoubles(state.weightAdam.firstMoment),
            Floats.toDoubles(state.weightAdam.secondMoment)));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static double norm(float[] values) {
    return Math.sqrt(Arrays.stream(Floats.toDoubles(values)).map(v -> v * v).sum());
  }

  private static void close(String where, String quantity, double[] expected, float[] found) {
    assertClose(where, quantity, expected, Floats.toDoubles(found), 1e-4);
  }

  private static List<float[]> arrays(TrainingState state) {
    return List.of(
        state.parameters,
        state.adam.firstMoment,
        state.adam.secondMoment,
        state.statistics,
        state.conceptMeans,
        state.weightNet,
        state.weightAdam.firstMoment,
        state.weightAdam.secondMoment,
        new float[] {state.adam.steps, state.weightAdam.steps});
  }

  private static int[] bits(TrainingState state) {
    return arrays(state).stream().flatMapToInt(array -> Arrays.stream(bits(array))).toArray();
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static boolean isFinite(TrainingState state) {
    return arrays(state).stream()
        .flatMapToDouble(array -> DoubleStream.of(Floats.toDoubles(array)))
        .allMatch(Double::isFinite);
  }
}
