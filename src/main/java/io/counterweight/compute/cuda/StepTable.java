package io.counterweight.compute.cuda;

import io.counterweight.compute.Batch;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.StepSettings;
import io.counterweight.compute.StepSettings.LookAhead;
import io.counterweight.compute.TrainingState;
import io.counterweight.meta.WeightInputs;
import io.counterweight.model.BatmSpec;
import io.counterweight.optim.Adam;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * One requested step on the device: its passes, {@code Step} of {@code layout.cuh}, and the report
 * that comes back.
 *
 * <p>The report lies in one array of floats: objective, trusted loss, whether the step was applied,
 * whether the weight net moved; the polynomial's parameters; the concept means; the losses {@code
 * [n]}; and where something steers weights, raw weights and alignments {@code [n]} and the
 * hypergradient.
 */
final class StepTable {
  static final int STRUCT_BYTES = 392;

  private static final int HEADER = 4;

  /** An array that the step needs, and who wants to know where it lies. */
  private record Need(long bytes, LongConsumer address) {}

  private final ArchitectureTable architecture;
  private final BatmSpec spec;
  private final StepRequest request;
  private final StepSettings settings;
  private final boolean steered;
  private final int events;
  private final int polynomial;
  private final List<Need> needs = new ArrayList<>();

  final PassTable train;

  /** Null without steering. */
  final PassTable meta;

  /** Null without an anchor. */
  final PassTable anchor;

  private ResidentState resident;
  private long thetaBefore;
  private long ahead;
  private long direction;
  private long gradient;
  private long norms;
  private long netInputs;
  private long netGradients;
  private long rawGradient;
  private long report;

  StepTable(ArchitectureTable architecture, StepRequest request) {
    this.architecture = architecture;
    this.request = request;
    spec = architecture.spec();
    settings = request.settings();
    steered = settings.steering() && request.meta() != null;
    events = request.train().size();
    polynomial = architecture.parameterCount() - architecture.polynomialAt();
    boolean folds = architecture.isRunning() && !drops();
    train = pass(request.train(), folds ? PassTable.Mode.FOLD : PassTable.Mode.TRAIN);
    train.moves = architecture.isBatch();
    train.counts = architecture.isRunning();
    train.weight = 1f / events;
    train.penalty = spec.outputPenalty();
    need(architecture.statisticCount(), address -> train.statisticsBefore = address);
    meta = steered ? pass(request.meta(), PassTable.Mode.TRAIN) : null;
    boolean anchored = request.anchor() != null && settings.anchor() > 0;
    anchor = anchored ? pass(request.anchor(), PassTable.Mode.TRAIN) : null;
    if (anchored) {
      need(anchor.events, address -> anchor.losses = address);
      anchor.weight = settings.anchor() / anchor.events;
    }
    int parameters = architecture.parameterCount();
    need(parameters, address -> gradient = address);
    need(2 * slices(), address -> norms = address);
    if (steered) {
      need(meta.events, address -> meta.losses = address);
      meta.weight = 1f / meta.events;
      need(parameters, address -> ahead = address);
      need(parameters, address -> direction = address);
      need(3L * request.state().weightNet.length, address -> thetaBefore = address);
      need((long) netInputs() * events, address -> netInputs = address);
      need((long) settings.weightNetHidden() * events, address -> netGradients = address);
      need(events, address -> rawGradient = address);
    }
  }

  private PassTable pass(Batch batch, PassTable.Mode mode) {
    check(batch);
    PassTable pass = new PassTable(batch.size(), mode, architecture.isBatch());
    need((long) architecture.rows() * pass.stride, address -> pass.activations = address);
    need((long) architecture.parameterCount() * pass.chunks, address -> pass.gradient = address);
    if (architecture.isBatch()) {
      need(2L * architecture.channels(), address -> pass.batchStatistics = address);
    }
    return pass;
  }

  private void check(Batch batch) {
    if (batch.x().length != spec.features() * batch.size() || batch.y() == null) {
      throw new IllegalArgumentException(
          "A batch of "
              + batch.size()
              + " events has "
              + batch.x().length
              + " inputs and "
              + (batch.y() == null ? "no" : batch.y().length)
              + " labels, expected "
              + spec.features()
              + " features and a label for each event");
    }
  }

  private void need(long floats, LongConsumer address) {
    needs.add(new Need(Float.BYTES * floats, address));
  }

  private int slices() {
    return (architecture.parameterCount() + Kernel.SLICE - 1) / Kernel.SLICE;
  }

  private int netInputs() {
    WeightInputs inputs = settings.weightInputs();
    return inputs.size(spec.outputs(), spec.conceptCount());
  }

  StepRequest request() {
    return request;
  }

  boolean isSteered() {
    return steered;
  }

  /** Whether dropout asks for a pass that folds, before the one with masks. */
  boolean drops() {
    return spec.dropout() > 0;
  }

  int hiddenUnits() {
    return steered ? settings.weightNetHidden() : 0;
  }

  /** Scratch that the step takes, the report apart. */
  long scratchBytes() {
    return needs.stream().mapToLong(need -> Scratch.rounded(need.bytes())).sum();
  }

  int reportFloats() {
    int steering = 3 * events + request.state().weightNet.length;
    return HEADER + polynomial + spec.conceptCount() + events + (steered ? steering : 0);
  }

  private long reported(int floats) {
    return report + Float.BYTES * (long) (HEADER + polynomial + spec.conceptCount() + floats);
  }

  /** Gives every array its place. */
  void place(ResidentState onDevice, Scratch scratch, long reportAddress) {
    resident = onDevice;
    resident.changes();
    report = reportAddress;
    for (Need need : needs) {
      need.address().accept(scratch.take(need.bytes()));
    }
    for (PassTable pass : passes()) {
      pass.parameters = resident.parameters();
      pass.statistics = resident.statistics();
    }
    train.losses = reported(0);
    if (steered) {
      meta.parameters = ahead;
      train.direction = direction;
      train.weights = reported(events);
      train.alignments = reported(3 * events);
    }
  }

  private List<PassTable> passes() {
    List<PassTable> passes = new ArrayList<>(List.of(train));
    if (steered) {
      passes.add(meta);
    }
    if (anchor != null) {
      passes.add(anchor);
    }
    return passes;
  }

  void write(StructWriter to) {
    to.pointer("parameters", resident.array(0));
    to.pointer("firstMoment", resident.array(1));
    to.pointer("secondMoment", resident.array(2));
    to.pointer("statistics", resident.array(3));
    to.pointer("statisticsBefore", train.statisticsBefore);
    to.pointer("conceptMeans", resident.array(4));
    to.pointer("theta", resident.array(5));
    to.pointer("thetaFirstMoment", resident.array(6));
    to.pointer("thetaSecondMoment", resident.array(7));
    to.pointer("thetaBefore", thetaBefore);
    to.pointer("trainGradient", train.gradient);
    to.pointer("metaGradient", steered ? meta.gradient : 0);
    to.pointer("anchorGradient", anchor != null ? anchor.gradient : 0);
    to.pointer("ahead", ahead);
    to.pointer("direction", direction);
    to.pointer("gradient", gradient);
    to.pointer("norms", norms);
    to.pointer("losses", train.losses);
    to.pointer("y", train.y);
    to.pointer(
        "concepts",
        train.activations + Float.BYTES * (long) architecture.conceptRow() * train.stride);
    to.pointer("metaLosses", steered ? meta.losses : 0);
    to.pointer("anchorLosses", anchor != null ? anchor.losses : 0);
    to.pointer("netInputs", netInputs);
    to.pointer("netGradients", netGradients);
    to.pointer("rawGradient", rawGradient);
    to.pointer("raw", steered ? reported(2 * events) : 0);
    to.pointer("weights", train.weights);
    to.pointer("alignments", train.alignments);
    to.pointer("hypergradient", steered ? reported(4 * events) : 0);
    to.pointer("report", report);
    to.word("n", events);
    to.word("stride", train.stride);
    to.word("metaEvents", steered ? meta.events : 0);
    to.word("anchorEvents", anchor != null ? anchor.events : 0);
    to.word("trainChunks", train.chunks);
    to.word("metaChunks", steered ? meta.chunks : 0);
    to.word("anchorChunks", anchor != null ? anchor.chunks : 0);
    to.word("steered", steered);
    to.word("hidden", settings.weightNetHidden());
    to.word("inputs", netInputs());
    to.word("standardisedLoss", settings.weightInputs().standardisedLoss());
    to.word("seesLabel", settings.weightInputs().label());
    to.word("seesConcepts", settings.weightInputs().concepts());
    to.word("weightNormalisation", settings.weightNormalisation().ordinal());
    to.word("thetaSize", request.state().weightNet.length);
    writeOptimisers(to);
  }

  private void writeOptimisers(StructWriter to) {
    TrainingState state = request.state();
    Adam adam = settings.adam();
    long steps = state.adam.steps;
    to.word("adamMetric", settings.lookAhead() == LookAhead.ADAM && steps > 0);
    to.word("learningRate", adam.learningRate());
    writeAdam(to, adam, steps + 1, "rate", "rootScale", "keep", "beta1", "beta2", "epsilon");
    double unbiased = 1 - Math.pow(adam.beta1(), steps + 1.0);
    to.word("metricScale", (float) ((1 - adam.beta1()) / unbiased));
    to.word("metricRootScale", (float) (1 / Math.sqrt(1 - Math.pow(adam.beta2(), steps))));
    to.word("metricCap", settings.metricCap());
    to.word("threshold", adam.learningRate() * settings.groupLasso());
    to.word("anchor", settings.anchor());
    to.word("penalty", spec.outputPenalty());
    to.word("conceptKeep", steps == 0 ? 0f : 1 - spec.normalisationMomentum());
    to.word("clip", settings.hypergradientClip());
    to.word("winsor", settings.alignmentWinsor());
    writeAdam(
        to,
        settings.weightAdam(),
        state.weightAdam.steps + 1,
        "netRate",
        "netRootScale",
        "netKeep",
        "netBeta1",
        "netBeta2",
        "netEpsilon");
  }

  /** The constants of {@link Adam#step} at that step, which is the next one. */
  private static void writeAdam(StructWriter to, Adam adam, long step, String... names) {
    to.word(names[0], (float) (adam.learningRate() / (1 - Math.pow(adam.beta1(), step))));
    to.word(names[1], (float) (1 / Math.sqrt(1 - Math.pow(adam.beta2(), step))));
    to.word(names[2], 1 - adam.learningRate() * adam.weightDecay());
    to.word(names[3], adam.beta1());
    to.word(names[4], adam.beta2());
    to.word(names[5], adam.epsilon());
  }

  /** Reads the report at the buffer's position, and what the state keeps current on the host. */
  StepReport read(ByteBuffer from) {
    float objective = from.getFloat();
    float metaLoss = from.getFloat();
    boolean applied = from.getFloat() != 0;
    boolean moved = from.getFloat() != 0 && steered;
    TrainingState state = request.state();
    Staging.get(from, state.parameters, architecture.polynomialAt(), polynomial);
    Staging.get(from, state.conceptMeans, 0, spec.conceptCount());
    state.adam.steps += applied ? 1 : 0;
    state.weightAdam.steps += applied && moved ? 1 : 0;
    float[] losses = floats(from, events);
    if (!steered) {
      float[] ones = new float[events];
      Arrays.fill(ones, 1f / events * events);
      return new StepReport(losses, ones, null, null, Float.NaN, objective, null, applied);
    }
    float[] weights = floats(from, events);
    for (int i = 0; i < events; i++) {
      weights[i] *= events;
    }
    float[] raw = floats(from, events);
    float[] alignments = floats(from, events);
    float[] hypergradient = floats(from, state.weightNet.length);
    return new StepReport(
        losses, weights, raw, alignments, metaLoss, objective, hypergradient, applied);
  }

  private static float[] floats(ByteBuffer from, int count) {
    float[] values = new float[count];
    Staging.get(from, values, 0, count);
    return values;
  }
}
