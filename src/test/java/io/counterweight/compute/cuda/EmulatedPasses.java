package io.counterweight.compute.cuda;

import io.counterweight.compute.Batch;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.SeededRandom;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Single passes by the kernels, for the tests of {@link NetworkPasses}. Nothing is reused. */
final class EmulatedPasses implements NetworkPasses {
  private final BatmSpec spec;
  private final ArchitectureTable architecture;
  private final Device device;
  private final Launches launches;

  EmulatedPasses(BatmSpec spec, Device device) {
    this.spec = spec;
    this.device = device;
    architecture = new ArchitectureTable(spec);
    ByteBuffer table = buffer(architecture.bytes());
    architecture.write(table);
    launches = new Launches(device, architecture, upload(table.flip()));
  }

  private static final class Pass implements Activations {
    private PassTable table;
    private Batch batch;
    private float[] concepts;
    private float[] logits;
    private float[] losses;

    @Override
    public int size() {
      return table.events;
    }

    @Override
    public int stride() {
      return table.stride;
    }

    @Override
    public float[] concepts() {
      return concepts;
    }

    @Override
    public float[] logits() {
      return logits;
    }

    @Override
    public float[] losses() {
      return losses;
    }
  }

  @Override
  public Activations newActivations() {
    return new Pass();
  }

  @Override
  public void predict(
      float[] parameters, float[] statistics, Batch batch, Activations activations) {
    throw new UnsupportedOperationException("BatmCompute predicts");
  }

  @Override
  public void forward(
      float[] parameters,
      float[] statistics,
      Batch batch,
      boolean fold,
      SeededRandom dropout,
      Activations activations) {
    Pass pass = (Pass) activations;
    boolean drops = dropout != null && spec.dropout() > 0;
    boolean folds = fold && architecture.isRunning();
    PassTable.Mode mode = folds && !drops ? PassTable.Mode.FOLD : PassTable.Mode.TRAIN;
    PassTable table = new PassTable(batch.size(), mode, architecture.isBatch());
    pass.table = table;
    pass.batch = batch;
    table.parameters = upload(parameters);
    table.statistics = upload(statistics);
    table.statisticsBefore = device.allocate(4L * Math.max(1, statistics.length));
    table.x = upload(batch.x());
    table.y = upload(batch.y());
    table.activations = device.allocate(4L * architecture.rows() * table.stride);
    table.batchStatistics = device.allocate(8L * Math.max(1, architecture.channels()));
    table.gradient = device.allocate(4L * architecture.parameterCount() * table.chunks);
    table.losses = device.allocate(4L * batch.size());
    table.alignments = device.allocate(4L * batch.size());
    table.counts = folds;
    if (folds && drops) {
      PassTable folding = table.folding();
      launches.encode(List.of(folding), upload(folding));
    }
    table.masks = drops ? upload(masks(batch.size(), dropout)) : 0;
    launches.forward(List.of(table), upload(table));
    download(table.statistics, statistics);
    long concepts = table.activations + 4L * architecture.conceptRow() * table.stride;
    pass.concepts = new float[spec.conceptCount() * table.stride];
    pass.logits = new float[spec.outputs() * table.stride];
    pass.losses = new float[batch.size()];
    download(concepts, pass.concepts);
    download(concepts + 4L * pass.concepts.length, pass.logits);
    download(table.losses, pass.losses);
  }

  private float[] masks(int n, SeededRandom random) {
    float[] masks = new float[architecture.channels() * n];
    for (int i = 0; i < masks.length; i++) {
      masks[i] = random.nextFloat() < spec.dropout() ? 0 : 1 / (1 - spec.dropout());
    }
    return masks;
  }

  @Override
  public void backwardFrom(
      float[] parameters,
      Activations activations,
      float[] slopes,
      float penalty,
      float[] gradient) {
    throw new UnsupportedOperationException("The kernels take labels, not slopes");
  }

  @Override
  public void tangents(
      float[] parameters, Activations activations, float[] direction, float[] tangents) {
    throw new UnsupportedOperationException("The kernels keep tangents to themselves");
  }

  @Override
  public void backward(
      float[] parameters,
      Activations activations,
      float[] weights,
      float penalty,
      float[] gradient) {
    PassTable table = ((Pass) activations).table;
    table.weights = upload(weights);
    table.penalty = penalty;
    launches.backward(List.of(table), upload(table));
    float[] parts = new float[gradient.length * table.chunks];
    download(table.gradient, parts);
    for (int i = 0; i < parts.length; i++) {
      gradient[i % gradient.length] += parts[i];
    }
  }

  @Override
  public void alignments(
      float[] parameters, Activations activations, float[] direction, float[] s) {
    PassTable table = ((Pass) activations).table;
    table.direction = upload(direction);
    launches.tangent(List.of(table), upload(table));
    download(table.alignments, s);
  }

  /** Batch normalisation moves its statistics in the forward pass of a step, so this runs one. */
  @Override
  public void updateBatchStatistics(Activations activations, float[] statistics) {
    PassTable table = ((Pass) activations).table;
    if (architecture.isBatch()) {
      table.moves = true;
      launches.forward(List.of(table), upload(table));
      download(table.statistics, statistics);
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private long upload(PassTable table) {
    ByteBuffer bytes = buffer(PassTable.STRUCT_BYTES);
    table.write(new StructWriter(bytes));
    return upload(bytes.flip());
  }

  private long upload(float[] values) {
    ByteBuffer bytes = buffer(4 * values.length);
    Staging.put(bytes, values);
    return upload(bytes.flip());
  }

  private long upload(ByteBuffer bytes) {
    long address = device.allocate(Math.max(1, bytes.remaining()));
    device.upload(bytes, address);
    return address;
  }

  private void download(long address, float[] values) {
    ByteBuffer bytes = buffer(4 * values.length);
    device.download(address, bytes);
    Staging.get(bytes.rewind(), values, 0, values.length);
  }
}
