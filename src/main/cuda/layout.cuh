// What the host lays out and the kernels read. The twins in Java are ArchitectureTable, PassTable and
// StepTable; CudaLayoutTest compares every offset.
#pragma once

constexpr int MAX_LAYERS = 8;
constexpr int MAX_ORDER = 3;

enum Normalisation { NONE = 0, RUNNING = 1, BATCH = 2 };

/** Where normalisation takes its statistics from, and whether the pass changes them. */
enum Mode { PREDICT = 0, TRAIN = 1, FOLD = 2 };

/**
 * Sizes and offsets of one architecture. Offsets named At are into the flat parameters or statistics,
 * rows are of the activation matrix [rows x stride]. Behind it lie, for each concept, four ints: offsets
 * of its first weights and bias, its first entry in the list of features, and its number of features;
 * then that list.
 */
struct Architecture {
  int features, outputs, concepts, layers, order, rank, exu, normalisation;
  int parameters, statistics, countAt, channels, widest;
  float momentum, epsilon, slope, expansionPoint;
  int width[MAX_LAYERS], channelAt[MAX_LAYERS];
  int weightAt[MAX_LAYERS + 1], biasAt[MAX_LAYERS + 1];
  int gammaAt[MAX_LAYERS], betaAt[MAX_LAYERS], meanAt[MAX_LAYERS], varianceAt[MAX_LAYERS];
  int constAt, outputAt[MAX_ORDER], inputAt[MAX_ORDER], coreAt[MAX_ORDER];
  int normalisedRow[MAX_LAYERS], activeRow[MAX_LAYERS];
  int gateRow, evenRow, oddRow;
  int conceptRow, logitRow, outputRow, conceptGradientRow, outputGradientRow;
  int projectionRow[MAX_ORDER], coreRow[MAX_ORDER], kroneckerRow[MAX_ORDER * MAX_ORDER];
  int projectionScratchRow, coreScratchRow, kroneckerScratchRow[MAX_ORDER];
};

/**
 * One pass over one mini-batch of n events. Events are cut into chunks of chunkSize, the last one
 * shorter; each chunk has its own gradient [parameters], one after the other.
 */
struct Pass {
  const float* parameters;
  const float* direction;    // tangent of the parameters
  float* statistics;
  float* statisticsBefore;   // receives what a moved statistic was
  const float* x;            // [features x n]
  const float* y;            // [n], or null
  const float* weights;      // [n], or null for the same weight everywhere
  const float* masks;        // by layer [concepts x width x n], 0 or 1/(1 - dropout); or null
  float* activations;        // [rows x stride]
  float* batchStatistics;    // means [channels], then variances; batch normalisation only
  float* gradient;           // [chunks x parameters]
  float* losses;             // [n]
  float* alignments;         // [n]
  int n, stride, chunks, chunkSize;
  int mode, moves, counts;   // moves: running statistics of batch normalisation; counts: the batch
  float weight, penalty;
};

/** The rest of one training step. */
struct Step {
  float* parameters;
  float* firstMoment;
  float* secondMoment;
  float* statistics;
  const float* statisticsBefore;
  float* conceptMeans;
  float* theta;              // of the weight net, as is its moments
  float* thetaFirstMoment;
  float* thetaSecondMoment;
  float* thetaBefore;        // [3 x thetaSize]
  const float* trainGradient;   // [trainChunks x parameters]
  const float* metaGradient;
  const float* anchorGradient;
  float* ahead;              // [parameters], as are the next two
  float* direction;
  float* gradient;
  double* norms;             // [blocks of the total gradient]
  const float* losses;       // [n], as is y
  const float* y;
  const float* concepts;     // [concepts x stride]
  const float* metaLosses;
  const float* anchorLosses;
  float* netInputs;          // [inputs x n]
  float* netGradients;       // [hidden x n], at the hidden units
  float* rawGradient;        // [n]
  float* raw;                // [n], as are weights and alignments
  float* weights;
  const float* alignments;
  float* hypergradient;      // [thetaSize]
  float* report;             // objective, meta loss, applied, weight net moved; polynomial; concept means
  int n, stride, metaEvents, anchorEvents, trainChunks, metaChunks, anchorChunks;
  int steered, hidden, inputs, standardisedLoss, seesLabel, seesConcepts, weightNormalisation;
  int thetaSize, adamMetric;
  float learningRate, rate, rootScale, keep, beta1, beta2, epsilon;
  float metricScale, metricRootScale, metricCap;
  float threshold, anchor, penalty, conceptKeep, clip, winsor;
  float netRate, netRootScale, netKeep, netBeta1, netBeta2, netEpsilon;
};
