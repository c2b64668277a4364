// Every kernel of the backend: one signature, blocks of THREADS threads. The z of the grid counts passes
// or steps; a block with nothing to do returns at once. No atomics: each sum has one order, whatever
// else is in the launch.
#include "layout.cuh"

#include "encoder.cuh"
#include "head.cuh"
#include "steering.cuh"
#include "update.cuh"

#define KERNEL(name)                                                                               \
  extern "C" __global__ void __launch_bounds__(THREADS) name(                                      \
      const Architecture* architecture, const void* items, int first, int last)

#define PASS (static_cast<const Pass*>(items)[blockIdx.z])
#define STEP (static_cast<const Step*>(items)[blockIdx.z])

/** Grid: chunks, concepts, passes. Layers first to last of the encoders. */
KERNEL(encodeForward) {
  __shared__ Tile tile;
  Encoder encoder(*architecture, PASS, blockIdx.x, blockIdx.y);
  if (encoder.events > 0) {
    encoder.forward(tile, first, last);
  }
}

/** Grid: the widest layer over WARPS, concepts, passes. Folds the batch into the statistics of layer first. */
KERNEL(foldStatistics) {
  Encoder encoder(*architecture, PASS, 0, blockIdx.y);
  int r = blockIdx.x * WARPS + warp();
  encoder.takeStatistics(first, r, r < encoder.width(first));
}

/** Grid: chunks, 1, passes. Polynomial and losses. */
KERNEL(headForward) {
  __shared__ Tile tile;
  Head head(*architecture, PASS, blockIdx.x);
  if (head.events == 0) {
    return;
  }
  head.forward(tile);
  if (head.pass.counts && blockIdx.x == 0 && threadIdx.x == 0) {
    float& count = head.pass.statistics[architecture->countAt];
    head.pass.statisticsBefore[architecture->countAt] = count;
    count += 1;
  }
}

/** Grid: chunks, 1, passes. */
KERNEL(headBackward) {
  __shared__ Tile tile;
  Head head(*architecture, PASS, blockIdx.x);
  if (head.events > 0) {
    head.backward(tile);
  }
}

/** Grid: chunks, concepts, passes. */
KERNEL(encodeBackward) {
  __shared__ Tile tile;
  Encoder encoder(*architecture, PASS, blockIdx.x, blockIdx.y);
  if (encoder.events > 0) {
    encoder.backward(tile);
  }
}

/** Grid: chunks, concepts, passes. */
KERNEL(encodeTangent) {
  __shared__ Tile tile;
  Encoder encoder(*architecture, PASS, blockIdx.x, blockIdx.y);
  if (encoder.events > 0) {
    encoder.tangent(tile);
  }
}

/** Grid: chunks, 1, passes. Gives the alignments. */
KERNEL(headTangent) {
  __shared__ Tile tile;
  Head head(*architecture, PASS, blockIdx.x);
  if (head.events > 0) {
    head.tangent(tile);
  }
}

/** Grid: events over THREADS, 1, steps. Raw weights. */
KERNEL(weighEvents) {
  const Step& step = STEP;
  if (static_cast<int>(blockIdx.x) * THREADS < step.n) {
    WeightNet{*architecture, step}.weighChunk(blockIdx.x);
  }
}

/** Grid: 1, 1, steps. */
KERNEL(normaliseWeights) { WeightNet{*architecture, STEP}.normalise(); }

/** Grid: 1, 1, steps. From alignments to the gradient by raw weights. */
KERNEL(pullBack) { WeightNet{*architecture, STEP}.pullBack(); }

/** Grid: hidden units and one, 1, steps. */
KERNEL(hypergradient) {
  const Step& step = STEP;
  if (static_cast<int>(blockIdx.x) <= step.hidden) {
    WeightNet{*architecture, step}.unitGradient(blockIdx.x);
  }
}

/** Grid: 1, 1, steps. */
KERNEL(moveWeightNet) { WeightNet{*architecture, STEP}.move(); }

/** Grid: parameters over THREADS, 1, steps. */
KERNEL(lookAhead) {
  int i = blockIdx.x * THREADS + threadIdx.x;
  if (i < architecture->parameters) {
    Update{*architecture, STEP}.lookAhead(i);
  }
}

/** Grid: parameters over THREADS, 1, steps. */
KERNEL(turn) {
  int i = blockIdx.x * THREADS + threadIdx.x;
  if (i < architecture->parameters) {
    Update{*architecture, STEP}.turn(i);
  }
}

/** Grid: parameters over SLICE, 1, steps. */
KERNEL(addUp) { Update{*architecture, STEP}.addUp(blockIdx.x); }

/** Grid: parameters over SLICE, 1, steps. */
KERNEL(adam) { Update{*architecture, STEP}.adam(blockIdx.x); }

/** Grid: 1, 1, steps. */
KERNEL(finish) { Update{*architecture, STEP}.finish(); }
