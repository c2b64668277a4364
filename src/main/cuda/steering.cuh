// MetaWeightNet and the normalisation of weights (SPEC 4.2), and the upper level's step.
#pragma once

#include "block.cuh"

enum WeightNormalisation { SUM = 0, MEAN = 1, CLASS = 2 };

constexpr double SUM_FLOOR = 1e-12;
constexpr double DEVIATION_FLOOR = 1e-8;

/** V(u) = sigmoid(W2 relu(W1 u + b1) + b2); theta is W1 [hidden x inputs], b1, W2, b2. */
struct WeightNet {
  const Architecture& architecture;
  const Step& step;

  __device__ float* input(int i) const { return step.netInputs + static_cast<size_t>(i) * step.n; }

  __device__ float unit(int h, int e) const {
    const float* w = step.theta + h * step.inputs;
    float sum = step.theta[step.hidden * step.inputs + h];
    for (int i = 0; i < step.inputs; i++) {
      sum += w[i] * input(i)[e];
    }
    return sum < 0 ? 0 : sum;
  }

  __device__ const float* output() const {
    return step.theta + step.hidden * step.inputs + step.hidden;
  }

  /** The inputs of one event, and its raw weight. The loss is standardised over the batch. */
  __device__ void weigh(int e, float loss) const {
    int row = 0;
    input(row++)[e] = loss;
    for (int q = 0; step.seesLabel && q < architecture.outputs; q++) {
      input(row++)[e] = step.y[e] == q ? 1.0f : 0.0f;
    }
    for (int c = 0; step.seesConcepts && c < architecture.concepts; c++) {
      input(row++)[e] = tanhf(step.concepts[static_cast<size_t>(c) * step.stride + e]);
    }
    float sum = output()[step.hidden];
    for (int h = 0; h < step.hidden; h++) {
      sum += output()[h] * unit(h, e);
    }
    step.raw[e] = 1 / (1 + expf(-sum));
  }

  /** Raw weights of the events of a chunk. */
  __device__ void weighChunk(int chunk) const {
    double mean = 0;
    double deviation = 1;
    if (step.standardisedLoss) {
      const float* losses = step.losses;
      mean = blockSumOf(step.n, [=](int e) { return static_cast<double>(losses[e]); }) / step.n;
      double squares = blockSumOf(step.n, [=](int e) {
        double distance = losses[e] - mean;
        return distance * distance;
      });
      deviation = (step.n > 1 ? sqrt(squares / (step.n - 1)) : 0) + DEVIATION_FLOOR;
    }
    int end = min(step.n, (chunk + 1) * THREADS);
    for (int e = chunk * THREADS + threadIdx.x; e < end; e += THREADS) {
      float loss = step.losses[e];
      weigh(e, step.standardisedLoss ? static_cast<float>((loss - mean) / deviation) : loss);
    }
  }

  __device__ int groups() const {
    return step.weightNormalisation == CLASS ? architecture.outputs : 1;
  }

  __device__ bool isIn(int group, int e) const {
    return step.weightNormalisation != CLASS || static_cast<int>(step.y[e]) == group;
  }

  /** each(e, w / v of its group, inner) for the events of every group; see WeightNormalisation. */
  template <class Each>
  __device__ void forGroups(bool pullsBack, Each each) const {
    for (int g = 0; g < groups(); g++) {
      double sum = blockSumOf(step.n, [=](int e) {
        return isIn(g, e) ? static_cast<double>(step.raw[e]) : 0.0;
      });
      double members = blockSumOf(step.n, [=](int e) { return isIn(g, e) ? 1.0 : 0.0; });
      double inner = 0;
      if (pullsBack && step.weightNormalisation != MEAN) {
        inner = blockSumOf(step.n, [=](int e) {
          return isIn(g, e) ? static_cast<double>(step.rawGradient[e]) * step.raw[e] : 0.0;
        });
      }
      double floored = sum < SUM_FLOOR ? SUM_FLOOR : sum;
      double scale =
          step.weightNormalisation == MEAN ? 1.0 / step.n : members / step.n / floored;
      for (int e = threadIdx.x; e < step.n; e += THREADS) {
        if (isIn(g, e)) {
          each(e, scale, inner / floored);
        }
      }
    }
  }

  /** Coefficients of the weighted loss from raw weights. */
  __device__ void normalise() const {
    forGroups(false, [=](int e, double scale, double) {
      step.weights[e] = static_cast<float>(step.raw[e] * scale);
    });
  }

  /**
   * Gradient of the trusted loss by the raw weights, from alignments bounded by a multiple of their
   * root mean square. Comparisons keep NaN.
   */
  __device__ void pullBack() const {
    const float* s = step.alignments;
    double squares = blockSumOf(step.n, [=](int e) { return static_cast<double>(s[e]) * s[e]; });
    float bound = static_cast<float>(step.winsor * sqrt(squares / step.n));
    for (int e = threadIdx.x; e < step.n; e += THREADS) {
      float bounded = s[e] > bound ? bound : s[e] < -bound ? -bound : s[e];
      step.rawGradient[e] = -step.learningRate * (bound != bound ? bound : bounded);
    }
    __syncthreads();
    forGroups(true, [=](int e, double scale, double inner) {
      step.rawGradient[e] = static_cast<float>(scale * (step.rawGradient[e] - inner));
    });
  }

  /** Gradient of the trusted loss by the parameters of one hidden unit; past the last, by b2. */
  __device__ void unitGradient(int h) const {
    float* gradient = step.hypergradient;
    auto atOutput = [=](int e) {
      float v = step.raw[e];
      return step.rawGradient[e] * v * (1 - v);
    };
    int bias = step.hidden * step.inputs;
    if (h == step.hidden) {
      double sum = blockSumOf(step.n, [=](int e) { return static_cast<double>(atOutput(e)); });
      if (threadIdx.x == 0) {
        gradient[bias + 2 * h] = static_cast<float>(sum);
      }
      return;
    }
    float* atUnit = step.netGradients + static_cast<size_t>(h) * step.n;
    double outer = 0;
    double shift = 0;
    for (int e = threadIdx.x; e < step.n; e += THREADS) {
      float a = unit(h, e);
      float d = atOutput(e);
      atUnit[e] = a > 0 ? d * output()[h] : 0;
      outer += d * a;
      shift += atUnit[e];
    }
    outer = blockSum(outer);
    shift = blockSum(shift);
    if (threadIdx.x == 0) {
      gradient[bias + step.hidden + h] = static_cast<float>(outer);
      gradient[bias + h] = static_cast<float>(shift);
    }
    for (int i = 0; i < step.inputs; i++) {
      const float* u = input(i);
      double sum = blockSumOf(step.n, [=](int e) { return static_cast<double>(atUnit[e]) * u[e]; });
      if (threadIdx.x == 0) {
        gradient[h * step.inputs + i] = static_cast<float>(sum);
      }
    }
  }

  /** Clips the hypergradient and, if it is finite, moves theta by Adam; remembers what it was. */
  __device__ void move() const {
    float* h = step.hypergradient;
    int size = step.thetaSize;
    auto square = [=](int i) { return static_cast<double>(h[i]) * h[i]; };
    double norm = sqrt(blockSumOf(size, square));
    if (norm > step.clip) {
      float scale = static_cast<float>(step.clip / norm);
      for (int i = threadIdx.x; i < size; i += THREADS) {
        h[i] *= scale;
      }
    }
    __syncthreads();
    bool moves = blockSumOf(size, square) < LARGEST_FLOAT;
    for (int i = threadIdx.x; moves && i < size; i += THREADS) {
      float p = step.theta[i];
      float m = step.thetaFirstMoment[i];
      float v = step.thetaSecondMoment[i];
      step.thetaBefore[i] = p;
      step.thetaBefore[size + i] = m;
      step.thetaBefore[2 * size + i] = v;
      m = step.netBeta1 * m + (1 - step.netBeta1) * h[i];
      v = step.netBeta2 * v + (1 - step.netBeta2) * h[i] * h[i];
      step.thetaFirstMoment[i] = m;
      step.thetaSecondMoment[i] = v;
      step.theta[i] =
          p * step.netKeep - step.netRate * m / (sqrtf(v) * step.netRootScale + step.netEpsilon);
    }
    if (threadIdx.x == 0) {
      step.report[3] = moves ? 1.0f : 0.0f;
    }
  }
};
