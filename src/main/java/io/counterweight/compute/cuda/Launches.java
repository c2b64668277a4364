package io.counterweight.compute.cuda;

import java.util.List;

/**
 * The kernels of passes and steps, with their grids. Passes and steps of one launch lie one after
 * the other in device memory, from the address given.
 */
final class Launches {
  private final Device device;
  private final ArchitectureTable architecture;
  private final long table;

  /**
   * For one architecture.
   *
   * @param table address of its table
   */
  Launches(Device device, ArchitectureTable architecture, long table) {
    this.device = device;
    this.architecture = architecture;
    this.table = table;
  }

  private void launch(Kernel kernel, int x, int y, long items, int count) {
    device.launch(kernel, x, y, count, table, items, 0, 0);
  }

  private static int mostChunks(List<PassTable> passes) {
    return passes.stream().mapToInt(pass -> pass.chunks).max().orElseThrow();
  }

  /** Encoders, polynomial and, with labels, losses. */
  void forward(List<PassTable> passes, long items) {
    encode(passes, items);
    launch(Kernel.HEAD_FORWARD, mostChunks(passes), 1, items, passes.size());
  }

  /**
   * Encoders. Where a batch that is folded does not fit one block, its statistics are taken between
   * two launches for each layer; the sums are the same.
   */
  void encode(List<PassTable> passes, long items) {
    boolean folds = passes.get(0).mode == PassTable.Mode.FOLD;
    boolean layerwise = folds && mostChunks(passes) > 1;
    for (int l = 0; layerwise && l < architecture.layers(); l++) {
      encodeLayers(passes, items, l, l);
      int width = architecture.spec().hidden().get(l);
      device.launch(
          Kernel.FOLD_STATISTICS,
          (width + Kernel.WARPS - 1) / Kernel.WARPS,
          architecture.spec().conceptCount(),
          passes.size(),
          table,
          items,
          l,
          l);
    }
    encodeLayers(passes, items, layerwise ? architecture.layers() : 0, architecture.layers());
  }

  private void encodeLayers(List<PassTable> passes, long items, int first, int last) {
    device.launch(
        Kernel.ENCODE_FORWARD,
        mostChunks(passes),
        architecture.spec().conceptCount(),
        passes.size(),
        table,
        items,
        first,
        last);
  }

  /** Gradients, a part for each chunk. */
  void backward(List<PassTable> passes, long items) {
    launch(Kernel.HEAD_BACKWARD, mostChunks(passes), 1, items, passes.size());
    if (architecture.layers() > 0) {
      int concepts = architecture.spec().conceptCount();
      launch(Kernel.ENCODE_BACKWARD, mostChunks(passes), concepts, items, passes.size());
    }
  }

  /** Alignments with the direction of each pass. */
  void tangent(List<PassTable> passes, long items) {
    if (architecture.layers() > 0) {
      int concepts = architecture.spec().conceptCount();
      launch(Kernel.ENCODE_TANGENT, mostChunks(passes), concepts, items, passes.size());
    }
    launch(Kernel.HEAD_TANGENT, mostChunks(passes), 1, items, passes.size());
  }

  /** Weights from the weight net as it stands. */
  void weigh(List<StepTable> steps, long items) {
    int events = steps.stream().mapToInt(step -> step.train.events).max().orElseThrow();
    launch(Kernel.WEIGH_EVENTS, blocks(events, Kernel.THREADS), 1, items, steps.size());
    launch(Kernel.NORMALISE_WEIGHTS, 1, 1, items, steps.size());
  }

  void lookAhead(List<StepTable> steps, long items) {
    launch(Kernel.LOOK_AHEAD, parameterBlocks(Kernel.THREADS), 1, items, steps.size());
  }

  /** The direction of the tangent, from the gradient of the trusted loss. */
  void turn(List<StepTable> steps, long items) {
    launch(Kernel.TURN, parameterBlocks(Kernel.THREADS), 1, items, steps.size());
  }

  /** The upper level's step. */
  void moveWeightNets(List<StepTable> steps, long items) {
    int units = steps.stream().mapToInt(StepTable::hiddenUnits).max().orElseThrow();
    launch(Kernel.PULL_BACK, 1, 1, items, steps.size());
    launch(Kernel.HYPERGRADIENT, units + 1, 1, items, steps.size());
    launch(Kernel.MOVE_WEIGHT_NET, 1, 1, items, steps.size());
  }

  /** The lower level's step and the report. */
  void update(List<StepTable> steps, long items) {
    launch(Kernel.ADD_UP, parameterBlocks(Kernel.SLICE), 1, items, steps.size());
    launch(Kernel.ADAM, parameterBlocks(Kernel.SLICE), 1, items, steps.size());
    launch(Kernel.FINISH, 1, 1, items, steps.size());
  }

  private int parameterBlocks(int each) {
    return blocks(architecture.parameterCount(), each);
  }

  private static int blocks(int count, int each) {
    return (count + each - 1) / each;
  }
}
