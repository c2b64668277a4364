// What the threads of a block do together: sums in a fixed order, products of small matrices. Every
// thread of the block calls these, the same number of times.
#pragma once

constexpr int THREADS = 128;
constexpr int LANES = 32;
constexpr int WARPS = THREADS / LANES;
constexpr float LARGEST_FLOAT = 3.402823466e+38f;

__device__ inline int warp() { return threadIdx.x / LANES; }
__device__ inline int lane() { return threadIdx.x % LANES; }

__device__ inline bool isFinite(float value) { return fabsf(value) <= LARGEST_FLOAT; }

/** The sum over the lanes of a warp, in every lane. */
template <class T>
__device__ inline T warpSum(T value) {
  for (int distance = LANES / 2; distance > 0; distance /= 2) {
    value += __shfl_xor_sync(0xffffffffu, value, distance);
  }
  return value;
}

/** The sum over the threads of the block, in every thread. */
__device__ inline double blockSum(double value) {
  __shared__ double sums[WARPS];
  value = warpSum(value);
  __syncthreads();
  if (lane() == 0) {
    sums[warp()] = value;
  }
  __syncthreads();
  double sum = 0;
  for (int w = 0; w < WARPS; w++) {
    sum += sums[w];
  }
  return sum;
}

/** Sum of value(i) over i in [0, count), in every thread. */
template <class Value>
__device__ inline double blockSumOf(int count, Value value) {
  double sum = 0;
  for (int i = threadIdx.x; i < count; i += THREADS) {
    sum += value(i);
  }
  return blockSum(sum);
}

constexpr int TILE_ROWS = 64;
constexpr int TILE_COLUMNS = 32;
constexpr int TILE_DEPTH = 16;
constexpr int PATCH = 4;

/** Operands of one tile of a product; rows are padded so that columns of them spread over the banks. */
struct Tile {
  alignas(16) float a[TILE_DEPTH][TILE_ROWS + 4];
  alignas(16) float b[TILE_DEPTH][TILE_COLUMNS + 4];
};

/** In which direction neighbouring threads should read an operand. */
enum Neighbours { ALONG_DEPTH, ACROSS_DEPTH };

/**
 * store(r, c, sum over k of a(r, k) b(k, c)) for every r < rows and c < columns. Each thread keeps a
 * patch of 4 x 4 sums in registers. The caller synchronises before what is stored is read.
 */
template <Neighbours A_NEIGHBOURS, Neighbours B_NEIGHBOURS, class A, class B, class Store>
__device__ void tiledProduct(Tile& tile, int rows, int columns, int depth, A a, B b, Store store) {
  constexpr int PATCHES = TILE_COLUMNS / PATCH;
  int rowAt = threadIdx.x / PATCHES * PATCH;
  int columnAt = threadIdx.x % PATCHES * PATCH;
  for (int row0 = 0; row0 < rows; row0 += TILE_ROWS) {
    for (int column0 = 0; column0 < columns; column0 += TILE_COLUMNS) {
      float sums[PATCH][PATCH] = {};
      for (int depth0 = 0; depth0 < depth; depth0 += TILE_DEPTH) {
        __syncthreads();
#pragma unroll 2
        for (int i = threadIdx.x; i < TILE_ROWS * TILE_DEPTH; i += THREADS) {
          int r = A_NEIGHBOURS == ALONG_DEPTH ? i / TILE_DEPTH : i % TILE_ROWS;
          int k = A_NEIGHBOURS == ALONG_DEPTH ? i % TILE_DEPTH : i / TILE_ROWS;
          bool inside = row0 + r < rows && depth0 + k < depth;
          tile.a[k][r] = inside ? a(row0 + r, depth0 + k) : 0;
        }
#pragma unroll 2
        for (int i = threadIdx.x; i < TILE_COLUMNS * TILE_DEPTH; i += THREADS) {
          int c = B_NEIGHBOURS == ALONG_DEPTH ? i / TILE_DEPTH : i % TILE_COLUMNS;
          int k = B_NEIGHBOURS == ALONG_DEPTH ? i % TILE_DEPTH : i / TILE_COLUMNS;
          bool inside = column0 + c < columns && depth0 + k < depth;
          tile.b[k][c] = inside ? b(depth0 + k, column0 + c) : 0;
        }
        __syncthreads();
#pragma unroll
        for (int k = 0; k < TILE_DEPTH; k++) {
          float4 left = *reinterpret_cast<const float4*>(&tile.a[k][rowAt]);
          float4 right = *reinterpret_cast<const float4*>(&tile.b[k][columnAt]);
          float lefts[PATCH] = {left.x, left.y, left.z, left.w};
          float rights[PATCH] = {right.x, right.y, right.z, right.w};
#pragma unroll
          for (int i = 0; i < PATCH; i++) {
#pragma unroll
            for (int j = 0; j < PATCH; j++) {
              sums[i][j] += lefts[i] * rights[j];
            }
          }
        }
      }
#pragma unroll
      for (int i = 0; i < PATCH; i++) {
#pragma unroll
        for (int j = 0; j < PATCH; j++) {
          int r = row0 + rowAt + i;
          int c = column0 + columnAt + j;
          if (r < rows && c < columns) {
            store(r, c, sums[i][j]);
          }
        }
      }
    }
  }
}

/** Below this many rows most of a tile would be padding. */
constexpr int FEW_ROWS = 16;

/** As tiledProduct, but with few rows each thread sums whole entries, neighbours along the columns. */
template <Neighbours A_NEIGHBOURS, Neighbours B_NEIGHBOURS, class A, class B, class Store>
__device__ void product(Tile& tile, int rows, int columns, int depth, A a, B b, Store store) {
  if (rows >= FEW_ROWS) {
    tiledProduct<A_NEIGHBOURS, B_NEIGHBOURS>(tile, rows, columns, depth, a, b, store);
    return;
  }
  for (int i = threadIdx.x; i < rows * columns; i += THREADS) {
    int r = i / columns;
    int c = i % columns;
    float sum = 0;
#pragma unroll 2
    for (int k = 0; k < depth; k++) {
      sum += a(r, k) * b(k, c);
    }
    store(r, c, sum);
  }
}

/** The events of one pass that a block works on. */
struct Chunk {
  const Architecture& architecture;
  const Pass& pass;
  int begin;
  int events;

  __device__ Chunk(const Architecture& architecture, const Pass& pass, int chunk)
      : architecture(architecture), pass(pass), begin(chunk * pass.chunkSize) {
    int left = pass.n - begin;
    events = chunk >= pass.chunks ? 0 : left < pass.chunkSize ? left : pass.chunkSize;
  }

  /** A row of the activation matrix, from the chunk's first event. */
  __device__ float* row(int index) const {
    return pass.activations + static_cast<size_t>(index) * pass.stride + begin;
  }

  __device__ float weight(int e) const {
    return pass.weights == nullptr ? pass.weight : pass.weights[begin + e];
  }

  /** Derivative of an event's loss by one logit, or by the regression output. */
  __device__ float lossSlope(int q, int e) const {
    float output = row(architecture.outputRow + q)[e];
    if (architecture.outputs == 1) {
      return 2 * output;
    }
    return output - (static_cast<int>(pass.y[begin + e]) == q ? 1.0f : 0.0f);
  }

  /** This chunk's part of the gradient. */
  __device__ float* gradient() const {
    return pass.gradient + static_cast<size_t>(begin / pass.chunkSize) * architecture.parameters;
  }
};
