package io.counterweight.compute.cuda;

import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.SteerRequest;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.TrainingState;
import io.counterweight.model.BatmSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** One architecture on one GPU. Owns the device it is given; not thread-safe. */
final class CudaCompute implements BatmCompute {
  /** Bound of the grid in the direction of passes and steps, of which a step has three. */
  private static final int MOST_STEPS = 16_384;

  private static final String UNSUPPORTED =
      "The cuda backend trains on labels as they are: it knows no targets, no averaging and no upper"
          + " step by itself yet; choose compute.backend vector or nd4j";

  private final BatmSpec spec;
  private final ArchitectureTable architecture;
  private final Device device;
  private final Staging staging = new Staging();
  private final Scratch scratch;
  private final ResidentStates states;
  private final Launches launches;
  private final long table;
  private final long scratchLimit;

  /**
   * Prepares an architecture.
   *
   * @param residentBytes bound of the lanes that stay on the device
   * @param scratchBytes bound of what one sequence of launches may take; a single step may take
   *     more
   */
  CudaCompute(
      ArchitectureTable architecture, Device device, long residentBytes, long scratchBytes) {
    this.architecture = architecture;
    this.device = device;
    spec = architecture.spec();
    scratchLimit = scratchBytes;
    scratch = new Scratch(device);
    states = new ResidentStates(device, staging, residentBytes);
    table = device.allocate(architecture.bytes());
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(architecture.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    architecture.write(buffer);
    device.upload(buffer.flip(), table);
    launches = new Launches(device, architecture, table);
  }

  @Override
  public void predict(TrainingState state, Batch batch, float[] logits, float[] concepts) {
    int n = batch.size();
    if (batch.x().length != spec.features() * n) {
      throw new IllegalArgumentException(
          "A batch of "
              + n
              + " events has "
              + batch.x().length
              + " inputs, expected "
              + spec.features()
              + " features");
    }
    ResidentState resident = states.use(state, Set.of());
    PassTable pass = new PassTable(n, PassTable.Mode.PREDICT, false);
    long activationBytes = 4L * architecture.rows() * pass.stride;
    long uploadBytes = PassTable.STRUCT_BYTES + 4L * batch.x().length;
    scratch.begin(Scratch.rounded(activationBytes) + Scratch.rounded(uploadBytes));
    long upload = scratch.take(uploadBytes);
    pass.activations = scratch.take(activationBytes);
    pass.parameters = resident.parameters();
    pass.statistics = resident.statistics();
    pass.x = upload + PassTable.STRUCT_BYTES;

    ByteBuffer buffer = staging.room(uploadBytes);
    pass.write(new StructWriter(buffer));
    Staging.put(buffer, batch.x());
    device.upload(buffer.flip(), upload);
    launches.forward(List.of(pass), upload);
    int rows = spec.conceptCount() + spec.outputs();
    buffer = staging.room(4L * rows * pass.stride);
    device.download(pass.activations + 4L * architecture.conceptRow() * pass.stride, buffer);
    readRows(buffer, 0, spec.conceptCount(), pass, concepts);
    readRows(buffer, spec.conceptCount(), spec.outputs(), pass, logits);
  }

  private static void readRows(ByteBuffer from, int first, int rows, PassTable pass, float[] to) {
    for (int r = 0; r < rows; r++) {
      from.position(4 * (first + r) * pass.stride);
      Staging.get(from, to, r * pass.events, pass.events);
    }
  }

  @Override
  public StepReport step(StepRequest request) {
    return stepAll(List.of(request)).get(0);
  }

  @Override
  public float steer(SteerRequest request) {
    throw new UnsupportedOperationException(UNSUPPORTED);
  }

  /**
   * In as few sequences of launches as memory allows; a state's second step waits for its first.
   */
  @Override
  public List<StepReport> stepAll(List<StepRequest> requests) {
    List<StepReport> reports = new ArrayList<>(requests.size());
    List<StepTable> together = new ArrayList<>();
    Set<TrainingState> stepped = Collections.newSetFromMap(new IdentityHashMap<>());
    long bytes = 0;
    for (StepRequest request : requests) {
      if (request.targets() != null || request.settings().averaging() > 0) {
        throw new UnsupportedOperationException(UNSUPPORTED);
      }
      StepTable step = new StepTable(architecture, request);
      long needed = step.scratchBytes();
      boolean full =
          stepped.contains(request.state())
              || together.size() == MOST_STEPS
              || bytes + needed > scratchLimit;
      if (full && !together.isEmpty()) {
        reports.addAll(run(together));
        together.clear();
        stepped.clear();
        bytes = 0;
      }
      together.add(step);
      stepped.add(request.state());
      bytes += needed;
    }
    if (!together.isEmpty()) {
      reports.addAll(run(together));
    }
    return reports;
  }

  private List<StepReport> run(List<StepTable> steps) {
    return new StepSequence(architecture, device, launches, staging, scratch, List.copyOf(steps))
        .run(states);
  }

  @Override
  public float[] align(SteerRequest request) {
    throw new UnsupportedOperationException(UNSUPPORTED);
  }

  @Override
  public void sync(TrainingState state) {
    states.sync(state);
  }

  @Override
  public void release(TrainingState state) {
    states.release(state);
  }

  /** Brings every state home first. */
  @Override
  public void close() {
    states.close();
    scratch.close();
    device.free(table);
    device.close();
  }
}
