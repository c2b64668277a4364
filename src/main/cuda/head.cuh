// The Tucker-Taylor polynomial (SPEC 4.1) and the loss, a block for each chunk of events. For each order
// k: u = I_k (z - x0), kron = u^(k-1) x ... x u^(0) with factor 0 the fastest index, core = G_k kron,
// logits += O_k core. Shorter Kronecker products are kept for the derivatives.
#pragma once

#include "block.cuh"

struct Head : Chunk {
  const float* parameters;

  __device__ Head(const Architecture& architecture, const Pass& pass, int chunk)
      : Chunk(architecture, pass, chunk), parameters(pass.parameters) {}

  /** rank^factors. */
  __device__ int power(int factors) const {
    int power = 1;
    for (int i = 0; i < factors; i++) {
      power *= architecture.rank;
    }
    return power;
  }

  __device__ float shifted(int c, int e) const {
    return row(architecture.conceptRow + c)[e] - architecture.expansionPoint;
  }

  __device__ float* projection(int k, int r) const {
    return row(architecture.projectionRow[k - 1] + r);
  }

  __device__ float* kronecker(int k, int factors, int r) const {
    return row(architecture.kroneckerRow[(k - 1) * MAX_ORDER + factors - 1] + r);
  }

  __device__ float* core(int k, int r) const { return row(architecture.coreRow[k - 1] + r); }
  __device__ float* projectionScratch(int r) const {
    return row(architecture.projectionScratchRow + r);
  }
  __device__ float* coreScratch(int r) const { return row(architecture.coreScratchRow + r); }
  __device__ float* kroneckerScratch(int factors, int r) const {
    return row(architecture.kroneckerScratchRow[factors - 1] + r);
  }

  /** each(r, e) for every row and event, neighbours along the events. */
  template <class Each>
  __device__ void forRows(int rows, Each each) const {
    for (int i = threadIdx.x; i < rows * events; i += THREADS) {
      each(i / events, i % events);
    }
  }

  /** store(r, e, sum of weights(r, k) x(k, e)), with row-major weights. */
  template <class X, class Store>
  __device__ void times(
      Tile& tile, const float* weights, int rows, int columns, X x, Store store) const {
    product<ALONG_DEPTH, ACROSS_DEPTH>(
        tile, rows, events, columns, [=](int r, int k) { return weights[r * columns + k]; }, x,
        store);
  }

  /** store(c, e, sum of weights(k, c) d(k, e)), with row-major weights. */
  template <class D, class Store>
  __device__ void transposedTimes(
      Tile& tile, const float* weights, int rows, int columns, D d, Store store) const {
    product<ACROSS_DEPTH, ACROSS_DEPTH>(
        tile, columns, events, rows, [=](int c, int k) { return weights[k * columns + c]; }, d,
        store);
  }

  /** g(r, c) = sum over the chunk's events of d(r, e) x(c, e), row-major. */
  template <class D, class X>
  __device__ void outer(Tile& tile, float* g, int rows, int columns, D d, X x) const {
    tiledProduct<ALONG_DEPTH, ALONG_DEPTH>(
        tile, rows, columns, events, d, [=](int e, int c) { return x(c, e); },
        [=](int r, int c, float sum) { g[r * columns + c] = sum; });
  }

  // ---- forward

  __device__ void forward(Tile& tile) const {
    const Architecture& a = architecture;
    forRows(a.outputs, [=](int q, int e) {
      row(a.logitRow + q)[e] = parameters[a.constAt + q];
    });
    for (int k = 1; k <= a.order; k++) {
      times(tile, parameters + a.inputAt[k - 1], k * a.rank, a.concepts,
            [=](int c, int e) { return shifted(c, e); },
            [=](int r, int e, float sum) { projection(k, r)[e] = sum; });
      __syncthreads();
      forRows(a.rank, [=](int r, int e) { kronecker(k, 1, r)[e] = projection(k, r)[e]; });
      __syncthreads();
      for (int j = 1; j < k; j++) {
        int shorter = power(j);
        forRows(shorter * a.rank, [=](int r, int e) {
          kronecker(k, j + 1, r)[e] =
              projection(k, j * a.rank + r / shorter)[e] * kronecker(k, j, r % shorter)[e];
        });
        __syncthreads();
      }
      times(tile, parameters + a.coreAt[k - 1], a.rank, power(k),
            [=](int r, int e) { return kronecker(k, k, r)[e]; },
            [=](int r, int e, float sum) { core(k, r)[e] = sum; });
      __syncthreads();
      times(tile, parameters + a.outputAt[k - 1], a.outputs, a.rank,
            [=](int r, int e) { return core(k, r)[e]; },
            [=](int q, int e, float sum) { row(a.logitRow + q)[e] += sum; });
      __syncthreads();
    }
    if (pass.y != nullptr) {
      losses();
    }
  }

  /** Cross-entropy and class probabilities, or squared error and residual. */
  __device__ void losses() const {
    const Architecture& a = architecture;
    for (int e = threadIdx.x; e < events; e += THREADS) {
      float y = pass.y[begin + e];
      if (a.outputs == 1) {
        float residual = row(a.logitRow)[e] - y;
        row(a.outputRow)[e] = residual;
        pass.losses[begin + e] = residual * residual;
        continue;
      }
      float largest = row(a.logitRow)[e];
      for (int q = 1; q < a.outputs; q++) {
        largest = fmaxf(largest, row(a.logitRow + q)[e]);
      }
      float sum = 0;
      for (int q = 0; q < a.outputs; q++) {
        float p = expf(row(a.logitRow + q)[e] - largest);
        row(a.outputRow + q)[e] = p;
        sum += p;
      }
      for (int q = 0; q < a.outputs; q++) {
        row(a.outputRow + q)[e] /= sum;
      }
      pass.losses[begin + e] =
          logf(sum) + largest - row(a.logitRow + static_cast<int>(y))[e];
    }
  }

  // ---- backward

  /** This chunk's gradients of the polynomial, and the gradient by the concepts, penalty included. */
  __device__ void backward(Tile& tile) const {
    const Architecture& a = architecture;
    float* g = gradient();
    forRows(a.outputs, [=](int q, int e) {
      row(a.outputGradientRow + q)[e] = weight(e) * lossSlope(q, e);
    });
    float penalty = a.layers == 0 ? 0 : 2 * pass.penalty / (a.concepts * pass.n);
    forRows(a.concepts, [=](int c, int e) {
      row(a.conceptGradientRow + c)[e] =
          penalty == 0 ? 0 : penalty * row(a.conceptRow + c)[e];
    });
    __syncthreads();
    for (int q0 = 0; q0 < a.outputs; q0 += WARPS) {
      int q = q0 + warp();
      float sum = 0;
      for (int e = lane(); q < a.outputs && e < events; e += LANES) {
        sum += row(a.outputGradientRow + q)[e];
      }
      sum = warpSum(sum);
      if (q < a.outputs && lane() == 0) {
        g[a.constAt + q] = sum;
      }
    }
    for (int k = 1; k <= a.order; k++) {
      backward(tile, k, g);
    }
  }

  __device__ void backward(Tile& tile, int k, float* g) const {
    const Architecture& a = architecture;
    auto outputGradient = [=](int q, int e) { return row(a.outputGradientRow + q)[e]; };
    auto dCore = [=](int r, int e) { return coreScratch(r)[e]; };
    auto dProjection = [=](int r, int e) { return projectionScratch(r)[e]; };
    outer(tile, g + a.outputAt[k - 1], a.outputs, a.rank, outputGradient,
          [=](int r, int e) { return core(k, r)[e]; });
    transposedTimes(tile, parameters + a.outputAt[k - 1], a.outputs, a.rank, outputGradient,
                    [=](int r, int e, float sum) { coreScratch(r)[e] = sum; });
    __syncthreads();
    outer(tile, g + a.coreAt[k - 1], a.rank, power(k), dCore,
          [=](int r, int e) { return kronecker(k, k, r)[e]; });
    transposedTimes(tile, parameters + a.coreAt[k - 1], a.rank, power(k), dCore,
                    [=](int r, int e, float sum) { kroneckerScratch(k, r)[e] = sum; });
    __syncthreads();
    kroneckerBackward(k);
    outer(tile, g + a.inputAt[k - 1], k * a.rank, a.concepts, dProjection,
          [=](int c, int e) { return shifted(c, e); });
    transposedTimes(tile, parameters + a.inputAt[k - 1], k * a.rank, a.concepts, dProjection,
                    [=](int c, int e, float sum) {
                      row(a.conceptGradientRow + c)[e] += sum;
                    });
    __syncthreads();
  }

  /** From the gradient of the whole product to that of every factor. */
  __device__ void kroneckerBackward(int k) const {
    int rank = architecture.rank;
    for (int j = k - 1; j >= 1; j--) {
      int shorter = power(j);
      forRows(rank, [=](int r, int e) {
        float sum = 0;
        for (int s = 0; s < shorter; s++) {
          sum += kroneckerScratch(j + 1, r * shorter + s)[e] * kronecker(k, j, s)[e];
        }
        projectionScratch(j * rank + r)[e] = sum;
      });
      forRows(shorter, [=](int s, int e) {
        float sum = 0;
        for (int r = 0; r < rank; r++) {
          sum += kroneckerScratch(j + 1, r * shorter + s)[e] * projection(k, j * rank + r)[e];
        }
        kroneckerScratch(j, s)[e] = sum;
      });
      __syncthreads();
    }
    forRows(rank, [=](int r, int e) { projectionScratch(r)[e] = kroneckerScratch(1, r)[e]; });
    __syncthreads();
  }

  // ---- tangent

  /** s = change of each event's loss along the direction, from the tangent of the concepts. */
  __device__ void tangent(Tile& tile) const {
    const Architecture& a = architecture;
    const float* direction = pass.direction;
    forRows(a.outputs, [=](int q, int e) {
      row(a.outputGradientRow + q)[e] = direction[a.constAt + q];
    });
    __syncthreads();
    for (int k = 1; k <= a.order; k++) {
      tangent(tile, k, direction);
    }
    for (int e = threadIdx.x; e < events; e += THREADS) {
      float change = 0;
      for (int q = 0; q < a.outputs; q++) {
        change += lossSlope(q, e) * row(a.outputGradientRow + q)[e];
      }
      pass.alignments[begin + e] = change;
    }
  }

  __device__ void tangent(Tile& tile, int k, const float* direction) const {
    const Architecture& a = architecture;
    bool still = a.layers == 0;
    times(tile, direction + a.inputAt[k - 1], k * a.rank, a.concepts,
          [=](int c, int e) { return shifted(c, e); },
          [=](int r, int e, float sum) { projectionScratch(r)[e] = sum; });
    if (!still) {
      __syncthreads();
      times(tile, parameters + a.inputAt[k - 1], k * a.rank, a.concepts,
            [=](int c, int e) { return row(a.conceptGradientRow + c)[e]; },
            [=](int r, int e, float sum) { projectionScratch(r)[e] += sum; });
    }
    __syncthreads();
    kroneckerTangent(k);
    times(tile, parameters + a.coreAt[k - 1], a.rank, power(k),
          [=](int r, int e) { return kroneckerScratch(k, r)[e]; },
          [=](int r, int e, float sum) { coreScratch(r)[e] = sum; });
    __syncthreads();
    times(tile, direction + a.coreAt[k - 1], a.rank, power(k),
          [=](int r, int e) { return kronecker(k, k, r)[e]; },
          [=](int r, int e, float sum) { coreScratch(r)[e] += sum; });
    __syncthreads();
    times(tile, parameters + a.outputAt[k - 1], a.outputs, a.rank,
          [=](int r, int e) { return coreScratch(r)[e]; },
          [=](int q, int e, float sum) { row(a.outputGradientRow + q)[e] += sum; });
    __syncthreads();
    times(tile, direction + a.outputAt[k - 1], a.outputs, a.rank,
          [=](int r, int e) { return core(k, r)[e]; },
          [=](int q, int e, float sum) { row(a.outputGradientRow + q)[e] += sum; });
    __syncthreads();
  }

  __device__ void kroneckerTangent(int k) const {
    int rank = architecture.rank;
    forRows(rank, [=](int r, int e) { kroneckerScratch(1, r)[e] = projectionScratch(r)[e]; });
    __syncthreads();
    for (int j = 1; j < k; j++) {
      int shorter = power(j);
      forRows(shorter * rank, [=](int r, int e) {
        int factor = j * rank + r / shorter;
        int rest = r % shorter;
        kroneckerScratch(j + 1, r)[e] =
            projectionScratch(factor)[e] * kronecker(k, j, rest)[e]
            + projection(k, factor)[e] * kroneckerScratch(j, rest)[e];
      });
      __syncthreads();
    }
  }
};
