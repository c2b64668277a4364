package io.counterweight.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.counterweight.compute.Backends;
import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.StepSettings;
import io.counterweight.compute.StepSettings.LookAhead;
import io.counterweight.compute.TrainingState;
import io.counterweight.compute.cuda.EmulatedDevice.Order;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.SeededRandom;
import io.counterweight.support.Floats;
import io.counterweight.support.RandomNetwork;
import io.counterweight.support.ReferenceComparison;
import io.counterweight.support.Steps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the backend promises beyond the contract of all backends; on an emulated device. */
class CudaComputeTest {
  private static final StepSettings STEERED =
      Steps.steering()
          .weights("z-loss+concepts", WeightNormalisation.SUM)
          .lookAhead(LookAhead.ADAM)
          .lower(Steps.ADAM, 0.05f, 0.3f)
          .caps(100, 1, 3)
          .settings();
  private static final StepSettings UNIFORM = Steps.uniform().settings();

  @BeforeAll
  static void needsACompiler() {
    assumeTrue(EmulatedCuda.isAvailable(), "no g++ on this machine to compile the kernels with");
  }

  static Stream<RandomNetwork> networks() {
    return RandomNetwork.all();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void resultsDoNotDependOnTheOrderOfThreadsAndBlocks(RandomNetwork network) {
    int[] up = trained(network, Order.UP);

    assertThat(trained(network, Order.DOWN)).isEqualTo(up);
    assertThat(trained(network, Order.SHUFFLED)).isEqualTo(up);
  }

  /** Two steps on batches of one and of several chunks. */
  private static int[] trained(RandomNetwork network, Order order) {
    TrainingState state = network.state(STEERED);
    SeededRandom dropout = new SeededRandom(3);
    try (CudaCompute compute = open(network, new EmulatedDevice(order))) {
      compute.step(state, batch(network, 70, 0), batch(network, 9, 1), null, STEERED, dropout);
      compute.step(
          state,
          batch(network, 7, 2),
          batch(network, 66, 3),
          batch(network, 5, 4),
          STEERED,
          dropout);
    }
    return bits(state);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void stepsSideBySideAreTheStepsOneByOne(RandomNetwork network) {
    List<TrainingState> alone = new ArrayList<>();
    List<TrainingState> together = new ArrayList<>();
    List<int[]> aloneWeights = new ArrayList<>();
    List<StepRequest> requests = new ArrayList<>();
    EmulatedDevice device = new EmulatedDevice(Order.UP);
    try (CudaCompute compute = open(network, device)) {
      for (int key = 0; key < 5; key++) {
        alone.add(network.state(settings(key)));
        StepRequest request = request(network, alone.get(key), key);
        StepReport report =
            compute.step(
                request.state(),
                request.train(),
                request.meta(),
                request.anchor(),
                request.settings(),
                request.dropout());
        aloneWeights.add(bits(report.weights()));
        together.add(network.state(settings(key)));
        requests.add(request(network, together.get(key), key));
      }
      device.launched.clear();

      List<StepReport> reports = compute.stepAll(requests);

      assertThat(Collections.frequency(device.launched, Kernel.FINISH)).isEqualTo(1);
      for (int key = 0; key < 5; key++) {
        assertThat(bits(reports.get(key).weights())).isEqualTo(aloneWeights.get(key));
      }
    }
    for (int key = 0; key < 5; key++) {
      assertThat(bits(together.get(key))).isEqualTo(bits(alone.get(key)));
    }
  }

  private static StepSettings settings(int key) {
    return key % 2 == 0 ? STEERED : UNIFORM;
  }

  /** Some steer, some have an anchor; sizes differ. */
  private static StepRequest request(RandomNetwork network, TrainingState state, int key) {
    return StepRequest.onLabels(
        state,
        batch(network, key == 3 ? 80 : 5 + key, key),
        key == 4 ? null : batch(network, 6 + key, 10 + key),
        key == 0 ? null : batch(network, 4 + key, 20 + key),
        settings(key),
        new SeededRandom(key));
  }

  @Test
  void aStepIsTwentyFourLaunchesAndTwoCopiesHoweverManyKeys() {
    RandomNetwork network = network("running");
    EmulatedDevice device = new EmulatedDevice(Order.UP);
    try (CudaCompute compute = open(network, device)) {
      List<StepRequest> requests = new ArrayList<>();
      for (int key = 0; key < 20; key++) {
        requests.add(request(network, network.state(STEERED), 2));
      }
      compute.stepAll(requests); // brings the states to the device
      device.launched.clear();
      device.uploads = 0;
      device.downloads = 0;

      compute.stepAll(requests);

      assertThat(device.launched)
          .containsExactly(
              Kernel.ENCODE_FORWARD,
              Kernel.HEAD_FORWARD,
              Kernel.WEIGH_EVENTS,
              Kernel.NORMALISE_WEIGHTS,
              Kernel.HEAD_BACKWARD,
              Kernel.ENCODE_BACKWARD,
              Kernel.LOOK_AHEAD,
              Kernel.ENCODE_FORWARD,
              Kernel.HEAD_FORWARD,
              Kernel.HEAD_BACKWARD,
              Kernel.ENCODE_BACKWARD,
              Kernel.TURN,
              Kernel.ENCODE_TANGENT,
              Kernel.HEAD_TANGENT,
              Kernel.PULL_BACK,
              Kernel.HYPERGRADIENT,
              Kernel.MOVE_WEIGHT_NET,
              Kernel.WEIGH_EVENTS,
              Kernel.NORMALISE_WEIGHTS,
              Kernel.HEAD_BACKWARD,
              Kernel.ENCODE_BACKWARD,
              Kernel.ADD_UP,
              Kernel.ADAM,
              Kernel.FINISH);
      assertThat(device.uploads).isEqualTo(1);
      assertThat(device.downloads).isEqualTo(1);
    }
  }

  @Test
  void largerFoldedBatchesTakeTwoMoreLaunchesALayer() {
    RandomNetwork network = network("running");
    EmulatedDevice device = new EmulatedDevice(Order.UP);
    try (CudaCompute compute = open(network, device)) {
      compute.step(network.state(UNIFORM), batch(network, 65, 0), null, null, UNIFORM, null);
    }

    assertThat(device.launched)
        .startsWith(
            Kernel.ENCODE_FORWARD,
            Kernel.FOLD_STATISTICS,
            Kernel.ENCODE_FORWARD,
            Kernel.FOLD_STATISTICS,
            Kernel.ENCODE_FORWARD,
            Kernel.HEAD_FORWARD)
        .hasSize(11);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void largeBatchesFollowTheScalarBackend(RandomNetwork network) {
    StepSettings smooth = Steps.steering().lower(Steps.ADAM, 0.05f, 0.3f).settings();
    TrainingState state = network.state(smooth);
    TrainingState expected = network.state(smooth);
    try (CudaCompute compute = open(network, new EmulatedDevice(Order.UP));
        BatmCompute scalar = Backends.named("scalar").open(network.spec())) {
      for (BatmCompute each : List.of(compute, scalar)) {
        each.step(
            each == compute ? state : expected,
            batch(network, 300, 0),
            batch(network, 130, 1),
            batch(network, 65, 2),
            smooth,
            new SeededRandom(1));
      }
    }

    // A unit at a kink may fall on either side of it.
    ReferenceComparison.assertClose(
        network.name(),
        "parameters",
        Floats.toDoubles(expected.parameters),
        Floats.toDoubles(state.parameters),
        1e-3);
    ReferenceComparison.assertClose(
        network.name(),
        "statistics",
        Floats.toDoubles(expected.statistics),
        Floats.toDoubles(state.statistics),
        1e-4);
  }

  @Test
  void stayingOnTheDeviceEqualsComingHomeAfterEachStep() {
    RandomNetwork network = network("running-cubic");
    TrainingState staying = network.state(STEERED);
    TrainingState returning = network.state(STEERED);
    EmulatedDevice device = new EmulatedDevice(Order.UP);
    try (CudaCompute compute = open(network, device)) {
      for (int t = 0; t < 6; t++) {
        compute.step(staying, batch(network, 8, t), batch(network, 6, 50 + t), null, STEERED, null);
        compute.step(
            returning, batch(network, 8, t), batch(network, 6, 50 + t), null, STEERED, null);
        compute.sync(returning);
      }

      assertThat(bits(staying)).isNotEqualTo(bits(returning));
      assertThat(bits(staying.conceptMeans)).isEqualTo(bits(returning.conceptMeans));
      int polynomial = new ArchitectureTable(network.spec()).polynomialAt();
      assertThat(bits(tail(staying.parameters, polynomial)))
          .isEqualTo(bits(tail(returning.parameters, polynomial)));
      compute.sync(staying);
    }

    assertThat(bits(staying)).isEqualTo(bits(returning));
    assertThat(device.allocations()).isZero();
  }

  private static float[] tail(float[] values, int from) {
    return Arrays.copyOfRange(values, from, values.length);
  }

  @Test
  void whatTheHostChangesAfterSyncReachesTheDevice() {
    RandomNetwork network = network("running");
    TrainingState state = network.state(UNIFORM);
    Batch batch = batch(network, 4, 0);
    float[] before = new float[4 * network.spec().outputs()];
    float[] after = before.clone();
    float[] concepts = new float[4 * network.spec().conceptCount()];
    try (CudaCompute compute = open(network, new EmulatedDevice(Order.UP))) {
      compute.predict(state, batch, before, concepts);
      compute.sync(state);
      state.parameters[new ArchitectureTable(network.spec()).polynomialAt()] += 1;
      compute.predict(state, batch, after, concepts);
    }

    assertThat(after[0]).isEqualTo(before[0] + 1, org.assertj.core.api.Assertions.within(1e-5f));
  }

  @Test
  void theLeastRecentlyUsedStateGoesHomeWhenTheDeviceIsFull() {
    RandomNetwork network = network("running");
    long one = ResidentState.bytes(network.state(UNIFORM));
    List<TrainingState> crowded = new ArrayList<>();
    List<TrainingState> free = new ArrayList<>();
    for (int key = 0; key < 4; key++) {
      crowded.add(network.state(UNIFORM));
      free.add(network.state(UNIFORM));
    }
    EmulatedDevice device = new EmulatedDevice(Order.UP);
    ArchitectureTable architecture = new ArchitectureTable(network.spec());
    try (CudaCompute small = new CudaCompute(architecture, device, 2 * one, EmulatedCuda.PLENTY);
        CudaCompute large = open(network, new EmulatedDevice(Order.UP))) {
      for (int t = 0; t < 8; t++) {
        Batch batch = batch(network, 5, t);
        small.step(crowded.get(t % 4), batch, null, null, UNIFORM, null);
        large.step(free.get(t % 4), batch, null, null, UNIFORM, null);
      }
    }

    for (int key = 0; key < 4; key++) {
      assertThat(bits(crowded.get(key))).isEqualTo(bits(free.get(key)));
    }
    assertThat(device.downloads).isEqualTo(8 + 8); // a report and a way home for each step
  }

  @Test
  void aReleasedStateLeavesTheDevice() {
    RandomNetwork network = network("running");
    TrainingState staying = network.state(UNIFORM);
    TrainingState leaving = network.state(UNIFORM);
    long one = ResidentState.bytes(staying);
    try (EmulatedDevice device = new EmulatedDevice(Order.UP);
        ResidentStates states = new ResidentStates(device, new Staging(), EmulatedCuda.PLENTY)) {
      states.use(staying, Set.of());
      states.use(leaving, Set.of());
      assertThat(states.size()).isEqualTo(2);
      assertThat(states.bytes()).isEqualTo(2 * one);
      assertThat(device.allocations()).isEqualTo(2);

      states.sync(leaving);
      states.release(leaving);
      states.release(leaving);
      states.release(network.state(UNIFORM));

      assertThat(states.size()).isEqualTo(1);
      assertThat(states.bytes()).isEqualTo(one);
      assertThat(device.allocations()).isEqualTo(1);
    }
  }

  @Test
  void theBackendForgetsWhatIsReleasedAndKeepsTheRest() {
    RandomNetwork network = network("running");
    TrainingState staying = network.state(UNIFORM);
    TrainingState leaving = network.state(UNIFORM);
    EmulatedDevice device = new EmulatedDevice(Order.UP);
    try (CudaCompute compute = open(network, device)) {
      for (TrainingState state : List.of(staying, leaving)) {
        compute.step(state, batch(network, 5, 0), null, null, UNIFORM, null);
      }
      int allocations = device.allocations();

      compute.sync(leaving);
      compute.release(leaving);

      assertThat(device.allocations()).isEqualTo(allocations - 1);
      compute.sync(staying);
    }

    assertThat(bits(staying)).isEqualTo(bits(leaving));
  }

  @Test
  void littleScratchAndTheSameKeyTwiceCutTheSequence() {
    RandomNetwork network = network("running");
    TrainingState state = network.state(UNIFORM);
    TrainingState control = network.state(UNIFORM);
    EmulatedDevice device = new EmulatedDevice(Order.UP);
    ArchitectureTable architecture = new ArchitectureTable(network.spec());
    try (CudaCompute compute = new CudaCompute(architecture, device, EmulatedCuda.PLENTY, 1);
        CudaCompute other = open(network, new EmulatedDevice(Order.UP))) {
      List<StepRequest> requests = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        requests.add(StepRequest.onLabels(state, batch(network, 5, t), null, null, UNIFORM, null));
        other.step(control, batch(network, 5, t), null, null, UNIFORM, null);
      }
      requests.add(
          StepRequest.onLabels(
              network.state(UNIFORM), batch(network, 5, 9), null, null, UNIFORM, null));

      compute.stepAll(requests);
    }

    assertThat(bits(state)).isEqualTo(bits(control));
    assertThat(Collections.frequency(device.launched, Kernel.FINISH)).isEqualTo(4);
  }

  @Test
  void deepEncodersAreRefusedWithTheWayOut() {
    BatmSpec spec = network("running").spec();
    BatmSpec deep =
        new BatmSpec(
            spec.features(),
            spec.outputs(),
            spec.concepts(),
            Collections.nCopies(9, 4),
            true,
            spec.inputLayer(),
            spec.normalisation(),
            0.05f,
            1e-5f,
            0,
            0.01f,
            2,
            2,
            spec.initialisation(),
            0,
            0);

    assertThatThrownBy(() -> new ArchitectureTable(deep))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "compute.backend cuda takes encoders of at most 8 hidden layers, this one has 9; use"
                + " the backend vector");
  }

  private static CudaCompute open(RandomNetwork network, EmulatedDevice device) {
    return EmulatedCuda.compute(network.spec(), device);
  }

  private static RandomNetwork network(String name) {
    return RandomNetwork.all().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
  }

  private static Batch batch(RandomNetwork network, int n, int draw) {
    return Floats.batch(network.inputs(n, draw), network.labels(n, draw));
  }

  private static int[] bits(TrainingState state) {
    return Stream.of(
            state.parameters,
            state.adam.firstMoment,
            state.adam.secondMoment,
            state.statistics,
            state.conceptMeans,
            state.weightNet,
            state.weightAdam.firstMoment,
            state.weightAdam.secondMoment,
            new float[] {state.adam.steps, state.weightAdam.steps})
        .flatMapToInt(array -> Arrays.stream(bits(array)))
        .toArray();
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
