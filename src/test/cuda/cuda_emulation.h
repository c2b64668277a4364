// The part of CUDA C++ that the kernels use, for a C++ compiler: the threads of a block are fibers that
// take turns at barriers, in an order that can be changed, so that a missing barrier or a dependency
// between blocks shows as a different result. Blocks run one after the other.
#pragma once

#include <cfloat>
#include <cmath>
#include <cstddef>

#define __global__
#define __device__
#define __shared__ static
#define __launch_bounds__(threads)

struct Extent {
  unsigned x, y, z;
};

extern Extent threadIdx, blockIdx, gridDim;

struct float4 {
  float x, y, z, w;
};

/** Lets the other threads of the block come to the same point. */
void __syncthreads();

namespace emulation {
constexpr int MOST_THREADS = 128;
extern double exchanged[MOST_THREADS];
}  // namespace emulation

/** Every thread of the block must call it, which CUDA does not ask for. */
template <class T>
T __shfl_xor_sync(unsigned, T value, int distance) {
  emulation::exchanged[threadIdx.x] = value;
  __syncthreads();
  T other = static_cast<T>(emulation::exchanged[threadIdx.x ^ distance]);
  __syncthreads();
  return other;
}

template <class T>
T min(T a, T b) {
  return a < b ? a : b;
}
