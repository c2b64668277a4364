// What happens to the parameters: look-ahead, direction of the tangent, Adam, group lasso.
#pragma once

#include "block.cuh"

/** Parameters that one block of the total gradient and of Adam's step treats. */
constexpr int SLICE = 8 * THREADS;

struct Update {
  const Architecture& architecture;
  const Step& step;

  /** Entry i of a gradient that lies in chunks. */
  __device__ float total(const float* chunks, int count, int i) const {
    float sum = 0;
    for (int chunk = 0; chunk < count; chunk++) {
      sum += chunks[static_cast<size_t>(chunk) * architecture.parameters + i];
    }
    return sum;
  }

  /** Metric D of the look-ahead (SPEC 4.3). */
  __device__ float metric(int i) const {
    if (!step.adamMetric) {
      return 1;
    }
    float root = sqrtf(step.secondMoment[i]) * step.metricRootScale;
    float value = step.metricScale / (root + step.epsilon);
    return value > step.metricCap ? step.metricCap : value;
  }

  __device__ void lookAhead(int i) const {
    step.ahead[i] = step.parameters[i]
                    - step.learningRate * metric(i) * total(step.trainGradient, step.trainChunks, i);
  }

  __device__ void turn(int i) const {
    step.direction[i] = total(step.metaGradient, step.metaChunks, i) * metric(i);
  }

  /** Adds up a slice of the lower level's gradient; its squares decide whether it is usable. */
  __device__ void addUp(int slice) const {
    double squares = 0;
    int end = min(architecture.parameters, (slice + 1) * SLICE);
    for (int i = slice * SLICE + threadIdx.x; i < end; i += THREADS) {
      float g = total(step.trainGradient, step.trainChunks, i)
                + total(step.anchorGradient, step.anchorChunks, i);
      step.gradient[i] = g;
      squares += static_cast<double>(g) * g;
      if (i < architecture.statistics && !isFinite(step.statistics[i])) {
        squares += 2.0 * LARGEST_FLOAT;
      }
    }
    squares = blockSum(squares);
    if (threadIdx.x == 0) {
      step.norms[slice] = squares;
    }
  }

  __device__ bool isUsable() const {
    const double* norms = step.norms;
    int slices = (architecture.parameters + SLICE - 1) / SLICE;
    return blockSumOf(slices, [=](int slice) { return norms[slice]; }) < LARGEST_FLOAT;
  }

  __device__ void adam(int slice) const {
    if (!isUsable()) {
      return;
    }
    int end = min(architecture.parameters, (slice + 1) * SLICE);
    for (int i = slice * SLICE + threadIdx.x; i < end; i += THREADS) {
      float g = step.gradient[i];
      float m = step.beta1 * step.firstMoment[i] + (1 - step.beta1) * g;
      float v = step.beta2 * step.secondMoment[i] + (1 - step.beta2) * g * g;
      step.firstMoment[i] = m;
      step.secondMoment[i] = v;
      step.parameters[i] = step.parameters[i] * step.keep
                           - step.rate * m / (sqrtf(v) * step.rootScale + step.epsilon);
    }
  }

  /** Shrinks the input factors of one concept jointly. */
  __device__ void shrink(int c) const {
    const Architecture& a = architecture;
    double squares = 0;
    for (int k = 1; k <= a.order; k++) {
      for (int r = 0; r < k * a.rank; r++) {
        double value = step.parameters[a.inputAt[k - 1] + r * a.concepts + c];
        squares += value * value;
      }
    }
    double norm = sqrt(squares);
    double size = sqrt(a.rank * a.order * (a.order + 1) / 2.0);
    double left = 1 - step.threshold * size / (norm < 1e-30 ? 1e-30 : norm);
    float scale = left < 0 ? 0 : static_cast<float>(left);
    for (int k = 1; k <= a.order; k++) {
      for (int r = 0; r < k * a.rank; r++) {
        step.parameters[a.inputAt[k - 1] + r * a.concepts + c] *= scale;
      }
    }
  }

  __device__ void moveConceptMean(int c) const {
    const float* z = step.concepts + static_cast<size_t>(c) * step.stride;
    double sum = blockSumOf(step.n, [=](int e) { return static_cast<double>(z[e]); });
    if (threadIdx.x == 0) {
      step.conceptMeans[c] = step.conceptKeep * step.conceptMeans[c]
                             + (1 - step.conceptKeep) * static_cast<float>(sum / step.n);
    }
  }

  /** A step whose gradient is not finite leaves nothing behind. */
  __device__ void undo() const {
    for (int i = threadIdx.x; i < architecture.statistics; i += THREADS) {
      step.statistics[i] = step.statisticsBefore[i];
    }
    bool moved = step.steered && step.report[3] != 0;
    for (int i = threadIdx.x; moved && i < step.thetaSize; i += THREADS) {
      step.theta[i] = step.thetaBefore[i];
      step.thetaFirstMoment[i] = step.thetaBefore[step.thetaSize + i];
      step.thetaSecondMoment[i] = step.thetaBefore[2 * step.thetaSize + i];
    }
  }

  /** The lower level's objective before the step. */
  __device__ double objective() const {
    const Architecture& a = architecture;
    double sum = blockSumOf(step.n, [=](int e) {
      float weight = step.steered ? step.weights[e] : 1.0f / step.n;
      return static_cast<double>(weight) * step.losses[e];
    });
    double squares = 0;
    for (int c = 0; c < a.concepts; c++) {
      const float* z = step.concepts + static_cast<size_t>(c) * step.stride;
      squares += blockSumOf(step.n, [=](int e) { return static_cast<double>(z[e]) * z[e]; });
    }
    sum += step.penalty * squares / (static_cast<double>(a.concepts) * step.n);
    if (step.anchorEvents > 0) {
      sum += step.anchor * mean(step.anchorLosses, step.anchorEvents);
    }
    return sum;
  }

  __device__ double mean(const float* losses, int n) const {
    return blockSumOf(n, [=](int e) { return static_cast<double>(losses[e]); }) / n;
  }

  /** All that is left, and the report. */
  __device__ void finish() const {
    const Architecture& a = architecture;
    bool usable = isUsable();
    double value = objective();
    double metaLoss = step.steered ? mean(step.metaLosses, step.metaEvents) : 0;
    if (usable) {
      for (int c = threadIdx.x; step.threshold > 0 && c < a.concepts; c += THREADS) {
        shrink(c);
      }
      for (int c = 0; c < a.concepts; c++) {
        moveConceptMean(c);
      }
    } else {
      undo();
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      step.report[0] = static_cast<float>(value);
      step.report[1] = static_cast<float>(metaLoss);
      step.report[2] = usable ? 1.0f : 0.0f;
    }
    int polynomial = a.parameters - a.constAt;
    for (int i = threadIdx.x; i < polynomial; i += THREADS) {
      step.report[4 + i] = step.parameters[a.constAt + i];
    }
    for (int c = threadIdx.x; c < a.concepts; c += THREADS) {
      step.report[4 + polynomial + c] = step.conceptMeans[c];
    }
  }
};
