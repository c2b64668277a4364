package io.counterweight.compute.cuda;

/** The kernels of {@code batm.cu}, by their names there. */
enum Kernel {
  ENCODE_FORWARD("encodeForward"),
  FOLD_STATISTICS("foldStatistics"),
  HEAD_FORWARD("headForward"),
  HEAD_BACKWARD("headBackward"),
  ENCODE_BACKWARD("encodeBackward"),
  ENCODE_TANGENT("encodeTangent"),
  HEAD_TANGENT("headTangent"),
  WEIGH_EVENTS("weighEvents"),
  NORMALISE_WEIGHTS("normaliseWeights"),
  PULL_BACK("pullBack"),
  HYPERGRADIENT("hypergradient"),
  MOVE_WEIGHT_NET("moveWeightNet"),
  LOOK_AHEAD("lookAhead"),
  TURN("turn"),
  ADD_UP("addUp"),
  ADAM("adam"),
  FINISH("finish");

  /** Threads of a block, in warps of 32; {@code block.cuh}. */
  static final int THREADS = 128;

  static final int WARPS = THREADS / 32;

  /** Parameters that a block of {@link #ADD_UP} and {@link #ADAM} treats; {@code update.cuh}. */
  static final int SLICE = 8 * THREADS;

  private final String function;

  Kernel(String function) {
    this.function = function;
  }

  /** Name in the module. */
  String function() {
    return function;
  }
}
