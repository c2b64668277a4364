// The concepts' encoders (SPEC 4.1). A block runs one concept through all its layers for one chunk of
// events; what it needs between layers it wrote itself. Layer: linear or EXU, normalisation, LeakyReLU,
// dropout; at the end one linear unit.
#pragma once

#include "block.cuh"

/** One concept of one chunk. */
struct Encoder : Chunk {
  int concept_;
  const float* parameters;
  int firstWeightAt, firstBiasAt, group;
  const int* features;

  __device__ Encoder(const Architecture& architecture, const Pass& pass, int chunk, int concept_)
      : Chunk(architecture, pass, chunk), concept_(concept_), parameters(pass.parameters) {
    const int* table = reinterpret_cast<const int*>(&architecture + 1);
    const int* entry = table + 4 * concept_;
    firstWeightAt = entry[0];
    firstBiasAt = entry[1];
    group = entry[3];
    features = table + 4 * architecture.concepts + entry[2];
  }

  __device__ int layers() const { return architecture.layers; }
  __device__ int width(int l) const { return l < layers() ? architecture.width[l] : 1; }
  __device__ int channel(int l) const { return concept_ * width(l); }
  __device__ int columns(int l) const { return l == 0 ? group : architecture.width[l - 1]; }
  __device__ bool isExu(int l) const { return l == 0 && architecture.exu; }
  __device__ bool isNormalised() const { return architecture.normalisation != NONE; }
  __device__ bool isBatch() const { return architecture.normalisation == BATCH; }

  /** Offset of the weights that lead into layer l. */
  __device__ int weights(int l) const {
    return l == 0 ? firstWeightAt : architecture.weightAt[l] + channel(l) * columns(l);
  }

  __device__ int bias(int l) const {
    return l == 0 ? firstBiasAt : architecture.biasAt[l] + channel(l);
  }

  __device__ float* normalised(int l, int r) const {
    return row(architecture.normalisedRow[l] + channel(l) + r);
  }

  __device__ float* active(int l, int r) const {
    return row(architecture.activeRow[l] + channel(l) + r);
  }

  __device__ float* gate(int r) const { return row(architecture.gateRow + channel(0) + r); }

  /** What flows through layer l in a backward or tangent pass; layers take turns with two buffers. */
  __device__ float* flow(int l, int r) const {
    if (l == layers()) {
      return row(architecture.conceptGradientRow + concept_);
    }
    return row((l % 2 == 0 ? architecture.evenRow : architecture.oddRow)
               + concept_ * architecture.widest + r);
  }

  /** Input i of layer l for event e. */
  __device__ float below(int l, int i, int e) const {
    return l == 0 ? pass.x[static_cast<size_t>(features[i]) * pass.n + begin + e]
                  : active(l - 1, i)[e];
  }

  __device__ float mask(int l, int r, int e) const {
    if (pass.masks == nullptr) {
      return 1;
    }
    size_t at = static_cast<size_t>(architecture.channelAt[l] + channel(l) + r) * pass.n;
    return pass.masks[at + begin + e];
  }

  __device__ bool usesBatchStatistics() const { return isBatch() && pass.mode != PREDICT; }

  __device__ const float* means(int l) const {
    return usesBatchStatistics() ? pass.batchStatistics + architecture.channelAt[l]
                                 : pass.statistics + architecture.meanAt[l];
  }

  __device__ const float* variances(int l) const {
    return usesBatchStatistics()
               ? pass.batchStatistics + architecture.channels + architecture.channelAt[l]
               : pass.statistics + architecture.varianceAt[l];
  }

  __device__ float inverseDeviation(int l, int r) const {
    return 1 / sqrtf(variances(l)[channel(l) + r] + architecture.epsilon);
  }

  __device__ float scale(int l, int r) const {
    return isNormalised() ? parameters[architecture.gammaAt[l] + channel(l) + r] : 1;
  }

  __device__ float leakySlope(int l, int r, int e) const {
    return active(l, r)[e] > 0 ? 1 : architecture.slope;
  }

  // ---- forward

  /** Pre-activations of layer l, or the concept itself. */
  __device__ void linear(Tile& tile, int l) const {
    const float* w = parameters + weights(l);
    int depth = columns(l);
    if (isExu(l)) {
      int rows = width(0);
      product<ACROSS_DEPTH, ACROSS_DEPTH>(
          tile, rows, events, depth,
          [=](int r, int k) { return expf(w[k * rows + r]); },
          [=](int k, int e) { return below(0, k, e) - parameters[firstBiasAt + k]; },
          [=](int r, int e, float sum) {
            gate(r)[e] = sum >= 0 && sum <= 1 ? 1.0f : 0.0f;
            normalised(0, r)[e] = sum < 0 ? 0 : sum > 1 ? 1 : sum;
          });
      return;
    }
    const float* b = parameters + bias(l);
    product<ALONG_DEPTH, ACROSS_DEPTH>(
        tile, width(l), events, depth,
        [=](int r, int k) { return w[r * depth + k]; },
        [=](int k, int e) { return below(l, k, e); },
        [=](int r, int e, float sum) {
          float* out = l < layers() ? normalised(l, r) : row(architecture.conceptRow + concept_);
          out[e] = sum + b[r];
        });
  }

  /**
   * Statistics of one channel of layer l over the whole batch, by one warp. Running ones are folded,
   * the first batch setting them and later ones moving them around the old mean; batch normalisation
   * takes the batch's own and, in the train pass, moves the running ones (variance unbiased).
   */
  __device__ void takeStatistics(int l, int r, bool exists) const {
    const Architecture& a = architecture;
    int at = channel(l) + (exists ? r : 0);
    const float* x = pass.activations + static_cast<size_t>(a.normalisedRow[l] + at) * pass.stride;
    float sum = 0;
    for (int e = lane(); exists && e < pass.n; e += LANES) {
      sum += x[e];
    }
    float batchMean = warpSum(sum) / pass.n;
    float* mean = pass.statistics + a.meanAt[l] + at;
    float* variance = pass.statistics + a.varianceAt[l] + at;
    bool first = !isBatch() && pass.statistics[a.countAt] == 0;
    float oldMean = *mean;
    float oldVariance = *variance;
    float centre = isBatch() || first ? batchMean : oldMean;
    float squares = 0;
    for (int e = lane(); exists && e < pass.n; e += LANES) {
      squares += (x[e] - centre) * (x[e] - centre);
    }
    float spread = warpSum(squares) / pass.n;
    if (!exists || lane() != 0) {
      return;
    }
    if (isBatch()) {
      pass.batchStatistics[a.channelAt[l] + at] = batchMean;
      pass.batchStatistics[a.channels + a.channelAt[l] + at] = spread;
      if (!pass.moves) {
        return;
      }
      spread *= pass.n > 1 ? static_cast<float>(pass.n) / (pass.n - 1) : 1.0f;
    }
    pass.statisticsBefore[a.meanAt[l] + at] = oldMean;
    pass.statisticsBefore[a.varianceAt[l] + at] = oldVariance;
    *mean = first ? batchMean : (1 - a.momentum) * oldMean + a.momentum * batchMean;
    *variance = first ? spread : (1 - a.momentum) * oldVariance + a.momentum * spread;
  }

  /** Normalisation, LeakyReLU and dropout of layer l; pre-activations become normalised in place. */
  __device__ void activate(int l) const {
    for (int r = warp(); r < width(l); r += WARPS) {
      float* x = normalised(l, r);
      float* out = active(l, r);
      float mean = 0;
      float inverse = 1;
      float shift = 0;
      if (isNormalised()) {
        mean = means(l)[channel(l) + r];
        inverse = inverseDeviation(l, r);
        shift = parameters[architecture.betaAt[l] + channel(l) + r];
      }
      float gamma = scale(l, r);
      for (int e = lane(); e < events; e += LANES) {
        float value = (x[e] - mean) * inverse;
        x[e] = value;
        value = value * gamma + shift;
        out[e] = (value > 0 ? value : architecture.slope * value) * mask(l, r, e);
      }
    }
  }

  /**
   * Layers first to last, of which layers() is the concept. A layer that is not the last is activated
   * too; where statistics are the batch's, by the block itself, which then holds the whole batch.
   */
  __device__ void forward(Tile& tile, int first, int last) const {
    if (layers() == 0) {
      float* z = row(architecture.conceptRow + concept_);
      for (int e = threadIdx.x; e < events; e += THREADS) {
        z[e] = pass.x[static_cast<size_t>(concept_) * pass.n + begin + e];
      }
      return;
    }
    if (first > 0) {
      activate(first - 1);
      __syncthreads();
    }
    bool own = isNormalised() && (usesBatchStatistics() || pass.mode == FOLD);
    for (int l = first; l <= last; l++) {
      linear(tile, l);
      __syncthreads();
      if (l == last) {
        return;
      }
      for (int r = 0; own && r < width(l); r += WARPS) {
        takeStatistics(l, r + warp(), r + warp() < width(l));
      }
      __syncthreads();
      activate(l);
      __syncthreads();
    }
  }

  // ---- backward

  /** Gradient by the weights into layer l, linear. */
  __device__ void weightGradient(Tile& tile, int l) const {
    float* g = gradient() + weights(l);
    int inputs = columns(l);
    tiledProduct<ALONG_DEPTH, ALONG_DEPTH>(
        tile, width(l), inputs, events,
        [=](int r, int e) { return flow(l, r)[e]; },
        [=](int e, int i) { return below(l, i, e); },
        [=](int r, int i, float sum) { g[r * inputs + i] = sum; });
  }

  /** From the gradient at the outputs of linear layer l to that before the activation below. */
  __device__ void throughWeights(Tile& tile, int l) const {
    const float* w = parameters + weights(l);
    int inputs = columns(l);
    product<ACROSS_DEPTH, ACROSS_DEPTH>(
        tile, inputs, events, width(l),
        [=](int i, int k) { return w[k * inputs + i]; },
        [=](int k, int e) { return flow(l, k)[e]; },
        [=](int i, int e, float sum) {
          flow(l - 1, i)[e] = sum * leakySlope(l - 1, i, e) * mask(l - 1, i, e);
        });
  }

  /**
   * Gradients of scale, shift and bias of layer l, and its flow through normalisation, in place. The
   * bias before batch normalisation cancels: its gradient is exactly 0.
   */
  __device__ void throughNormalisation(int l) const {
    float* g = gradient();
    for (int r0 = 0; r0 < width(l); r0 += WARPS) {
      int r = r0 + warp();
      bool exists = r < width(l);
      float* d = flow(l, exists ? r : 0);
      const float* x = normalised(l, exists ? r : 0);
      float byScale = 0;
      float byShift = 0;
      for (int e = lane(); exists && e < events; e += LANES) {
        byScale += d[e] * x[e];
        byShift += d[e];
      }
      byScale = warpSum(byScale);
      byShift = warpSum(byShift);
      if (!exists) {
        continue;
      }
      float factor = isNormalised() ? scale(l, r) * inverseDeviation(l, r) : 1;
      if (lane() == 0) {
        if (isNormalised()) {
          g[architecture.gammaAt[l] + channel(l) + r] = byScale;
          g[architecture.betaAt[l] + channel(l) + r] = byShift;
        }
        if (!isExu(l)) {
          g[bias(l) + r] = isBatch() ? 0 : factor * byShift;
        }
      }
      float along = isBatch() ? byScale / events : 0;
      float constant = isBatch() ? byShift / events : 0;
      for (int e = lane(); e < events; e += LANES) {
        d[e] = (d[e] - (constant + x[e] * along)) * factor;
      }
    }
  }

  __device__ void exuGradient(Tile& tile) const {
    float* g = gradient();
    const float* w = parameters + firstWeightAt;
    int rows = width(0);
    for (int r = warp(); r < rows; r += WARPS) {
      for (int e = lane(); e < events; e += LANES) {
        flow(0, r)[e] *= gate(r)[e];
      }
    }
    __syncthreads();
    tiledProduct<ALONG_DEPTH, ALONG_DEPTH>(
        tile, rows, group, events,
        [=](int r, int e) { return flow(0, r)[e]; },
        [=](int e, int i) { return below(0, i, e) - parameters[firstBiasAt + i]; },
        [=](int r, int i, float sum) {
          g[firstWeightAt + i * rows + r] = expf(w[i * rows + r]) * sum;
        });
    for (int i = 0; i < group; i++) {
      double sum = 0;
      for (int r = warp(); r < rows; r += WARPS) {
        float slope = expf(w[i * rows + r]);
        for (int e = lane(); e < events; e += LANES) {
          sum += slope * flow(0, r)[e];
        }
      }
      sum = blockSum(sum);
      if (threadIdx.x == 0) {
        g[firstBiasAt + i] = -static_cast<float>(sum);
      }
    }
  }

  /** From the gradient of the concept to this chunk's part of every gradient of the encoder. */
  __device__ void backward(Tile& tile) const {
    float sum = 0;
    for (int e = lane(); e < events; e += LANES) {
      sum += flow(layers(), 0)[e];
    }
    sum = warpSum(sum);
    if (threadIdx.x == 0) {
      gradient()[bias(layers())] = sum;
    }
    for (int l = layers(); l > 0; l--) {
      weightGradient(tile, l);
      throughWeights(tile, l);
      __syncthreads();
      throughNormalisation(l - 1);
      __syncthreads();
    }
    if (isExu(0)) {
      exuGradient(tile);
    } else {
      weightGradient(tile, 0);
    }
  }

  // ---- tangent

  /** Tangent of linear layer l, from that of the layer below and that of the parameters. */
  __device__ void linearTangent(Tile& tile, int l) const {
    const float* w = parameters + weights(l);
    const float* dw = pass.direction + weights(l);
    const float* db = pass.direction + bias(l);
    int inputs = columns(l);
    if (isExu(l)) {
      int rows = width(0);
      const float* b = parameters + firstBiasAt;
      product<ACROSS_DEPTH, ACROSS_DEPTH>(
          tile, rows, events, 2 * inputs,
          [=](int r, int k) {
            int i = k % inputs;
            float slope = expf(w[i * rows + r]);
            return k < inputs ? slope * dw[i * rows + r] : -slope * db[i];
          },
          [=](int k, int e) { return k < inputs ? below(0, k, e) - b[k] : 1.0f; },
          [=](int r, int e, float sum) { flow(0, r)[e] = sum * gate(r)[e]; });
      return;
    }
    bool shifts = l == layers() || !isBatch();
    product<ALONG_DEPTH, ACROSS_DEPTH>(
        tile, width(l), events, l == 0 ? inputs : 2 * inputs,
        [=](int r, int k) {
          return k < inputs ? dw[r * inputs + k] : w[r * inputs + k - inputs];
        },
        [=](int k, int e) { return k < inputs ? below(l, k, e) : flow(l - 1, k - inputs)[e]; },
        [=](int r, int e, float sum) { flow(l, r)[e] = sum + (shifts ? db[r] : 0); });
  }

  /** Tangent of normalisation, LeakyReLU and dropout of layer l, in place. */
  __device__ void activateTangent(int l) const {
    for (int r0 = 0; r0 < width(l); r0 += WARPS) {
      int r = r0 + warp();
      bool exists = r < width(l);
      float* t = flow(l, exists ? r : 0);
      const float* x = normalised(l, exists ? r : 0);
      float own = 1;
      float along = 0;
      float constant = 0;
      if (isNormalised() && exists) {
        own = scale(l, r) * inverseDeviation(l, r);
        along = pass.direction[architecture.gammaAt[l] + channel(l) + r];
        constant = pass.direction[architecture.betaAt[l] + channel(l) + r];
      }
      if (isBatch()) {
        float dots = 0;
        float sum = 0;
        for (int e = lane(); exists && e < events; e += LANES) {
          dots += t[e] * x[e];
          sum += t[e];
        }
        along -= own * warpSum(dots) / events;
        constant -= own * warpSum(sum) / events;
      }
      for (int e = lane(); exists && e < events; e += LANES) {
        float value = t[e] * own + x[e] * along + constant;
        t[e] = value * leakySlope(l, r, e) * mask(l, r, e);
      }
    }
  }

  /** The tangent of the concept, in the row of its gradient. */
  __device__ void tangent(Tile& tile) const {
    for (int l = 0; l <= layers(); l++) {
      linearTangent(tile, l);
      __syncthreads();
      if (l < layers()) {
        activateTangent(l);
        __syncthreads();
      }
    }
  }
};
